/** The program in a real pseudo-terminal: the first run from an empty folder, hidden questions, Ctrl-C. */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Conversation, freshFolder, noTerminal } from './command-line.ts';

const folder = freshFolder();
after(folder.remove);
const skip = noTerminal();

let folders = 0;
function emptyFolder(): string {
  folders += 1;
  const path = join(folder.path, `case-${folders}`);
  mkdirSync(path);
  return path;
}

/** Nothing answers at these addresses: each answer is kept nevertheless, whatever its test says. */
async function answerAll(talk: Conversation): Promise<void> {
  await talk.answer('ldap.base.url', 'ldap://127.0.0.1:9');
  await keep(talk);
  await talk.answer('ldap.baseDn', 'OU=UDS,OU=Users,dc=example,dc=myco,dc=com');
  await talk.answer('ldap.bind.user', 'CORP\\reader');
  await talk.answer('ldap.bind.password', 'bind secret');
  await talk.answer('ldap.bind.password (again)', 'bind secret');
  await keep(talk, 2);
  await talk.answer('scim.baseurl', 'https://127.0.0.1:9/scim/v2');
  await keep(talk);
  await talk.answer('scim.username', 'provider_id@cloud.code42.com');
  await talk.answer('scim.password', 'scim secret');
  await talk.answer('scim.password (again)', 'scim secret');
  await keep(talk, 2);
}

/** @param suspects the answers that the test leads back to; keeping them is the way after those. */
async function keep(talk: Conversation, suspects = 1): Promise<void> {
  await talk.expect('FAILED: ');
  await talk.expect('What now?');
  talk.send(`${'\u001b[B'.repeat(suspects)}\r`);
}

