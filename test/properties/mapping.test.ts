/** The properties that name LDAP attributes: each moves what it names and nothing else. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { OPTIONS, type OptionKey } from '../../src/config/options.ts';
import type { Step } from '../servers/hostile-scim.ts';
import { ENTERPRISE, type Body } from '../servers/hostile-scim-store.ts';
import { dnOf, person, startScene, type Properties, type Scene } from './program-folder.ts';

/** The paths and values of the one PATCH that a live run sends. */
async function patchedBy(scene: Scene, properties: Properties): Promise<unknown[]> {
  const { program, service } = scene;
  program.set(properties);
  const before = service.seen.length;
  const run = await program.run('--sync-now');
  assert.equal(run.exitCode, 0, run.text);
  const writes = service.seen.slice(before).filter(({ method }) => method !== 'GET');
  assert.ok(
    writes.every(({ method }) => method === 'PATCH'),
    run.text,
  );
  return writes.flatMap(({ body }) => body?.['Operations'] as unknown[]);
}

/** Who has the same under both names is not sent when a property moves from one to the other. */
function unmoved(name: string): Record<string, string> {
  return { altLast: name, altName: `${name}@example.com`, altMail: `${name}@example.com` };
}

test('each ldap.attrib property feeds its own attribute of the user and no other', async (t) => {
  const scene = await startScene(t, {
    boss: unmoved('boss'),
    chief: unmoved('chief'),
    ann: {
      ...{ givenName: 'Ann', title: 'Analyst', employeeType: 'Employee', c: 'DE' },
      ...{ department: 'Looms', division: 'North', manager: dnOf('boss') },
      ...{ altGiven: 'Anna', altFirst: 'Annie', altLast: 'Alt', altTitle: 'Lead', altType: 'Intern' },
      ...{ altC: 'FR', altDepartment: 'Mills', altDivision: 'South', altManager: dnOf('chief') },
      ...{ altName: 'ann.alt@example.com', altMail: 'ann.mail@example.com' },
    },
  });
  const { program, service } = scene;
  assert.equal((await program.run('--sync-now')).exitCode, 0);
  const idOf = (name: string): string | undefined => service.store.named(`${name}@example.com`)[0]?.id;
  const held = scene.held('ann') ?? {};
  assert.deepEqual(held['name'], { givenName: 'Ann', familyName: 'ann' });
  assert.deepEqual([held['title'], held['userType']], ['Analyst', 'Employee']);
  assert.deepEqual(held['addresses'], [{ type: 'work', country: 'DE' }]);
  assert.deepEqual(held[ENTERPRISE], {
    ...{ department: 'Looms', division: 'North', manager: { value: idOf('boss') } },
  });

  const mail = [{ value: 'ann.mail@example.com', type: 'work', primary: true }];
  const cases: [Properties, string, unknown][] = [
    [{ 'ldap.attrib.countryCode': 'altC' }, 'addresses', [{ type: 'work', country: 'FR' }]],
    [{ 'ldap.attrib.department': 'altDepartment' }, `${ENTERPRISE}:department`, 'Mills'],
    [{ 'ldap.attrib.division': 'altDivision' }, `${ENTERPRISE}:division`, 'South'],
    [{ 'ldap.attrib.employeeType': 'altType' }, 'userType', 'Intern'],
    [{ 'ldap.attrib.givenName': 'altGiven' }, 'name.givenName', 'Anna'],
    [{ 'ldap.attrib.lastName': 'altLast' }, 'name.familyName', 'Alt'],
    [{ 'ldap.attrib.manager': 'altManager' }, `${ENTERPRISE}:manager`, { value: idOf('chief') }],
    [{ 'ldap.attrib.title': 'altTitle' }, 'title', 'Lead'],
    [{ 'ldap.attrib.email': 'altMail' }, 'emails', mail],
    [{ 'ldap.attrib.userName': 'altName' }, 'userName', 'ann.alt@example.com'],
  ];
  for (const [properties, path, value] of cases) {
    assert.deepEqual(await patchedBy(scene, properties), [{ op: 'replace', path, value }]);
  }
  const none = { 'ldap.attrib.title': 'noSuchAttribute' };
  assert.deepEqual(await patchedBy(scene, none), [{ op: 'remove', path: 'title' }]);
});

