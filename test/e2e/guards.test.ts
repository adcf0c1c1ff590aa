import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { assertExit } from './installation.ts';
import { GuardScene, guardText, type Mistake } from './guard-scene.ts';

/** Everything that a mistake below may have touched, as it is without a mistake. */
const DEFAULTS = {
  'ldap.search.filter': '',
  'ldap.attrib.title': 'title',
  'deactivate.max.percent': '10',
  'deactivate.max.count': '0',
} as const;

const RESTORED = 'users came back: nothing was lost or changed by the runs that were stopped';

describe('a mistake that a guard stops before the first write', () => {
  let scene: GuardScene;

  before(async () => {
    scene = await GuardScene.start();
  });

  after(() => scene.stop());

  /** The texts that both the dry and the live run show of their guards. */
  async function textOf(mistake: Mistake): Promise<string> {
    const { dry, live } = await scene.stoppedBy(mistake, DEFAULTS);
    assert.equal(guardText(dry), guardText(live));
    assert.match(live.stdout, /c42uds --plan FILE/);
    return guardText(live);
  }

  const firstOf = (from: number): string => scene.people[from]?.mail ?? '';

  it('an Active script that lets 15 % go: share, limit, property, cause, users, and how to approve', async () => {
    const active = 'function (entry) { return Number(entry.employeeNumber) > 10030; }';
    const { live } = await scene.stoppedBy({ scripts: { active } }, DEFAULTS);
    const text = guardText(live);
    assert.match(
      text,
      /Stopped by deactivate\.max\.percent: 30 of 200 \(15\.0 %\) active users would be deactivated; the limit is 10 %\. The Active script says so\./,
    );
    assert.match(text, /Users concerned: .*@example\.com.* and 10 more/);
    assert.ok(text.includes(firstOf(29)) || text.includes(firstOf(0)), text);
    assert.match(live.stdout, /If the plan is right as it is: c42uds --sync-now --approve [0-9a-f]{12}/);
  });

  it('more deactivations than deactivate.max.count', async () => {
    const text = await textOf({
      properties: { 'deactivate.max.percent': '100', 'deactivate.max.count': '12' },
      scripts: { active: 'function (entry) { return Number(entry.employeeNumber) > 10013; }' },
    });
    assert.match(
      text,
      /Stopped by deactivate\.max\.count: 13 active users would be deactivated; the limit is 12\./,
    );
    assert.match(text, new RegExp(`Users concerned: .*${firstOf(3).replaceAll('.', '\\.')}`));
  });

  it('most of one organization, though few of all', async () => {
    const text = await textOf({
      scripts: { active: 'function (entry) { return entry.department !== "Marketing"; }' },
    });
    assert.match(
      text,
      /Stopped by deactivate\.org\.max\.percent: 13 of 13 \(100\.0 %\) active users of the organization "Marketing" would be deactivated; the limit is 50 %\./,
    );
    assert.ok(!text.includes('deactivate.max.percent'));
    assert.match(text, /Users concerned: (?:\S+@example\.com(?:, )?){13}$/);
  });

  it('several organizations at once, told in one line and not in one for each', async () => {
    const text = await textOf({
      properties: { 'deactivate.max.percent': '100' },
      scripts: { active: 'function (entry) { return false; }' },
    });
    assert.equal(text.match(/Stopped by/g)?.length, 1);
    assert.match(text, /49 of 49 \(100\.0 %\) active users of the organization "Engineering", 43 of 43 /);
    assert.match(text, /and the like in 3 more organizations would be deactivated; the limit is 50 %/);
    assert.match(text, /Users concerned: .* and 180 more$/);
  });

  it('a search that finds nobody: its filter is named, and no approval is offered', async () => {
    const { live } = await scene.stoppedBy({ properties: { 'ldap.search.filter': '(cn=nobody)' } }, DEFAULTS);
    const text = guardText(live);
    assert.match(text, /Stopped by ldap\.search\.filter: The search found nobody: .*\(cn=nobody\)/);
    assert.match(text, /Stopped by guard\.absent\.max\.percent: 200 of 200 \(100\.0 %\) known active users/);
    assert.doesNotMatch(live.stdout, /--approve/);
  });

  it('a search that finds hardly anybody', async () => {
    const text = await textOf({ properties: { 'ldap.search.filter': '(employeeNumber<=10080)' } });
    assert.match(
      text,
      /Stopped by guard\.absent\.max\.percent: 120 of 200 \(60\.0 %\) known active users were not found in the directory; the limit is 50 %\. Check ldap\.baseDn, ldap\.search\.filter and the rights of ldap\.bind\.user\./,
    );
    assert.match(text, /Users concerned: .* and 100 more$/);
  });

  it('scripts that fail for a quarter', async () => {
    const org =
      'function (entry) { if (Number(entry.employeeNumber) <= 10050) return entry.nobody.name; return entry.department; }';
    const text = await textOf({ scripts: { org } });
    assert.match(
      text,
      /Stopped by guard\.failed\.max\.percent: 50 of 200 \(25\.0 %\) users could not be judged or have no userName; the limit is 20 %\. .*The first failure: .*orgscript\.js/,
    );
    assert.match(text, /Users concerned: .* and 30 more$/);
  });

  it('an attribute that the bind user may not read any more', async () => {
    const text = await textOf({ properties: { 'ldap.attrib.title': 'aTitleThatNobodyHas' } });
    assert.match(
      text,
      /Stopped by guard\.cleared\.max\.percent: title would be cleared for 200 of 200 \(100\.0 %\) active users; the limit is 20 %\. May ldap\.bind\.user still read the attribute\?/,
    );
    assert.match(text, /Users concerned: .* and 180 more$/);
  });

  it('an Org script that moves many, and a Role script that changes many', async () => {
    const org = 'function (entry) { return "Everybody"; }';
    assert.match(
      await textOf({ scripts: { org } }),
      /Stopped by guard\.moved\.max\.percent: The organization of 200 of 200 \(100\.0 %\) active users would change; the limit is 30 %\. Was a script changed\?/,
    );
    const role =
      'function (entry) { return Number(entry.employeeNumber) <= 10100 ? ["Org Admin"] : ["Desktop User"]; }';
    const text = await textOf({ scripts: { role } });
    assert.match(
      text,
      /guard\.moved\.max\.percent: The roles of 100 of 200 \(50\.0 %\) active users would change/,
    );
    assert.match(text, /Users concerned: .* and 80 more$/);
  });

  it(`after all of them the ${RESTORED}`, async () => {
    assertExit(await scene.installation.run(['--sync-now']), 0);
    const { writes, users } = await scene.service.summary();
    assert.equal(writes, 0);
    assert.equal(users.filter((user) => user.active).length, 200);
  });
});

