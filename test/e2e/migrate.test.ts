import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { loadSettings } from '../../src/config/settings.ts';
import { makeCompany } from '../../src/demo/company.ts';
import { startDemoDirectory, type DemoDirectory } from '../../src/demo/ldap-server.ts';
import { startServiceProcess, type ServiceProcess } from '../servers/service-process.ts';
import { Conversation, noTerminal, runProgram } from './command-line.ts';
import { assertExit } from './installation.ts';

const BIND = { bindDn: 'CN=reader,DC=example,DC=com', bindPassword: 'pw-of-the-reader' };

/** Every file below a folder with its bytes and time of change. */
function snapshot(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    files.map((file) => {
      const path = join(file.parentPath, file.name);
      const { mtimeMs, mode } = statSync(path);
      const bytes = file.isFile() ? readFileSync(path, 'base64') : '';
      return [path, `${mtimeMs} ${mode} ${bytes}`];
    }),
  );
}

function setWritable(folder: string, writable: boolean): void {
  const below = readdirSync(folder, { recursive: true, withFileTypes: true });
  for (const one of below) {
    chmodSync(join(one.parentPath, one.name), (one.isFile() ? 0o444 : 0o555) | (writable ? 0o200 : 0));
  }
  chmodSync(folder, writable ? 0o755 : 0o555);
}

