/** The properties that name LDAP attributes: each moves what it names and nothing else. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENTERPRISE } from '../servers/hostile-scim-store.ts';
import { dnOf, startScene, type Properties, type Scene } from './program-folder.ts';

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
  assert.deepEqual(await patchedBy(scene, { 'ldap.attrib.title': '' }), [{ op: 'remove', path: 'title' }]);
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
