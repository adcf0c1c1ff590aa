import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { makeCompany, type Company } from '../../src/demo/company.ts';
import { startDemoDirectory, type DemoDirectory } from '../../src/demo/ldap-server.ts';
import { CompanyStory } from '../../src/demo/story.ts';
import { startServiceProcess, type ServiceProcess } from '../servers/service-process.ts';
import { assertExit, Installation } from './installation.ts';

const BIND = { bindDn: 'CN=reader,DC=example,DC=com', bindPassword: 'pw-of-the-reader' };
const ORG = 'function (entry) { return entry.department; }';
/** Moves the people of one department, and fails for nobody. */
const EDITED_ORG = `function (entry) {
  return entry.department === 'Sales' ? 'Field' : entry.department;
}`;
const ACTIVE = 'function (entry) { return (parseInt(entry.userAccountControl, 10) & 2) === 0; }';

interface PlannedChange {
  readonly type: string;
  readonly userName: string;
  readonly attributes: unknown;
}

/** The changes of a `--plan` file, each as one text, in order of the users. */
function changesIn(path: string): string[] {
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as PlannedChange)
    .filter(({ type }) => type === 'change')
    .map((change) => JSON.stringify(change))
    .sort();
}

describe('the effect of edited scripts', () => {
  let company: Company;
  let directory: DemoDirectory;
  let service: ServiceProcess;
  let installation: Installation;

  before(async () => {
    company = makeCompany({ kind: 'ACTIVE_DIRECTORY', size: 300 });
    directory = await startDemoDirectory({ ...BIND, kind: 'ACTIVE_DIRECTORY', entries: company.entries });
    service = await startServiceProcess();
    installation = new Installation(
      {
        'ldap.baseurl': directory.url,
        'ldap.baseDn': company.peopleBase,
        'ldap.bind.user': BIND.bindDn,
        'scim.baseurl': service.baseUrl,
        'scim.username': service.username,
        'scim.client.threads': '4',
      },
      { active: ACTIVE, org: ORG, role: 'function (entry) { return ["Desktop User"]; }' },
    );
    assertExit(await installation.storePasswords(BIND.bindPassword, service.password), 0);
  });

  after(async () => {
    installation.remove();
    await service.stop();
    await directory.stop();
  });

  it('cannot be told before a live run has kept its scripts', async () => {
    const early = await installation.run(['script', 'impact']);
    assertExit(early, 2);
    assert.match(early.stderr, /holds no scripts of an earlier live run/);
  });

  it('is nothing while the scripts are those of the last live run', async () => {
    assertExit(await installation.run(['--sync-now']), 0);
    const same = await installation.run(['script', 'impact']);
    assertExit(same, 0);
    assert.match(same.stdout, /nobody would be treated otherwise/);
  });

  it('is shown of drafts before they come into force, and nothing is written', async () => {
    mkdirSync(installation.path('drafts'));
    writeFileSync(installation.path('drafts/orgscript.js'), EDITED_ORG);
    await service.reset();
    const draft = await installation.run(['script', 'impact', '--draft', 'drafts']);
    assertExit(draft, 0);
    assert.match(draft.stdout, /Edited: orgscript\.js\./);
    assert.match(draft.stdout, /other organization +\d+\n.*: Sales -> Field/);
    assert.match(draft.stdout, /These are drafts/);
    assert.equal((await service.summary()).writes, 0);
    // Nothing is in force yet: a run sees no difference.
    assert.doesNotMatch((await installation.run([])).stdout, /Scripts changed/);
    const wrong = await installation.run(['script', 'impact', '--draft', 'drfats']);
    assertExit(wrong, 2);
    assert.match(wrong.stderr, /holds none of the scripts activescript\.js, orgscript\.js, rolescript\.js/);
  });

  it('is what the following live run does, change by change, beside the changes of the directory', async () => {
    const story = new CompanyStory(directory, company);
    const happened = [...story.hires(3), ...story.disables(2), ...story.promotions(2)];
    installation.writeScripts({
      org: EDITED_ORG,
      active: `function (entry) { return (parseInt(entry.userAccountControl, 10) & 2) === 0 && entry.title !== 'Intern'; }`,
    });
    const shown = await installation.run(['script', 'impact', '--plan', 'predicted.jsonl']);
    assertExit(shown, 0);
    const users = Number(/and ([\d,]+) users? would be treated otherwise/.exec(shown.stdout)?.[1]);
    const others = Number(/makes ([\d,]+) changes? that do/.exec(shown.stdout)?.[1]);
    assert.ok(users > 5, shown.stdout);
    assert.ok(others > 0 && others <= happened.length, shown.stdout);
    const predicted = changesIn(installation.path('predicted.jsonl'));
    assert.equal(predicted.length, users + others);

    await service.reset();
    const live = await installation.run(['--sync-now', '--plan', 'done.jsonl']);
    assertExit(live, 0);
    assert.match(
      live.stdout,
      new RegExp(
        `Scripts changed since the last run \\(activescript\\.js, orgscript\\.js\\): ${users} users differ`,
      ),
    );
    assert.deepEqual(changesIn(installation.path('done.jsonl')), predicted);
    assert.equal((await service.summary()).writes, predicted.length);
    const held = new Map((await service.summary()).users.map((user) => [user.userName, user]));
    for (const text of predicted) {
      const { userName, attributes } = JSON.parse(text) as PlannedChange;
      const org = (attributes as Record<string, { to: unknown }>)['org']?.to;
      if (org !== undefined) assert.equal(held.get(userName)?.org, org, userName);
    }
    // From now on these scripts are the ones that are in force.
    assert.match((await installation.run(['script', 'impact'])).stdout, /nobody would be treated otherwise/);
    assert.doesNotMatch((await installation.run(['--sync-now'])).stdout, /Scripts changed/);
  });

  it('is counted against the guards', async () => {
    installation.writeScripts({ active: 'function (entry) { return false; }' });
    const shown = await installation.run(['script', 'impact']);
    assertExit(shown, 6);
    assert.match(shown.stdout, /deactivated +\d+/);
    assert.match(shown.stdout + shown.stderr, /would be stopped by deactivate\.max\.percent/);
    const stopped = await installation.run(['--sync-now']);
    assertExit(stopped, 6);
    // What a guard has stopped has not come into force.
    assertExit(await installation.run(['script', 'impact']), 6);
    installation.writeScripts({ active: ACTIVE });
  });

  it('is not told where a script cannot be loaded: the line is', async () => {
    installation.writeScripts({ org: 'function (entry) { return entry.; }' });
    const broken = await installation.run(['script', 'impact']);
    assertExit(broken, 2);
    assert.match(broken.stderr, /orgscript\.js line 1/);
    rmSync(installation.path('orgscript.js'));
    const gone = await installation.run(['script', 'impact']);
    assertExit(gone, 2);
    assert.match(gone.stderr, /there is no such file or folder/);
    assert.doesNotMatch(gone.stderr, /ENOENT/);
    installation.writeScripts({ org: EDITED_ORG });
  });

  it('is not to be trusted where a script throws dice: a dry run says so', async () => {
    installation.writeScripts({ org: 'function (entry) { return Math.random() < 0.5 ? "A" : "B"; }' });
    const dry = await installation.run(['script', 'impact']);
    assert.match(dry.stderr, /orgscript\.js answers by chance: for \S+@\S+ it said [AB], then [AB]/);
    installation.writeScripts({ org: EDITED_ORG });
    assert.doesNotMatch((await installation.run(['--full-sync'])).stderr, /answers/);
  });
});
