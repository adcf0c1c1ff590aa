/** The set-up in a real pseudo-terminal, against OpenLDAP and the demo service: from an empty folder to a live run. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startServiceProcess, type ServiceProcess } from '../servers/service-process.ts';
import { slapdSkip, startSlapd, type Slapd } from '../servers/slapd.ts';
import { Conversation, freshFolder, noTerminal, runProgram } from './command-line.ts';

const DOWN = '\u001b[B';
const ERASE = '\u0015';
const skip = slapdSkip() || noTerminal();

describe('the set-up', { skip }, () => {
  const folder = freshFolder();
  let slapd: Slapd;
  let service: ServiceProcess;
  let folders = 0;

  before(async () => {
    [slapd, service] = await Promise.all([startSlapd({ users: 12 }), startServiceProcess()]);
  });
  after(async () => {
    await service?.stop();
    await slapd?.stop();
    folder.remove();
  });

  function emptyFolder(): string {
    folders += 1;
    const path = join(folder.path, `set-up-${folders}`);
    mkdirSync(path);
    return path;
  }

  async function answerSecret(talk: Conversation, name: string, secret: string): Promise<void> {
    await talk.answer(name, secret);
    await talk.answer(`${name} (again)`, secret);
  }

  async function answerService(talk: Conversation): Promise<void> {
    await talk.answer('scim.baseurl', service.baseUrl);
    await talk.expect('OK: At http');
    await talk.answer('scim.username', service.username);
    await answerSecret(talk, 'scim.password', service.password);
    await talk.expect('OK: The credentials were accepted; it has');
  }

  it('leads from an empty folder to the first live run', async () => {
    const cwd = emptyFolder();
    const talk = new Conversation([], { cwd });
    await talk.answer('ldap.base.url', slapd.url);
    await talk.expect(`OK: ${slapd.url} answers`);
    await talk.expect('It holds dc=example,dc=com');
    // What the server holds is offered: Enter takes it.
    await talk.expect('ldap.baseDn');
    await talk.expect('dc=example,dc=com');
    talk.send('\r');
    await talk.answer('ldap.bind.user', slapd.readerDn);
    await answerSecret(talk, 'ldap.bind.password', slapd.readerPassword);
    await talk.expect('OK: The bind was accepted (OPENLDAP), and dc=example,dc=com is there.');
    await talk.expect('OK: 12 users by (objectClass=inetOrgPerson)');
    await answerService(talk);
    await talk.expect('It says that it supports PATCH, filters');
    const { exitCode, screen } = await talk.end();
    assert.equal(exitCode, 0, screen);
    assert.ok(!screen.includes(slapd.readerPassword) && !screen.includes(service.password), screen);
    assert.match(screen, /The first 5 users of the directory, and what the scripts say of them:/);
    assert.match(screen, /^ {2}userName +active +org +roles$/m);
    assert.equal(screen.match(/^ {2}u00\d+@example\.com +false +none +none$/gm)?.length, 5, screen);
    assert.match(screen, /None of them is active by activescript\.js/);
    assert.match(screen, /Next: edit the three scripts/);
    assert.match(screen, /Then run c42uds:/);

    writeFileSync(join(cwd, 'activescript.js'), 'function (entry) { return true; }');
    const dry = await runProgram([], { cwd });
    assert.equal(dry.exitCode, 0, dry.stderr);
    assert.match(dry.stdout, /12 to create; dry run/);
    const live = await runProgram(['--sync-now'], { cwd });
    assert.equal(live.exitCode, 0, live.stderr);
    assert.match(live.stdout, /synchronized, 12 created/);
    assert.equal((await service.summary()).users.length, 12);

    // Once more: Enter keeps every value, the passwords too, and the scripts say what they say now.
    const configuration = readFileSync(join(cwd, 'config.properties'), 'utf8');
    const again = new Conversation(['setup'], { cwd });
    for (const question of ['ldap.base.url', 'ldap.baseDn', 'ldap.bind.user', 'ldap.bind.password']) {
      await again.answer(question, '');
    }
    await again.expect('OK: 12 users');
    for (const question of ['scim.baseurl', 'scim.username', 'scim.password'])
      await again.answer(question, '');
    await again.expect('OK: The credentials were accepted; it has 12 users.');
    const second = await again.end();
    assert.equal(second.exitCode, 0, second.screen);
    assert.equal(
      second.screen.match(/^ {2}u00\d+@example\.com +true +none +none$/gm)?.length,
      5,
      second.screen,
    );
    assert.equal(readFileSync(join(cwd, 'config.properties'), 'utf8'), configuration);
  });

  it('says what is wrong with an answer, and asks again for that one alone', async () => {
    const cwd = emptyFolder();
    const talk = new Conversation(['setup'], { cwd });
    await talk.answer('ldap.base.url', 'ldap://127.0.0.1:9');
    await talk.expect('FAILED: Unable to contact LDAP source at ldap://127.0.0.1:9');
    await talk.expect('What now?');
    talk.send('\r');
    await talk.expect('ldap.base.url (');
    talk.send(`${slapd.url}\r`);
    await talk.expect('OK: ');

    await talk.answer('ldap.baseDn', 'ou=Nowhere,dc=example,dc=com');
    await talk.answer('ldap.bind.user', slapd.readerDn);
    await answerSecret(talk, 'ldap.bind.password', 'not-the-password');
    await talk.expect('FAILED: Unable to contact LDAP source');
    await talk.expect('result code 49');
    await talk.expect('What now?');
    talk.send('\r');
    await talk.answer('ldap.bind.user (', '');
    await answerSecret(talk, 'ldap.bind.password', slapd.readerPassword);
    await talk.expect('FAILED: The search base ldap.baseDn "ou=Nowhere,dc=example,dc=com" cannot be read');
    await talk.expect('What now?');
    talk.send('\r');
    await talk.expect('ldap.baseDn (');
    talk.send(`ou=People,dc=example,dc=com\r`);
    await talk.expect('OK: 12 users');

    await talk.answer('scim.baseurl', `${service.baseUrl}/nowhere`);
    await talk.expect('a service answers and wants credentials');
    await talk.answer('scim.username', service.username);
    await answerSecret(talk, 'scim.password', service.password);
    await talk.expect('FAILED: There is no SCIM service at');
    // A wrong path wants credentials as the right one does: it shows only now, and is what is asked for again.
    await talk.expect('What now?');
    talk.send('\r');
    await talk.expect('scim.baseurl (');
    talk.send(`${service.baseUrl}/neither\r`);
    await talk.expect(`FAILED: There is no SCIM service at ${service.baseUrl}/neither`);
    // Kept nevertheless: the third of four.
    await talk.expect('What now?');
    talk.send(`${DOWN}${DOWN}\r`);
    const { exitCode, screen } = await talk.end();
    assert.equal(exitCode, 0, screen);
    assert.match(screen, /Not every answer has passed its test: c42uds setup asks again/);
    const text = readFileSync(join(cwd, 'config.properties'), 'utf8');
    assert.match(text, /^ldap\.baseDn=ou\\?=People/m);
    assert.match(text, /neither$/m);
    assert.ok(!screen.includes(slapd.readerPassword) && !screen.includes('not-the-password'), screen);
  });

  it('refused credentials lead back to the address as well: a wrong one refuses them, too', async () => {
    const cwd = emptyFolder();
    const elsewhere = await startServiceProcess();
    try {
      const talk = new Conversation(['setup'], { cwd });
      await talk.answer('ldap.base.url', slapd.url);
      await talk.answer('ldap.baseDn', '');
      await talk.answer('ldap.bind.user', slapd.readerDn);
      await answerSecret(talk, 'ldap.bind.password', 'not-the-password');
      await talk.expect('result code 49');
      await talk.expect('Answer again: ldap.bind.user, ldap.bind.password');
      await talk.expect('Answer again: ldap.base.url');
      assert.doesNotMatch(talk.screen, /c42uds --ldap-bind-password/, 'a command for what is not there yet');
      talk.send(`${DOWN}\r`);
      await talk.answer('ldap.base.url (', '');
      await talk.expect(`OK: ${slapd.url} answers`);
      await talk.expect('FAILED: Unable to contact');
      await talk.expect('What now?');
      talk.send('\r');
      await talk.answer('ldap.bind.user (', '');
      await answerSecret(talk, 'ldap.bind.password', slapd.readerPassword);
      await talk.expect('OK: 12 users');

      await talk.answer('scim.baseurl', elsewhere.baseUrl);
      await talk.answer('scim.username', 'somebody@cloud.example.com');
      await answerSecret(talk, 'scim.password', service.password);
      await talk.expect('refused the credentials');
      await talk.expect('Answer again: scim.username, scim.password');
      talk.send(`${DOWN}\r`);
      await talk.expect('scim.baseurl (');
      talk.send(`${ERASE}\b${service.baseUrl}\r`);
      await talk.expect(`The SCIM service ${service.baseUrl} refused the credentials of somebody`);
      await talk.expect('What now?');
      talk.send('\r');
      await talk.expect('scim.username (');
      talk.send(`${ERASE}\b${service.username}\r`);
      await answerSecret(talk, 'scim.password', service.password);
      await talk.expect('OK: The credentials were accepted');
      const { exitCode, screen } = await talk.end();
      assert.equal(exitCode, 0, screen);
      assert.ok(!screen.includes('Not every answer has passed'), screen);
    } finally {
      await elsewhere.stop();
    }
  });

  it('shows an unknown certificate, and trusts its authority when told to', async () => {
    const cwd = emptyFolder();
    const talk = new Conversation([], { cwd });
    await talk.answer('ldap.base.url', slapd.tlsUrl);
    await talk.expect('FAILED: Unable to contact LDAP source');
    await talk.expect('SHA-256 ');
    await talk.expect('Compare the fingerprint');
    await talk.expect('What now?');
    talk.send(`${DOWN}\r`);
    await talk.expect(`OK: ${slapd.tlsUrl} answers; encrypted, its certificate is good until 20`);
    await talk.answer('ldap.baseDn', '');
    await talk.answer('ldap.bind.user', slapd.readerDn);
    await answerSecret(talk, 'ldap.bind.password', slapd.readerPassword);
    await talk.expect('OK: 12 users');
    await answerService(talk);
    const { exitCode, screen } = await talk.end();
    assert.equal(exitCode, 0, screen);
    const [file = ''] = readdirSync(cwd).filter((name) => name.endsWith('.pem'));
    assert.match(file, /^ldap-ca-[0-9a-f]{8}\.pem$/);
    assert.match(
      readFileSync(join(cwd, 'config.properties'), 'utf8'),
      new RegExp(`^ldap\\.connection\\.ca\\.file=${file}$`, 'm'),
    );
    writeFileSync(join(cwd, 'activescript.js'), 'function (entry) { return true; }');
    assert.equal((await runProgram([], { cwd })).exitCode, 0);
  });

  it('stopped, keeps the answers for the next time and writes no configuration', async () => {
    const cwd = emptyFolder();
    const talk = new Conversation([], { cwd });
    await talk.answer('ldap.base.url', slapd.url);
    await talk.answer('ldap.baseDn', '');
    await talk.answer('ldap.bind.user', slapd.readerDn);
    await answerSecret(talk, 'ldap.bind.password', slapd.readerPassword);
    await talk.answer('scim.baseurl', 'http://127.0.0.1:9/scim/v2');
    await talk.expect('FAILED: The SCIM service at http://127.0.0.1:9 cannot be reached');
    await talk.expect('What now?');
    talk.send(`${DOWN}${DOWN}\r`);
    const stopped = await talk.end();
    assert.equal(stopped.exitCode, 130, stopped.screen);
    assert.match(stopped.screen, /The answers are kept in .*config\.properties\.unfinished/);
    const draft = join(cwd, 'config.properties.unfinished');
    assert.equal(statSync(draft).mode & 0o777, 0o600);
    assert.match(readFileSync(draft, 'utf8'), /^ldap\.bind\.password=ENC\(/m);
    assert.equal(existsSync(join(cwd, 'config.properties')), false);

    const again = new Conversation(['setup'], { cwd });
    for (const question of ['ldap.base.url', 'ldap.baseDn', 'ldap.bind.user', 'ldap.bind.password']) {
      await again.answer(question, '');
    }
    await again.expect('scim.baseurl');
    again.send(`${ERASE}\b${service.baseUrl}\r`);
    await again.expect('OK: At http');
    await again.answer('scim.username', service.username);
    await answerSecret(again, 'scim.password', service.password);
    const { exitCode, screen } = await again.end();
    assert.equal(exitCode, 0, screen);
    assert.equal(existsSync(draft), false);
    writeFileSync(join(cwd, 'activescript.js'), 'function (entry) { return true; }');
    assert.equal((await runProgram([], { cwd })).exitCode, 0);
  });

  it('offers another name for users without mail, and keeps what is where a configuration is there', async () => {
    const dn = 'uid=intern,ou=People,dc=example,dc=com';
    await slapd.modify(`dn: ${dn}\nobjectClass: inetOrgPerson\nuid: intern\ncn: Intern\nsn: Intern\n\n`);
    const cwd = emptyFolder();
    const talk = new Conversation([], { cwd });
    await talk.answer('ldap.base.url', slapd.url);
    await talk.answer('ldap.baseDn', '');
    await talk.answer('ldap.bind.user', slapd.readerDn);
    await answerSecret(talk, 'ldap.bind.password', slapd.readerPassword);
    await talk.expect('1 of 13 users has uid, but no mail, which is the userName.');
    // A name that is no address is not what Enter alone chooses.
    await talk.expect('Name them by uid, which is not always an e-mail address');
    talk.send(`${DOWN}\r`);
    await answerService(talk);
    assert.equal((await talk.end()).exitCode, 0);
    const properties = join(cwd, 'config.properties');
    assert.match(readFileSync(properties, 'utf8'), /^ldap\.attrib\.userName=mail,uid$/m);
    writeFileSync(join(cwd, 'activescript.js'), 'function (entry) { return true; }');
    const dry = await runProgram([], { cwd });
    assert.equal(dry.exitCode, 0, dry.stderr);
    assert.match(dry.stdout, /^create +intern +true/m);

    // Decided already: not asked again. Never decided, in a configuration that is there: Enter leaves it as it is.
    for (const decided of [true, false]) {
      if (!decided)
        writeFileSync(
          properties,
          readFileSync(properties, 'utf8').replace(/^ldap\.attrib\.userName=.*$/m, ''),
        );
      const again = new Conversation(['setup'], { cwd });
      for (const question of ['ldap.base.url', 'ldap.baseDn', 'ldap.bind.user', 'ldap.bind.password'])
        await again.answer(question, '');
      if (!decided) {
        await again.expect('has uid, but no mail, which is the userName.');
        again.send('\r');
      }
      for (const question of ['scim.baseurl', 'scim.username', 'scim.password'])
        await again.answer(question, '');
      const { exitCode, screen } = await again.end();
      assert.equal(exitCode, 0, screen);
      const order = decided ? 'mail,uid' : 'mail';
      assert.match(readFileSync(properties, 'utf8'), new RegExp(`^ldap\\.attrib\\.userName=${order}$`, 'm'));
    }
    await slapd.modify(`dn: ${dn}\nchangetype: delete\n\n`);
  });

  it('Ctrl-C after an authority was trusted leaves nothing behind', async () => {
    const cwd = emptyFolder();
    const talk = new Conversation([], { cwd });
    await talk.answer('ldap.base.url', slapd.tlsUrl);
    await talk.expect('What now?');
    talk.send(`${DOWN}\r`);
    await talk.expect('ldap.baseDn');
    talk.send('\u0003');
    assert.equal((await talk.end()).exitCode, 130);
    assert.deepEqual(readdirSync(cwd), []);
  });

  it('Ctrl-C, or the end of the input, leaves the configuration as it was and says so', async () => {
    const cwd = emptyFolder();
    const path = join(cwd, 'config.properties');
    const before = `ldap.baseurl=${slapd.url}\nldap.baseDn=dc=example,dc=com\n`;
    writeFileSync(path, before, { mode: 0o600 });
    for (const [key, code] of [
      ['\u0003', 130],
      ['\u0004', 130],
    ] as const) {
      const talk = new Conversation(['setup'], { cwd });
      await talk.answer('ldap.base.url', '');
      await talk.expect('ldap.baseDn');
      talk.send(key);
      const { exitCode, screen } = await talk.end();
      assert.equal(exitCode, code, screen);
      assert.match(screen.replace(/\s+/g, ' '), /Nothing was written: .*config\.properties is as it was/);
      assert.equal(readFileSync(path, 'utf8'), before);
    }
  });

  it('without a terminal says so', async () => {
    const ran = await runProgram(['setup'], { cwd: emptyFolder() });
    assert.equal(ran.exitCode, 2);
    assert.match(ran.stderr, /there is no terminal to ask them on/);
  });
});