test('of several attributes in ldap.attrib.userName the first that a user has is the userName', async (t) => {
  const order = { 'ldap.attrib.userName': 'altName, mail' };
  const scene = await startScene(t, { ann: { altName: 'ann.alt@example.com' }, ben: {} }, order);
  const first = await scene.program.run('--sync-now');
  assert.equal(first.exitCode, 0, first.text);
  for (const name of ['ann.alt', 'ben'])
    assert.equal(scene.service.store.named(`${name}@example.com`).length, 1, name);
  assert.deepEqual(await patchedBy(scene, { 'ldap.attrib.userName': 'noSuchAttribute,mail' }), [
    { op: 'replace', path: 'userName', value: 'ann@example.com' },
  ]);
  scene.program.set({ 'ldap.attrib.userName': 'noSuchAttribute,noOther' });
  const nobody = await scene.program.run();
  assert.match(nobody.text, /has no noSuchAttribute and no noOther, which ldap\.attrib\.userName names/);
});

test('ldap.attrib.firstName is used where ldap.attrib.givenName gives no value, and only there', async (t) => {
  const scene = await startScene(t, {
    ann: { givenName: 'Ann', firstName: 'Annie' },
    ben: { firstName: 'Benny' },
  });
  assert.equal((await scene.program.run('--sync-now')).exitCode, 0);
  assert.deepEqual(scene.held('ben')?.['name'], { familyName: 'ben' });
  assert.deepEqual(await patchedBy(scene, { 'ldap.attrib.firstName': 'firstName' }), [
    { op: 'replace', path: 'name.givenName', value: 'Benny' },
  ]);
  assert.deepEqual(await patchedBy(scene, { 'ldap.attrib.givenName': 'noSuchAttribute' }), [
    { op: 'replace', path: 'name.givenName', value: 'Annie' },
  ]);
});

test('an ldap.attrib property that names a sensitive attribute is as an empty one: nothing is cleared', async (t) => {
  const scene = await startScene(t, { ann: { title: 'Analyst' } }, { 'guard.cleared.max.percent': '100' });
  assert.equal((await scene.program.run('--sync-now')).exitCode, 0);
  scene.program.set({ 'ldap.schema.attributes.sensitive': 'userPassword,TITLE' });
  const before = scene.service.seen.length;
  const run = await scene.program.run('--sync-now');
  assert.equal(run.exitCode, 0, run.text);
  assert.ok(scene.service.seen.slice(before).every(({ method }) => method === 'GET'));
  assert.match(run.text, /Left as the service holds them.*: title/);
  assert.equal(scene.held('ann')?.['title'], 'Analyst');
});

const FED = [
  ...['countryCode', 'department', 'division', 'employeeType', 'firstName', 'givenName', 'lastName'],
  ...['manager', 'title', 'email'],
].map((name) => `ldap.attrib.${name}` as OptionKey);
const EMPTY: Properties = Object.fromEntries(FED.map((key) => [key, '']));
const FED_AGAIN: Properties = Object.fromEntries(FED.map((key) => [key, OPTIONS[key].default]));

/** Every attribute that an `ldap.attrib` property feeds, as somebody has set it at the service. */
const BY_HAND = {
  name: { givenName: 'Hand', familyName: 'Made', honorificPrefix: 'Dr' },
  emails: [{ value: 'hand@example.com', type: 'work', primary: true }],
  title: 'By hand',
  userType: 'Guest',
  addresses: [{ type: 'work', country: 'NO' }],
  [ENTERPRISE]: { department: 'Hands', division: 'Left', manager: { value: 'somebody' }, costCenter: '7' },
};

function setByHand({ service }: Scene, name: string): void {
  const [user] = service.store.named(`${name}@example.com`);
  assert.ok(user);
  user.body = { ...user.body, ...structuredClone(BY_HAND) };
  user.version += 1;
}

function handMade(scene: Scene, name: string): Body {
  const held = scene.held(name) ?? {};
  return Object.fromEntries(Object.keys(BY_HAND).map((key) => [key, held[key]]));
}

const ANN = {
  ...{ givenName: 'Ann', title: 'Analyst', employeeType: 'Employee', c: 'DE' },
  ...{ department: 'Looms', division: 'North', manager: dnOf('boss') },
};