describe('the first run', { skip }, () => {
  test("asks in the article's order and prints its lines, in their shape", async () => {
    const cwd = emptyFolder();
    const talk = new Conversation([], { cwd });
    await answerAll(talk);
    const { exitCode, screen } = await talk.end();
    assert.equal(exitCode, 0, screen);
    const config = join(cwd, 'config.properties');
    for (const line of [
      '[INFO    main] Writing configuration properties to config.properties',
      `[INFO    main] Creating new config file: ${config}`,
      `[INFO    main] Created default script for SCRIPT_ACTIVE_FILE in file ${join(cwd, 'activescript.js')}`,
      `[INFO    main] Created default script for SCRIPT_ORG_FILE in file ${join(cwd, 'orgscript.js')}`,
      `[INFO    main] Created default script for SCRIPT_ROLE_FILE in file ${join(cwd, 'rolescript.js')}`,
    ]) {
      assert.ok(screen.includes(`\n${line}\n`), `${line}\n--- is missing in:\n${screen}`);
    }
    assert.match(screen, /Next: edit the three scripts/);
    assert.ok(!screen.includes('bind secret') && !screen.includes('scim secret'), screen);

    const text = readFileSync(config, 'utf8');
    assert.match(text, /^ldap\.baseurl=ldap\\?:\/\/127\.0\.0\.1\\?:9$/m);
    assert.match(text, /^ldap\.bind\.user=CORP\\\\reader$/m);
    assert.match(text, /^ldap\.bind\.password=ENC\(/m);
    assert.match(text, /^scim\.password=ENC\(/m);
    assert.ok(!text.includes('bind secret') && !text.includes('scim secret'), text);
    assert.equal(statSync(config).mode & 0o777, 0o600);
  });

  test('puts state and logs where the surroundings want them', async () => {
    const cwd = emptyFolder();
    const env = { STATE_DIRECTORY: '/var/lib/c42uds', LOGS_DIRECTORY: join(cwd, 'elsewhere') };
    const talk = new Conversation([], { cwd, env });
    await answerAll(talk);
    assert.equal((await talk.end()).exitCode, 0);
    const text = readFileSync(join(cwd, 'config.properties'), 'utf8');
    assert.match(text, /^state\.location=\/var\/lib\/c42uds\/state\.db$/m);
    assert.ok(text.includes(`\nlog.location=${join(cwd, 'elsewhere')}\n`), text);
  });

  test('asks again where two passwords differ or an answer cannot be right', async () => {
    const cwd = emptyFolder();
    const talk = new Conversation([], { cwd });
    await talk.expect('ldap.base.url');
    talk.send('http://wrong\r');
    await talk.expect('ldap://HOST');
    talk.send('\u0015ldap://127.0.0.1:9\r');
    await keep(talk);
    await talk.expect('ldap.baseDn');
    talk.send('\r');
    await talk.expect('An answer is needed.');
    talk.send('dc=example\r');
    await talk.answer('ldap.bind.user', 'cn=reader');
    await talk.answer('ldap.bind.password', 'one');
    await talk.answer('ldap.bind.password (again)', 'two');
    await talk.expect('The two differ');
    talk.send('three\r');
    await talk.answer('ldap.bind.password (again)', 'three');
    await keep(talk, 2);
    await talk.expect('scim.baseurl');
    talk.send('\u0003');
    const { exitCode, screen } = await talk.end();
    assert.equal(exitCode, 130, screen);
    assert.deepEqual(readdirSync(cwd), []);
  });

  test('Ctrl-C at a hidden question leaves nothing behind', async () => {
    const cwd = emptyFolder();
    const talk = new Conversation([], { cwd });
    await talk.answer('ldap.base.url', 'ldaps://127.0.0.1:9');
    await keep(talk);
    await talk.answer('ldap.baseDn', 'dc=example,dc=com');
    await talk.answer('ldap.bind.user', 'cn=reader');
    await talk.expect('ldap.bind.password');
    talk.send('half\u0003');
    const { exitCode, screen } = await talk.end();
    assert.equal(exitCode, 130, screen);
    assert.match(screen, /Nothing was written/);
    assert.deepEqual(readdirSync(cwd), []);
  });

  test('keeps scripts that are already there', async () => {
    const cwd = emptyFolder();
    writeFileSync(join(cwd, 'orgscript.js'), '// mine');
    const talk = new Conversation([], { cwd });
    await answerAll(talk);
    const { exitCode, screen } = await talk.end();
    assert.equal(exitCode, 0, screen);
    assert.ok(screen.includes(`Kept the script for SCRIPT_ORG_FILE that is already there`), screen);
    assert.equal(readFileSync(join(cwd, 'orgscript.js'), 'utf8'), '// mine');
    assert.deepEqual(
      readdirSync(cwd).filter((name) => name.endsWith('.js')),
      ['activescript.js', 'orgscript.js', 'rolescript.js'],
    );
  });

  test('a live run without a configuration asks nothing', async () => {
    const cwd = emptyFolder();
    const { exitCode, screen } = await new Conversation(['--sync-now'], { cwd }).end();
    assert.equal(exitCode, 2);
    assert.match(screen, /There is no configuration at/);
  });
});

describe('a password command', { skip }, () => {
  test('asks once, hidden, and stores what was typed', async () => {
    const cwd = emptyFolder();
    const lines = [
      'ldap.baseurl=ldap://127.0.0.1:9',
      'ldap.baseDn=dc=x',
      'ldap.max.attempts=1',
      'ldap.bind.user=cn=r',
    ];
    const service = ['scim.baseurl=http://127.0.0.1:9', 'scim.max.attempts=1', 'scim.username=u'];
    writeFileSync(join(cwd, 'config.properties'), [...lines, ...service, ''].join('\n'), { mode: 0o600 });
    const talk = new Conversation(['--ldap-bind-password'], { cwd });
    await talk.answer('ldap.bind.password', 'typed secret');
    const { exitCode, screen } = await talk.end();
    assert.equal(exitCode, 4, screen);
    assert.ok(!screen.includes('typed secret'), screen);
    assert.equal(screen.split('✔ ldap.bind.password').length, 2, screen);
    assert.match(readFileSync(join(cwd, 'config.properties'), 'utf8'), /^ldap\.bind\.password=ENC\(/m);
  });
});
