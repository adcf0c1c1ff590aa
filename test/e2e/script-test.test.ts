import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { makeCompany } from '../../src/demo/company.ts';
import { startDemoDirectory, type DemoDirectory } from '../../src/demo/ldap-server.ts';
import { assertExit, Installation, SCRIPTS } from './installation.ts';

const BIND = { bindDn: 'CN=reader,DC=example,DC=com', bindPassword: 'pw-of-the-reader' };
const PHOTO = 'thumbnailPhoto';

describe('c42uds script test', () => {
  let directory: DemoDirectory;
  let installation: Installation;
  let mail: string;
  let dn: string;

  before(async () => {
    const company = makeCompany({ kind: 'ACTIVE_DIRECTORY', size: 30 });
    const person = company.entries.find((entry) => entry.attributes['department'] !== undefined);
    assert.ok(person);
    dn = person.dn;
    mail = [person.attributes['mail']].flat().map(String)[0] ?? '';
    const people = company.entries.filter((entry) => entry.attributes['department'] !== undefined);
    const twins = people.slice(1, 3);
    const entries = company.entries.map((entry) =>
      twins.includes(entry)
        ? { ...entry, attributes: { ...entry.attributes, uid: ['twin'] } }
        : entry === person
          ? {
              ...entry,
              attributes: {
                ...entry.attributes,
                [PHOTO]: ['x'.repeat(2000)],
                unixUserPassword: ['s3cret-hash'],
              },
            }
          : entry,
    );
    directory = await startDemoDirectory({ ...BIND, kind: 'ACTIVE_DIRECTORY', entries });
    installation = new Installation({
      'ldap.baseurl': directory.url,
      'ldap.baseDn': company.peopleBase,
      'ldap.bind.user': BIND.bindDn,
    });
    await installation.run(['--ldap-bind-password'], `${BIND.bindPassword}\n`);
  });

  after(async () => {
    installation.remove();
    await directory.stop();
  });

  it('shows what the scripts say of a user of the directory, by his address, name or DN', async () => {
    installation.writeScripts({ org: 'function (entry) { print("asked"); return entry.department; }' });
    for (const user of [mail, dn]) {
      const shown = await installation.run(['script', 'test', '--user', user]);
      assertExit(shown, 0);
      assert.match(shown.stdout, /^ {2}active true$/m);
      assert.match(
        shown.stdout,
        /^ {2}org {4}".+"\n.*orgscript\.js \d+\.\d\d ms; read department\n.*print orgscript\.js: asked/m,
      );
      assert.match(shown.stdout, /^ {2}roles {2}"Desktop User", "PROe User"$/m);
    }
    const nobody = await installation.run(['script', 'test', '--user', 'nobody*)(x=y']);
    assertExit(nobody, 3);
    assert.match(nobody.stderr, /No user "nobody\*\)\(x=y" was found/);
  });

  it('gives scripts that name memberOfAll the groups of groups, as a run does', async () => {
    const [group, outer] = ['CN=shown,DC=example,DC=com', 'CN=outer,DC=example,DC=com'];
    const objectClass = ['top', 'group'];
    directory.add(group, {
      objectClass,
      objectCategory: 'CN=Group,CN=Schema,CN=Configuration,DC=example,DC=com',
      member: [dn],
    });
    directory.add(outer, {
      objectClass,
      objectCategory: 'CN=Group,CN=Schema,CN=Configuration,DC=example,DC=com',
      member: [group],
    });
    const org = `function (entry) { return String(entry.list("memberOfAll").contains(${JSON.stringify(outer)})); }`;
    installation.writeScripts({ org });
    const shown = await installation.run(['script', 'test', '--user', mail]);
    assertExit(shown, 0);
    assert.match(shown.stdout, /org {4}"true"/);
    installation.writeScripts({ org: 'function (entry) { return entry.department; }' });
  });

  it('says so when a name fits several users', async () => {
    const many = await installation.run(['script', 'test', '--user', 'twin']);
    assertExit(many, 3);
    assert.match(many.stderr, /2 users are called "twin": CN=[^;]+; CN=.*Name one by its DN/);
  });

  it('shows what they say of a made-up entry, and where they fail', async () => {
    writeFileSync(
      installation.path('entry.json'),
      JSON.stringify({ mail: 'x@example.com', department: ['A', 'B'] }),
    );
    const shown = await installation.run(['script', 'test', '--entry', 'entry.json']);
    assertExit(shown, 3);
    assert.match(shown.stdout, /org {4}FAILED orgscript\.js returned a list/);
    assert.match(shown.stdout, /active true/);
    writeFileSync(installation.path('entry.json'), '{ "mail": ');
    const broken = await installation.run(['script', 'test', '--entry', 'entry.json']);
    assertExit(broken, 2);
    assert.match(broken.stderr, /entry\.json is not JSON/);
    const gone = await installation.run(['script', 'test', '--entry', 'gone.json']);
    assertExit(gone, 2);
    assert.match(gone.stderr, /Cannot read .*gone\.json: there is no such file or folder/);
  });

  it('keeps a real user as a case, without what is sensitive or long, for nobody else to read', async () => {
    const saved = await installation.run(['script', 'test', '--user', mail, '--save-case', 'real']);
    assertExit(saved, 0);
    assert.match(saved.stdout, /holds personal data/);
    assert.match(saved.stdout, /ldap\.schema\.attributes\.sensitive says: userPassword, unixUserPassword/);
    assert.match(saved.stdout, /their values are long: thumbnailPhoto/);
    const path = installation.path('cases/real.json');
    assert.equal(statSync(path).mode & 0o077, 0);
    const text = readFileSync(path, 'utf8');
    assert.doesNotMatch(text, /s3cret-hash|thumbnailPhoto/);
    const { cases } = JSON.parse(text) as { cases: { entry: object; expected: object }[] };
    assert.deepEqual(Object.keys(cases[0]?.expected ?? {}), ['active', 'org', 'roles']);
    assertExit(await installation.run(['script', 'test']), 0);

    const again = await installation.run(['script', 'test', '--user', mail, '--save-case', 'real']);
    assertExit(again, 2);
    assert.match(again.stderr, /is there already/);
    assertExit(await installation.run(['script', 'test', '--user', mail, '--save-case', '../evil']), 2);
    assert.deepEqual(readdirSync(installation.path('cases')), ['real.json']);
  });

  it('runs every case and shows expected and real answer of each that fails', async () => {
    writeFileSync(
      installation.path('cases/made.json'),
      JSON.stringify({
        cases: [
          {
            name: 'an employee',
            entry: { department: 'Sales' },
            expected: { org: 'Sales', roles: ['PROe User', 'desktop user'] },
          },
          {
            name: 'a contractor',
            entry: { employeeType: 'Contractor' },
            expected: { active: true, roles: ['Nobody'] },
          },
        ],
      }),
    );
    writeFileSync(
      installation.path('cases/org.json'),
      JSON.stringify({
        kind: 'org',
        cases: [{ name: 'another org', entry: { department: 'IT' }, expected: 'Other' }],
      }),
    );
    writeFileSync(
      installation.path('cases/foreign.json'),
      JSON.stringify({ kind: 'org', script: 'other.js', cases: [{ entry: {}, expected: null }] }),
    );
    const failed = await installation.run(['script', 'test', '--all']);
    assertExit(failed, 3);
    assert.match(
      failed.stdout,
      /FAILED made\.json: a contractor\n {4}roles {2}expected {2}"Nobody"\n +but got {3}none\n +missing {3}"Nobody"\n +by {8}employeeType/,
    );
    assert.match(
      failed.stdout,
      /FAILED org\.json: another org\n {4}org {4}expected {2}"Other"\n +but got {3}"IT"/,
    );
    assert.match(failed.stdout, /^4 cases, 2 FAILED/m);
    assert.match(failed.stderr, /foreign\.json is about other\.js, but the org script here is orgscript\.js/);

    mkdirSync(installation.path('drafts'), { recursive: true });
    writeFileSync(
      installation.path('drafts/orgscript.js'),
      'function (entry) { return entry.department === "IT" ? "Other" : entry.department; }',
    );
    writeFileSync(
      installation.path('drafts/rolescript.js'),
      'function (entry) { return entry.employeeType === "Contractor" ? ["Nobody"] : ["Desktop User", "PROe User"]; }',
    );
    assertExit(await installation.run(['script', 'test', '--draft', 'drafts']), 0);
  });

  it('judges a case at the day that it names, and says of a script that it depends on the time', async () => {
    const active = 'function (entry) { return new Date(entry.until) > new Date(); }';
    const soon = new Date(Date.now() + 12 * 3_600_000).toISOString();
    installation.writeScripts({ ...SCRIPTS, active });
    mkdirSync(installation.path('dated/cases'), { recursive: true });
    const entry = { until: '2026-03-01' };
    writeFileSync(
      installation.path('dated/cases/days.json'),
      JSON.stringify({
        kind: 'active',
        cases: [
          { name: 'the day before', today: '2026-02-28', entry, expected: true },
          { name: 'the day after', today: '2026-03-02', entry, expected: false },
          { name: 'real time', entry: { until: soon }, expected: true },
        ],
      }),
    );
    writeFileSync(installation.path('dated/activescript.js'), active);
    const shown = await installation.run(['script', 'test', '--draft', 'dated']);
    assertExit(shown, 3);
    // The cases beside the scripts in force are run as well, and their users have no such date.
    assert.doesNotMatch(shown.stdout, /the day/);
    assert.match(
      shown.stderr,
      /activescript\.js depends on the time: for days\.json "real time" it says true now and false in 37 hours/,
    );
  });

  it('refuses what is no case, by file and place', async () => {
    writeFileSync(
      installation.path('cases/made.json'),
      '{"cases": [{"name": "x", "entry": {}, "expected": {"role": []}}]}',
    );
    const wrong = await installation.run(['script', 'test']);
    assertExit(wrong, 2);
    assert.match(wrong.stderr, /made\.json, "x" expects "role"; there are active, org and roles/);
    assertExit(await installation.run(['script', 'test', '--user', 'a', '--entry', 'b']), 2);
    assertExit(await installation.run(['script', 'test', '--save-case', 'a']), 2);
    assertExit(await installation.run(['script', 'test', '--sync-now']), 2);
    const help = await installation.run(['script', 'test', '--help']);
    assertExit(help, 0);
    assert.match(help.stdout, /Examples:[^]*--save-case ada/);
  });
});