test('an empty ldap.attrib property leaves its attribute of every user as the service holds it', async (t) => {
  // Both are cleared for everybody here: a guard must not be what saves them.
  const scene = await startScene(t, { boss: {}, ann: ANN }, { 'guard.cleared.max.percent': '100' });
  const { program, service, directory } = scene;
  const writes = async (...words: string[]): Promise<string[]> => {
    const before = service.seen.length;
    const run = await program.run(...words);
    assert.equal(run.exitCode, 0, run.text);
    assert.doesNotMatch(run.text, /holds another value/);
    return service.seen.slice(before).flatMap(({ method }) => (method === 'GET' ? [] : [method]));
  };
  await writes('--sync-now');
  const asFed = handMade(scene, 'ann');

  program.set(EMPTY);
  const dry = await program.run('--full-sync', '--report', 'report.json');
  assert.match(dry.text, /Left as the service holds them.*: givenName, familyName, email, title, /);
  const report = readFileSync(join(program.path, 'report.json'), 'utf8');
  assert.match(report, /ann@example\.com/);
  assert.doesNotMatch(dry.text + report, /Analyst|Looms|cleared for/);
  assert.deepEqual(await writes('--sync-now'), []);
  assert.deepEqual(handMade(scene, 'ann'), asFed);

  for (const name of ['ann', 'boss']) setByHand(scene, name);
  directory.modify(dnOf('ann'), { replace: { title: 'Lead', department: 'Mills', manager: dnOf('ann') } });
  assert.deepEqual(await writes('--sync-now'), []);
  assert.deepEqual(await writes('--sync-now', '--full-sync'), ['PATCH', 'PATCH']);
  program.set({ 'scim.update.method': 'PUT' });
  assert.deepEqual(await writes('--sync-now', '--full-sync'), ['PUT', 'PUT']);
  for (const name of ['ann', 'boss']) assert.deepEqual(handMade(scene, name), BY_HAND);

  directory.add(dnOf('new'), { ...person('new'), ...ANN });
  assert.deepEqual(await writes('--sync-now'), ['POST']);
  assert.deepEqual(Object.keys(scene.held('new') ?? {}), ['schemas', 'userName', 'externalId', 'active']);

  // What the directory says is sent although the state has confirmed some of it before; what it says nothing of stays.
  program.set({ ...FED_AGAIN, 'scim.update.method': 'PATCH' });
  assert.deepEqual(await writes('--sync-now'), ['PATCH', 'PATCH', 'PATCH']);
  const [manager] = service.store.named('ann@example.com');
  assert.deepEqual(handMade(scene, 'ann'), {
    ...asFed,
    name: { ...BY_HAND.name, givenName: 'Ann', familyName: 'ann' },
    title: 'Lead',
    [ENTERPRISE]: {
      ...BY_HAND[ENTERPRISE],
      ...{ department: 'Mills', division: 'North', manager: { value: manager?.id } },
    },
  });
  assert.equal(scene.held('boss')?.['title'], 'By hand');
  assert.equal(scene.held('new')?.['title'], 'Analyst');
  assert.deepEqual(await writes('--sync-now'), []);
});

test('an adopted user keeps what somebody has set by hand where the ldap.attrib property is empty', async (t) => {
  for (const isListed of [true, false]) {
    const empty = { 'ldap.attrib.title': '', 'ldap.attrib.manager': '', 'scim.adopt.by': 'USER_NAME' };
    const scene = await startScene(t, { boss: {}, ann: ANN }, empty);
    const { service, program } = scene;
    service.store.add({ userName: 'ann@example.com', active: true });
    setByHand(scene, 'ann');
    // Who is not in the list is adopted when his creation is refused.
    const list = async (step: Step): Promise<void> => {
      const { status, body } = await step.obey();
      const hidden = { totalResults: 0, startIndex: 1, itemsPerPage: 0, Resources: [] };
      const isWalk = !step.seen.query.has('filter') && step.seen.path === '/Users';
      step.send(status, isWalk ? hidden : body);
    };
    if (!isListed) service.on('GET', list, Infinity);
    const run = await program.run('--sync-now');
    assert.equal(run.exitCode, 0, run.text);
    assert.deepEqual(scene.names(), ['ann', 'boss']);
    assert.equal(service.count('POST'), isListed ? 1 : 2);
    const held = scene.held('ann') ?? {};
    assert.deepEqual([held['title'], held['userType']], ['By hand', 'Employee']);
    assert.deepEqual(held[ENTERPRISE], { ...BY_HAND[ENTERPRISE], department: 'Looms', division: 'North' });
  }
});

test('ldap.attrib.externalId names the attribute by which a user is known at the service', async (t) => {
  for (const [properties, externalId] of [
    [{}, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/],
    [{ 'ldap.attrib.externalId': 'employeeNumber' }, /^4711$/],
  ] as const) {
    const scene = await startScene(t, { ann: { employeeNumber: '4711' } }, properties);
    assert.equal((await scene.program.run('--sync-now')).exitCode, 0);
    assert.match(String(scene.held('ann')?.['externalId']), externalId);
  }
});

test('driver.files.attribute.name is the attribute in which the names of --files are looked for', async (t) => {
  for (const [properties, found] of [
    [{}, 'ann'],
    [{ 'driver.files.attribute.name': 'employeeNumber' }, 'ben'],
  ] as const) {
    const scene = await startScene(t, { ann: {}, ben: { employeeNumber: 'ann' }, cid: {} }, properties);
    scene.program.write('names.txt', 'ANN\n');
    const run = await scene.program.run('--sync-now', '--files', 'names.txt');
    assert.equal(run.exitCode, 0, run.text);
    assert.deepEqual(scene.names(), [found]);
  }
});
