/** `c42uds explain USER`: one user in every place where he may be, by the rules of a run. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Explanation } from '../../../src/cli/explain/explanation.ts';
import { BASE, dnOf, startScene, SUFFIX, type Scene } from '../../properties/program-folder.ts';
import { assertPublished } from '../../report/published-schema.ts';
import { HOSTILE, startChangedScene } from '../report-scene.ts';

async function explained({ program }: Scene, user: string, exitCode = 0): Promise<Explanation> {
  const run = await program.run('explain', user, '--json');
  assert.equal(run.exitCode, exitCode, run.text);
  const explanation = JSON.parse(run.stdout) as Explanation;
  assertPublished('explanation.json', explanation);
  return explanation;
}

test('by any of his names: what is wanted, what is held, and what the next run sends and why', async (t) => {
  const scene = await startChangedScene(t);
  const ann = await explained(scene, 'ann@example.com');
  assert.equal(ann.next?.action, 'update');
  assert.match(
    ann.findings.join('\n'),
    /The next run that reads him: update, because title, department changed/,
  );
  assert.deepEqual(ann.next?.attributes, {
    title: { from: 'Weaver', to: HOSTILE, source: 'title' },
    department: { from: 'Mills', to: '=cmd|calc', source: 'department' },
    org: { from: 'Mills', to: '=cmd|calc', source: 'orgscript.js' },
  });
  assert.deepEqual(
    ann.scripts.map(({ kind, answer, read, absent }) => [kind, answer, read, absent]),
    [
      ['active', true, [], ['employeeType']],
      ['org', '=cmd|calc', ['title', 'department'], []],
      ['role', ['Desktop User'], [], []],
    ],
  );
  assert.equal(ann.service.by, 'scimId');
  assert.deepEqual([ann.service.holds?.title, ann.state?.confirmed?.title], ['Weaver', 'Weaver']);
  assert.deepEqual(ann.service.otherwise, []);
  assert.equal(ann.changes.at(-1)?.kind, 'CREATE');
  for (const name of ['ann', dnOf('ann'), ann.identity ?? '', ann.state?.scimId ?? '']) {
    const { changes, ...same } = await explained(scene, name);
    assert.equal(same.identity, ann.identity, name);
    assert.equal(changes.length, ann.changes.length, name);
  }
});

test('each kind of change is the one that the run then makes', async (t) => {
  const scene = await startChangedScene(t);
  await scene.program.run('--report', 'next.json');
  const report = JSON.parse(readFileSync(join(scene.program.path, 'next.json'), 'utf8')) as {
    readonly users: readonly { readonly userName: string }[];
  };
  const expected = {
    ann: 'update',
    ben: 'deactivate',
    cem: 'reactivate',
    ida: 'skip',
    new: 'create',
    zoe: 'unchanged',
  };
  for (const [name, action] of Object.entries(expected)) {
    const { next, userName } = await explained(scene, name);
    assert.equal(next?.action, action, name);
    const inRun = report.users.find((user) => user.userName === userName);
    // Whose entry has not changed is not read by an incremental run.
    if (action !== 'unchanged' && action !== 'skip') assert.deepEqual(next, inRun, name);
  }
  const dot = await explained(scene, 'dot', 3);
  assert.equal(dot.next?.action, 'failed');
  assert.match(dot.findings.join('\n'), /^He fails: .*orgscript/m);
  await scene.program.run('--sync-now');
  const later = await explained(scene, 'dot', 3);
  assert.equal(later.state?.failure?.attempts, 1);
  assert.match(later.findings.join('\n'), /Failing since .* tried once, next try at/);
  assert.equal((await explained(scene, 'ann')).next?.action, 'unchanged');
  const ben = await explained(scene, 'ben');
  assert.match(ben.findings.join('\n'), /His account is closed, and stays so/);
});

test('nothing is written: neither state file nor service', async (t) => {
  const scene = await startChangedScene(t);
  const path = join(scene.program.path, 'state.db');
  const before = readFileSync(path);
  const held = JSON.stringify(scene.held('ann'));
  await explained(scene, 'ann');
  assert.deepEqual(readFileSync(path), before);
  assert.equal(JSON.stringify(scene.held('ann')), held);
});

test('an entry that is gone: absent so many times, and what follows', async (t) => {
  const scene = await startScene(
    t,
    { ann: {}, ben: {}, cem: {} },
    {
      'missed.user.check': 'true',
      'deactivate.user.threshold': '3',
      'guard.absent.max.percent': '100',
      'deactivate.max.percent': '100',
      'deactivate.org.max.percent': '100',
    },
  );
  await scene.program.run('--sync-now');
  scene.directory.remove(dnOf('ann'));
  await scene.program.run('--sync-now');
  const once = await explained(scene, 'ann@example.com');
  assert.match(once.findings.join('\n'), /Absent 1 of 3: deactivated after 2 more complete live runs/);
  assert.equal(once.next, null);
  await scene.program.run('--sync-now');
  const twice = await explained(scene, 'ann@example.com');
  assert.match(
    twice.findings.join('\n'),
    /Absent 2 of 3: the next complete live run without him deactivates/,
  );
  assert.equal(twice.next?.cause, 'ABSENT');
  assert.equal(twice.next?.attributes.active?.source, 'absence');
  scene.program.set({ 'missed.user.check': 'false' });
  const off = await explained(scene, 'ann@example.com');
  assert.match(off.findings.join('\n'), /missed\.user\.check is false/);
  assert.equal(off.next, null);
});

test('an entry that the filter leaves out is told from one that is outside of the base', async (t) => {
  const scene = await startScene(
    t,
    { ann: {}, ben: { department: 'Temps' } },
    {
      'ldap.search.filter': '(&(objectCategory=person)(!(department=Temps)))',
    },
  );
  const elsewhere = `CN=out,${SUFFIX}`;
  scene.directory.add(elsewhere, {
    objectClass: ['top', 'person', 'organizationalPerson', 'user'],
    objectCategory: [`CN=Person,CN=Schema,CN=Configuration,${SUFFIX}`],
    cn: ['out'],
    sn: ['out'],
    sAMAccountName: ['out'],
    mail: ['out@example.com'],
  });
  const ben = await explained(scene, 'ben@example.com');
  assert.equal(ben.directory.place, 'OUTSIDE_FILTER');
  assert.equal(ben.directory.dn, dnOf('ben'));
  const out = await explained(scene, 'out@example.com');
  assert.equal(out.directory.place, 'OUTSIDE_BASE');
  assert.equal(out.directory.dn, elsewhere);
  assert.match(out.findings.join('\n'), new RegExp(`outside of ldap\\.baseDn \\(${BASE}\\)`));
});

test('an active user who left base or filter is told by every name that the directory has for him', async (t) => {
  const scene = await startScene(
    t,
    { ann: { sAMAccountName: 'u000036' }, ben: { sAMAccountName: 'u000037' } },
    { 'ldap.search.filter': '(&(objectCategory=person)(!(department=Temps)))', 'missed.user.check': 'true' },
  );
  await scene.program.run('--sync-now');
  const moved = `CN=ann,OU=Groups,${SUFFIX}`;
  scene.directory.add(`OU=Groups,${SUFFIX}`, { objectClass: ['top', 'organizationalUnit'], ou: ['Groups'] });
  scene.directory.rename(dnOf('ann'), moved);
  // A contact of the same name must not be taken for him.
  scene.directory.add(`CN=u000036,OU=Groups,${SUFFIX}`, {
    objectClass: ['top', 'person', 'organizationalPerson', 'contact'],
    cn: ['u000036'],
    sn: ['u000036'],
  });
  scene.directory.modify(dnOf('ben'), { replace: { department: ['Temps'] } });
  const right = await explained(scene, 'ann@example.com');
  assert.equal(right.state?.active, true);
  for (const name of ['u000036', moved]) {
    const { asked, ...ann } = await explained(scene, name);
    assert.deepEqual({ ...ann, asked: right.asked }, right, asked);
  }
  const { asked, ...ben } = await explained(scene, 'u000037');
  assert.deepEqual([ben.directory.place, ben.service.kind], ['OUTSIDE_FILTER', 'FOUND'], asked);
  assert.deepEqual({ ...ben, asked: 'ben@example.com' }, await explained(scene, 'ben@example.com'));
  assert.match(ben.findings.join('\n'), /Absent 0 of /);
});

test('one whom neither search nor state knows is looked for at the service by his userName, and by his identity', async (t) => {
  const scene = await startScene(
    t,
    { ann: { sAMAccountName: 'u000036', cn: 'twin' }, ben: { cn: 'twin' } },
    {},
  );
  await scene.program.run('--sync-now');
  const { identity } = await explained(scene, 'ann@example.com');
  scene.program.set({ 'ldap.search.filter': '(objectCategory=nobody)', 'state.location': 'other.db' });
  for (const name of ['u000036', identity ?? '']) {
    const ann = await explained(scene, name);
    assert.deepEqual([ann.directory.place, ann.state, ann.service.kind], ['OUTSIDE_FILTER', null, 'FOUND']);
  }
  const twins = await scene.program.run('explain', 'twin');
  assert.equal(twins.exitCode, 2);
  assert.match(twins.text, /2 users are, or were, called "twin"/);
});

test('somebody whom only the service has is left alone; one whom the service has lost is made anew', async (t) => {
  const scene = await startScene(t, { ann: {}, ben: {} });
  await scene.program.run('--sync-now');
  const id = (await explained(scene, 'ann')).state?.scimId ?? '';
  scene.service.store.users.delete(id);
  const ann = await explained(scene, 'ann');
  assert.equal(ann.service.kind, 'NONE');
  assert.match(ann.findings.join('\n'), /his account was removed there/);
  scene.directory.remove(dnOf('ben'));
  scene.program.set({ 'state.location': 'other.db' });
  const ben = await explained(scene, 'ben@example.com');
  assert.deepEqual([ben.state, ben.service.kind, ben.next], [null, 'FOUND', null]);
  assert.match(ben.findings.join('\n'), /Only the service has him/);
});

test('whom a run would take over at the service is told so before there is any state', async (t) => {
  const scene = await startScene(t, { ann: {} });
  await scene.program.run('--sync-now');
  scene.program.set({ 'state.location': 'other.db' });
  const ann = await explained(scene, 'ann');
  assert.equal(ann.state, null);
  assert.equal(ann.next?.kind, 'NONE');
  assert.match(ann.findings.join('\n'), /the next run takes it over/);
});

test('nobody, and more than one of a name, are a usage error that says what to do', async (t) => {
  const scene = await startScene(t, { ann: {}, ben: { sAMAccountName: 'ann' } });
  const none = await scene.program.run('explain', 'nobody@example.com', '--json');
  assert.equal(none.exitCode, 2);
  assertPublished('error.json', JSON.parse(none.stdout));
  const both = await scene.program.run('explain', 'ann');
  assert.equal(both.exitCode, 2);
  assert.match(both.text, /2 users are, or were, called "ann"/);
  assert.ok(both.text.includes(dnOf('ben')));
});

test('two entries of one userName: the conflict that the run reports', async (t) => {
  const scene = await startScene(t, { ann: {}, ben: { mail: 'ann@example.com' } });
  const { next } = await explained(scene, dnOf('ann'), 3);
  assert.equal(next?.failure?.stage, 'CONFLICT');
});

test('the text begins with what follows, marks what differs, and has a word of its own for each way of not being there', async (t) => {
  const scene = await startScene(t, { ann: { title: 'Weaver' }, ben: {} }, { 'ldap.attrib.division': '' });
  await scene.program.run('--sync-now');
  scene.directory.modify(dnOf('ann'), {
    replace: { title: [`Head of ${'the looms and '.repeat(9)}all`], manager: [dnOf('ben')] },
  });
  Object.assign(scene.held('ann') ?? {}, { c42OrgName: 'Default' });
  const { stdout } = await scene.program.runBefore({ isTTY: true, env: { NO_COLOR: '1' } }, 'explain', 'ann');
  const sections = stdout.split('\n').filter((line) => /^(What|The) /.test(line));
  assert.deepEqual(sections.slice(0, 3), [
    'What follows',
    'What the next run would send, and what decides it',
    'What is wanted, and what is held',
  ]);
  for (const row of [
    /^ {2}ATTRIBUTE +WANTED +STATE +SERVICE$/m,
    /^ {2}userName +ann@example\.com +same +same$/m,
    /^\* title +Head of the.* +Weaver +same$/m,
    /^\* manager +\d+ +no value +not shown$/m,
    /^ {2}org +left to the service +left to the service +Default$/m,
    /^ {2}left to the service by empty ldap\.attrib properties: division$/m,
    /^ {2}without a value anywhere: givenName/m,
  ]) {
    assert.match(stdout, row);
  }
  assert.deepEqual(
    stdout.split('\n').filter((line) => line.length > 80),
    [],
  );
  const piped = (await scene.program.run('explain', 'ann')).stdout;
  assert.match(piped, /title: Weaver -> Head of (?:the looms and ){9}all \(title\)/);
});

test('an organization that was left to the service is no difference, whatever it chose', async (t) => {
  const scene = await startScene(t, { ann: {} });
  await scene.program.run('--sync-now');
  Object.assign(scene.held('ann') ?? {}, { c42OrgName: 'Default', roles: [{ value: 'PROe User' }] });
  const ann = await explained(scene, 'ann');
  assert.deepEqual(ann.service.otherwise, []);
});

test('hostile values stay on their line and never reach a terminal as they are', async (t) => {
  const evil = 'x\u001b]0;owned\u0007\u001b[2J\nfake line';
  const scene = await startScene(t, { ann: { title: evil, description: evil } });
  await scene.program.run('--sync-now');
  const run = await scene.program.run('explain', 'ann');
  assert.equal(run.exitCode, 0, run.text);
  assert.ok(!run.stdout.includes('\u001b') && !run.stdout.includes('\u0007'));
  assert.doesNotMatch(run.stdout, /^fake line/m);
  assert.match(run.stdout, /title +x\\u\{1b\}\]0;owned/);
});

test('what ldap.schema.attributes.sensitive names is in no part of it', async (t) => {
  const scene = await startScene(t, { ann: { title: 'Secret keeper' } });
  await scene.program.run('--sync-now');
  scene.program.set({ 'ldap.schema.attributes.sensitive': 'title' });
  for (const flags of [[], ['--json']]) {
    const { text } = await scene.program.run('explain', 'ann', ...flags);
    assert.doesNotMatch(text, /Secret keeper/);
  }
});

test('a service that does not answer, or was changed by hand, keeps nothing else from being told', async (t) => {
  const scene = await startScene(t, { ann: { title: 'Weaver' } }, { 'scim.max.attempts': '1' });
  await scene.program.run('--sync-now');
  const body = scene.held('ann') ?? assert.fail('ann is not at the service');
  body['title'] = 'Boss';
  const byHand = await explained(scene, 'ann');
  assert.deepEqual([byHand.service.otherwise, byHand.next?.action], [['title'], 'unchanged']);
  assert.match(byHand.findings.join('\n'), /holds otherwise than it confirmed: title\. Only a full sync/);
  await scene.service.close();
  const alone = await explained(scene, 'ann');
  assert.deepEqual([alone.service.kind, alone.next?.action], ['UNKNOWN', 'unchanged']);
});

test('a manager who is created by the same run is awaited, not taken for nobody', async (t) => {
  const scene = await startScene(t, { ann: { manager: dnOf('ben') }, ben: {} });
  const ann = await explained(scene, 'ann');
  const ben = await explained(scene, 'ben');
  assert.equal(ann.next?.awaitsManager, ben.identity);
  await scene.program.run('--sync-now');
  const later = await explained(scene, 'ann');
  assert.equal(later.next?.action, 'unchanged');
  assert.equal(later.desired?.manager, (await explained(scene, 'ben')).state?.scimId);
});