describe('c42uds migrate', () => {
  const root = mkdtempSync(join(tmpdir(), 'c42uds-migrate-'));
  const original = join(root, 'C42UserDirectorySync-1.0');
  let directory: DemoDirectory;
  let service: ServiceProcess;

  before(async () => {
    const company = makeCompany({ kind: 'ACTIVE_DIRECTORY', size: 20 });
    directory = await startDemoDirectory({ ...BIND, kind: 'ACTIVE_DIRECTORY', entries: company.entries });
    service = await startServiceProcess();
    const escaped = (text: string): string => text.replaceAll(':', '\\:').replaceAll('=', '\\=');
    mkdirSync(join(original, 'bin'), { recursive: true });
    mkdirSync(join(original, 'scripts'));
    mkdirSync(join(original, 'logs'));
    writeFileSync(join(original, 'logs', 'sync.log'), 'old');
    writeFileSync(
      join(original, 'config.properties'),
      [
        '#Fri Mar 01 10:00:00 CET 2019',
        `ldap.base.url=${escaped(directory.url)}`,
        `ldap.baseDn=${escaped(company.peopleBase)}`,
        `ldap.bind.user=${escaped(BIND.bindDn)}`,
        'ldap.bind.password=q8Zk1vX3cGlhbg\\=\\=',
        'ldap.attrib.country.code=co',
        'ldap.paging.size=250',
        'ldap.paging.size=300',
        'log4j.level=DEBUG',
        'missed.user.chek=true',
        `scim.baseurl=${escaped(service.baseUrl)}`,
        `scim.username=${service.username}`,
        'scim.password=AAECAwQFBgcICQ\\=\\=',
        'script.active.location=C\\:\\\\C42UserDirectorySync-1.0\\\\activescript.js',
        'script.org.location=scripts/orgs.js',
        '',
      ].join('\r\n'),
      'latin1',
    );
    writeFileSync(join(original, 'activescript.js'), 'function (entry) { return !entry.mail.isEmpty(); }');
    writeFileSync(
      join(original, 'scripts', 'orgs.js'),
      Buffer.from('function (entry) { return "Z\xfcrich"; }', 'latin1'),
    );
    writeFileSync(join(original, 'rolescript.js'), 'function (entry) {\n  return null;\n}');
    setWritable(original, false);
  });

  after(async () => {
    setWritable(original, true);
    rmSync(root, { recursive: true });
    await service.stop();
    await directory.stop();
  });

  const run = (words: readonly string[]) => runProgram(['migrate', ...words], { cwd: root });

  it('takes over settings and scripts, says what became of each, and leaves the original as it is', async () => {
    const untouched = snapshot(original);
    const done = await run([original, '--to', 'new']);
    assertExit(done, 0);
    for (const line of [
      /ldap\.base\.url +renamed to ldap\.baseurl$/m,
      /ldap\.bind\.password +ignored only the original can decrypt it: set it with c42uds --ldap-bind-password$/m,
      /ldap\.attrib\.country\.code +renamed to ldap\.attrib\.countryCode$/m,
      /ldap\.paging\.size +ignored line 8 sets it again and counts$/m,
      /ldap\.paging\.size +taken$/m,
      /log4j\.level +ignored c42uds has no such property$/m,
      /missed\.user\.chek +ignored c42uds has no such property; if missed\.user\.check is meant, set that$/m,
      /scim\.username +taken$/m,
      /activescript\.js loads\.$/m,
      /Not taken over: bin\/, logs\//,
      /Next: c42uds --ldap-bind-password --config .*new.config\.properties$/m,
      /Next: c42uds --scim-password --config [^\n]*\n[^\n]*Then compare/,
      /Then compare, which writes nothing: c42uds --full-sync --config /,
    ]) {
      assert.match(done.stdout, line);
    }
    assert.match(done.stderr, /orgs\.js: was in Windows-1252 and is written in UTF-8/);
    assert.doesNotMatch(done.stdout + done.stderr, /q8Zk1vX3|AAECAwQF/);
    assert.deepEqual(snapshot(original), untouched);

    const { settings, warnings } = loadSettings(join(root, 'new/config.properties'));
    assert.equal(settings['ldap.baseurl'], directory.url);
    assert.equal(settings['ldap.attrib.countryCode'], 'co');
    assert.equal(settings['ldap.paging.size'], 300);
    assert.equal(settings['script.active.location'], join(root, 'new/activescript.js'));
    assert.equal(settings['script.org.location'], join(root, 'new/scripts/orgs.js'));
    assert.equal(settings['ldap.bind.password'], '');
    assert.deepEqual(
      warnings.filter((text) => /not a property/.test(text)),
      [],
    );
    assert.match(readFileSync(join(root, 'new/scripts/orgs.js'), 'utf8'), /Zürich/);
    assert.equal(statSync(join(root, 'new/config.properties')).mode & 0o077, 0);
  });

  it('makes a folder that runs once the passwords are set', async () => {
    const config = join(root, 'new', 'config.properties');
    const at = (words: readonly string[], input = '') =>
      runProgram([...words, '--config', config], { cwd: root, input });
    assertExit(await at(['--ldap-bind-password'], `${BIND.bindPassword}\n`), 0);
    assertExit(await at(['--scim-password'], `${service.password}\n`), 0);
    const dry = await at(['--full-sync']);
    assertExit(dry, 0);
    assert.match(dry.stdout, /create .* true +Zürich/);
  });

  it('puts state and logs where a service manager wants them, whatever the original says', async () => {
    const loud = join(root, 'loud');
    mkdirSync(loud);
    writeFileSync(join(loud, 'config.properties'), 'ldap.base.url=ldap\\://ad\nlog.location=own-logs\n');
    const [state, logs] = [join(root, 'var lib'), join(root, 'var log')];
    const env = { STATE_DIRECTORY: state, LOGS_DIRECTORY: logs };
    for (const folder of [original, loud]) {
      const to = `${folder}-service`;
      const done = await runProgram(['migrate', folder, '--to', to], { cwd: root, env });
      assert.equal(done.stdout.includes(`log.location  `), folder === loud);
      if (folder === loud) assert.match(done.stdout, /^ {2}log\.location +taken now .*var log$/m);
      const { settings } = loadSettings(join(to, 'config.properties'));
      assert.equal(settings['state.location'], join(state, 'state.db'));
      assert.equal(settings['log.location'], logs);
    }
    const elsewhere = loadSettings(join(root, 'new/config.properties')).settings;
    assert.equal(elsewhere['state.location'], join(root, 'new', 'state.db'));
    assert.equal(elsewhere['log.location'], join(root, 'new', 'logs'));
  });

  it('writes over nothing without being asked, and nothing into the original', async () => {
    const before = snapshot(join(root, 'new'));
    const again = await run([join(original, 'bin'), '--to', 'new']);
    assertExit(again, 2);
    assert.match(
      again.stderr,
      /new holds config\.properties, activescript\.js, scripts\/orgs\.js, rolescript\.js already/,
    );
    assert.deepEqual(snapshot(join(root, 'new')), before);
    for (const inside of [original, join(original, 'new'), join(original, 'bin', '..', 'logs')]) {
      const refused = await run([original, '--to', inside]);
      assertExit(refused, 2);
      assert.match(refused.stderr, /is in the folder of the original/);
    }
    assertExit(await run([original, '--to', 'new', '--overwrite']), 0);
  });

  it('names what is refused and what must be corrected, and ends with 2', async () => {
    const faulty = join(root, 'faulty');
    mkdirSync(faulty);
    writeFileSync(
      join(faulty, 'config.properties'),
      'ldap.baseurl=ldap\\://ad\nldap.paging.size=many\nldap.bind.user=CORP\\admin\n',
    );
    writeFileSync(join(faulty, 'activescript.js'), '// nothing here yet\n');
    writeFileSync(
      join(faulty, 'rolescript.js'),
      'function (entry) {\n  var f = new java.io.File("x");\n  return null;\n}',
    );
    const done = await run([faulty, '--to', 'mended']);
    assertExit(done, 2);
    assert.match(done.stderr, /activescript\.js cannot be used yet: activescript\.js holds no function/);
    assert.match(done.stderr, /rolescript\.js cannot be used yet: rolescript\.js line 2/);
    assert.match(
      done.stderr,
      /orgscript\.js: orgscript\.js is not there: the new folder gets a script that leaves the organization/,
    );
    assert.match(done.stderr, /ldap\.paging\.size: .*many.* is not a whole number/);
    assert.match(done.stderr, /ldap\.bind\.user reads as "CORPadmin"/);
    assert.match(readFileSync(join(root, 'mended/config.properties'), 'utf8'), /^ldap\.paging\.size=many$/m);
    // The scripts are there to be corrected.
    assert.equal(
      readFileSync(join(root, 'mended/rolescript.js'), 'utf8'),
      readFileSync(join(faulty, 'rolescript.js'), 'utf8'),
    );
  });

  it('finds scripts by the end of a path of Windows, and ends with 2 where one is missing', async () => {
    const windows = join(root, 'windows');
    mkdirSync(join(windows, 'Scripts', 'sub'), { recursive: true });
    const active = 'function (entry) { return true; }';
    writeFileSync(join(windows, 'Scripts', 'sub', 'ActiveScript.js'), active);
    writeFileSync(join(windows, 'Scripts', 'orgscript.js'), 'function (entry) { return "below"; }');
    const settings = [
      'script.active.location=C:\\\\C42UserDirectorySync\\\\scripts\\\\sub\\\\activescript.js',
      'script.org.location=scripts\\\\orgscript.js',
    ];
    const write = (lines: readonly string[]): void =>
      writeFileSync(join(windows, 'config.properties'), `${lines.join('\n')}\n`);
    write([...settings, 'script.role.location=D:\\\\elsewhere\\\\rolescript.js']);
    const missing = await run([windows, '--to', 'windows-new']);
    assertExit(missing, 2);
    assert.match(
      missing.stderr,
      /D:\\elsewhere\\rolescript\.js is not there: the new folder gets a script that leaves the roles .* Put the original's script in its place/,
    );
    assert.doesNotMatch(missing.stderr, /activescript\.js is not there|orgscript\.js is not there/i);
    const taken = (path: string): string => readFileSync(join(root, 'windows-new', path), 'utf8');
    assert.equal(taken('Scripts/sub/ActiveScript.js'), active);
    assert.match(taken('Scripts/orgscript.js'), /below/);
    assert.match(taken('config.properties'), /^script\.active\.location=Scripts\/sub\/ActiveScript\.js$/m);
    writeFileSync(join(windows, 'rolescript.js'), 'function (entry) { return null; }');
    const whole = await run([windows, '--to', 'windows-whole']);
    assert.doesNotMatch(whole.stderr, /is not there/);
  });

  it('says where the original is looked for when it is not there', async () => {
    const nowhere = await run([join(root, 'nowhere')]);
    assertExit(nowhere, 2);
    assert.match(nowhere.stderr, /There is no folder .*nowhere/);
    const empty = await run([root]);
    assertExit(empty, 2);
    assert.match(empty.stderr, /There is no config\.properties in /);
    assertExit(await run([]), 2);
    assertExit(await run([original, '--sync-now']), 2);
  });

  it('asks for both passwords and offers a comparison', { skip: noTerminal() }, async () => {
    const talk = new Conversation(['migrate', original, '--to', 'asked'], { cwd: root });
    await talk.answer('ldap.bind.password (not shown', BIND.bindPassword);
    await talk.answer('scim.password (not shown', service.password);
    await talk.answer('Compare now?', 'yes');
    const { exitCode, screen } = await talk.end();
    assert.equal(exitCode, 0, screen);
    assert.match(screen, /Dry run: every user in the search base/);
    assert.doesNotMatch(screen, new RegExp(BIND.bindPassword));
    assert.equal((await service.summary()).writes, 0);
  });
});