describe('an Active script that has lost its condition', () => {
  it('opens nobody who has left before it is approved', async () => {
    const scene = await GuardScene.start();
    try {
      const { installation, service } = scene;
      const active = async (): Promise<number> =>
        (await service.summary()).users.filter((user) => user.active).length;
      installation.set({ 'deactivate.max.percent': '100', 'deactivate.org.max.percent': '100' });
      installation.writeScripts({
        active: 'function (entry) { return Number(entry.employeeNumber) > 10060; }',
      });
      assertExit(await installation.run(['--sync-now']), 0);
      assert.equal(await active(), 140);
      installation.writeScripts({ active: 'function (entry) { return true; }' });
      const stopped = await installation.run(['--sync-now']);
      assertExit(stopped, 6);
      assert.match(
        guardText(stopped),
        /Stopped by guard\.reactivated\.max\.percent: 60 deactivated users would become active again, beside 140 active ones; the limit is 5 % of these\. Was the Active script changed\?/,
      );
      assert.equal(await active(), 140);
      const plan = /--approve ([0-9a-f]{12})/.exec(stopped.stdout)?.[1] ?? '';
      assertExit(await installation.run(['--sync-now', '--approve', plan]), 0);
      assert.equal(await active(), 200);
    } finally {
      await scene.stop();
    }
  });
});
