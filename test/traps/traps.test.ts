import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { it } from 'node:test';
import type { Change } from '../../src/model/plan.ts';
import { USER_ATTRIBUTES, type UserAttribute, type UserResource } from '../../src/model/user.ts';
import { layoutFor } from '../../src/scim/layout.ts';
import { newResource, patchBody } from '../../src/scim/resource.ts';
import { finished, startProgram } from '../e2e/command-line.ts';
import { assertExit } from '../e2e/installation.ts';
import { open, userNamed } from '../scim/open-service.ts';
import { TrapScene } from './trap-scene.ts';

it('a write that failed is never taken for done: the next run redoes each of them, and only those', async () => {
  let refusing = true;
  await using scene = await TrapScene.start({
    service: {
      faults: ({ method, path }) =>
        refusing && method !== 'GET' && path.startsWith('/Users')
          ? { kind: 'ANSWER', status: 400, body: '{"detail":"not today"}' }
          : null,
    },
  });
  const failed = await scene.installation.run(['--sync-now']);
  assertExit(failed, 3);
  assert.equal(scene.held.length, 0);
  assert.match(failed.stderr, /FAILED .*not today/);
  refusing = false;
  assertExit(await scene.installation.run(['--sync-now']), 0);
  assert.deepEqual(scene.held, scene.wanted);

  const changed = scene.company.people.filter(({ enabled }) => enabled).slice(0, 10);
  for (const { dn } of changed) scene.directory.modify(dn, { replace: { title: 'Changed' } });
  refusing = true;
  assertExit(await scene.installation.run(['--sync-now']), 3);
  refusing = false;
  scene.service.resetRequests();
  assertExit(await scene.installation.run(['--sync-now']), 0);
  assert.equal(scene.service.requests().writes, 10);
  assert.equal(scene.service.users().filter(({ resource }) => resource['title'] === 'Changed').length, 10);
});

it('an entry that cannot be used costs nobody else anything and is named', async () => {
  await using scene = await TrapScene.start();
  const { peopleBase } = scene.company;
  const bad = (name: string): string => `CN=${name},${peopleBase}`;
  const classes = { objectClass: ['top', 'person', 'organizationalPerson', 'inetOrgPerson', 'demoAccount'] };
  scene.directory.add(bad('No Mail'), {
    ...classes,
    cn: 'No Mail',
    sn: 'Mail',
    entryUUID: crypto.randomUUID(),
  });
  scene.directory.add(bad('Two Identities'), {
    ...classes,
    cn: 'Two Identities',
    sn: 'Identities',
    mail: 'two@example.com',
    entryUUID: [crypto.randomUUID(), crypto.randomUUID()],
  });
  const run = await scene.installation.run(['--sync-now']);
  assert.deepEqual(scene.held, scene.wanted);
  assert.ok(run.exitCode === 3 || run.exitCode === 4, String(run.exitCode));
  for (const name of ['No Mail', 'Two Identities']) assert.ok(run.stderr.includes(bad(name)), run.stderr);
});

it('the plan of the dry run is, byte for byte, the plan of the live run and what the service then receives', async () => {
  await using scene = await TrapScene.start({
    properties: { 'missed.user.check': 'true', 'deactivate.user.threshold': '2' },
  });
  const { installation, directory, service } = scene;
  const people = scene.company.people.filter(({ enabled }) => enabled);
  const compare = async (): Promise<string[]> => {
    service.resetRequests();
    await installation.run(['--plan', 'dry.jsonl']);
    assert.equal(service.requests().writes, 0);
    assertExit(await installation.run(['--sync-now', '--plan', 'live.jsonl']), 0);
    const [dry, live] = ['dry.jsonl', 'live.jsonl'].map((name) =>
      readFileSync(installation.path(name), 'utf8').split('\n').slice(1),
    );
    assert.deepEqual(live, dry);
    const changes = (dry ?? [])
      .filter((line) => line.includes('"type":"change"'))
      .map((line) => JSON.parse(line) as PlannedLine);
    const sent = service.recorded().filter(({ method }) => method !== 'GET');
    const ids = new Map(service.users().map(({ externalId, id }) => [externalId, id]));
    const expected = changes.map((change) => requestOf(change, ids));
    assert.deepEqual(
      sent.map(({ method, path, body }) => `${method} ${path} ${body}`).sort(),
      expected.sort(),
    );
    return changes.map(({ kind }) => kind);
  };
  assert.equal((await compare()).length, people.length);
  const [first, second, third, fourth] = people.slice(-4);
  assert.ok(first && second && third && fourth);
  directory.modify(first.dn, { replace: { title: 'Other', department: null } });
  directory.modify(second.dn, { replace: { userAccountControl: '514' } });
  directory.modify(third.dn, { replace: { mail: 'renamed@example.com' } });
  directory.remove(fourth.dn);
  assert.deepEqual((await compare()).sort(), ['DEACTIVATE', 'UPDATE', 'UPDATE']);
  directory.modify(second.dn, { replace: { userAccountControl: '512' } });
  assert.deepEqual((await compare()).sort(), ['DEACTIVATE', 'REACTIVATE']);
});

interface PlannedLine extends Pick<Change, 'kind' | 'identity' | 'scimId'> {
  readonly userName: string;
  readonly awaitsManager: string | null;
  readonly attributes: Readonly<Partial<Record<UserAttribute, { readonly to: never }>>>;
}

const LAYOUT = layoutFor('c42OrgName', 'roles');

/** The request that a line of the plan announces; a manager whom the run makes first has his id by now. */
function requestOf(line: PlannedLine, ids: ReadonlyMap<string | null, string>): string {
  const values = Object.entries(line.attributes).map(([name, { to }]) => [name, to]);
  const blank = Object.fromEntries(USER_ATTRIBUTES.map((name) => [name, null]));
  const user = { ...blank, ...Object.fromEntries(values), userName: line.userName } as UserResource;
  const whole =
    line.awaitsManager === null ? user : { ...user, manager: ids.get(line.awaitsManager) ?? null };
  if (line.scimId === null) return `POST /Users ${JSON.stringify(newResource(whole, LAYOUT))}`;
  const names = Object.keys(line.attributes) as UserAttribute[];
  return `PATCH /Users/${line.scimId} ${JSON.stringify(patchBody(whole, names, LAYOUT))}`;
}

it('a part of the read that is refused makes the whole read incomplete, however small the part', async () => {
  let clock = Date.now() - 7_200_000;
  await using scene = await TrapScene.start({
    now: () => new Date(clock),
    properties: { 'missed.user.check': 'true' },
  });
  const { installation, directory, service } = scene;
  // The latest change is an hour younger than the others, so that the next run reads the changed users alone.
  clock += 3_600_000;
  directory.modify(scene.company.people[5]?.dn ?? '', { replace: { title: 'Latest' } });
  assertExit(await installation.run(['--sync-now']), 0);
  const [gone, changed] = scene.company.people.slice(-2);
  assert.ok(gone && changed);
  directory.remove(gone.dn);
  directory.modify(changed.dn, { replace: { title: 'Changed' } });
  // The changed users are read, the sweep of everybody's identity is refused at once.
  directory.setMisbehave(({ entryCount }) => (entryCount > 30 ? 50 : null));
  const cut = await installation.run(['--sync-now']);
  assertExit(cut, 4);
  assert.match(cut.stderr, /read incompletely: .*50/);
  assert.doesNotMatch(cut.stdout, /absent from the search base \(/);
  assert.equal(
    service.users().find(({ userName }) => userName === changed.mail)?.resource['title'],
    'Changed',
  );
  directory.setMisbehave(null);
  const whole = await installation.run(['--sync-now']);
  assertExit(whole, 0);
  assert.match(whole.stdout, new RegExp(`${gone.mail} is absent from the search base \\(1 of 5\\)`));
});

it('a directory whose suffix is an organization and a country is read as any other', async () => {
  await using scene = await TrapScene.start({ suffix: 'o=Example Group,c=DE' });
  assertExit(await scene.installation.run(['--sync-now']), 0);
  assert.deepEqual(scene.held, scene.wanted);
  scene.service.resetRequests();
  const [changed] = scene.company.people.slice(-1);
  scene.directory.modify(changed?.dn ?? '', { replace: { title: 'Changed' } });
  assertExit(await scene.installation.run(['--sync-now']), 0);
  assert.equal(scene.service.requests().writes, 1);
});

it('two entries with one userName are both left alone and named by their DNs, and the others go on', async () => {
  await using scene = await TrapScene.start();
  const [one, other] = scene.company.people.filter(({ enabled }) => enabled).slice(-2);
  assert.ok(one && other);
  scene.directory.modify(other.dn, { replace: { mail: one.mail.toUpperCase() } });
  const run = await scene.installation.run(['--sync-now']);
  assertExit(run, 3);
  assert.ok(run.stderr.includes(one.dn) && run.stderr.includes(other.dn), run.stderr);
  assert.deepEqual(
    scene.held,
    scene.wanted.filter((name) => name !== one.mail && name !== other.mail),
  );
});

it('a run that is ended for taking too long stops in order with its own exit code, and the next goes on there', async () => {
  await using scene = await TrapScene.start({ people: 120, service: { latencyMs: 60 } });
  const child = startProgram(['--sync-now'], { cwd: scene.installation.folder });
  const ended = finished(child);
  while (scene.service.requests().writes < 20) await once(child.stdout, 'data');
  child.kill('SIGTERM');
  const stopped = await ended;
  assert.equal(stopped.exitCode, 143, stopped.stderr);
  assert.match(stopped.stderr, /The run ended early\. .*the next run goes on with the rest/);
  const confirmed = scene.held.length;
  assert.ok(confirmed >= 15 && confirmed < scene.wanted.length, String(confirmed));
  scene.service.resetRequests();
  assertExit(await scene.installation.run(['--sync-now']), 0);
  assert.deepEqual(scene.held, scene.wanted);
  assert.equal(scene.service.requests().byMethod['POST'], scene.wanted.length - confirmed);
});

/** Three changes, one at a time, each of which must reach the service by one request. */
async function losesNothing(aheadMs: number): Promise<void> {
  await using scene = await TrapScene.start({ now: () => new Date(Date.now() + aheadMs) });
  assertExit(await scene.installation.run(['--sync-now']), 0);
  const people = scene.company.people.filter(({ enabled }) => enabled).slice(-3);
  for (const { dn } of people) {
    scene.service.resetRequests();
    scene.directory.modify(dn, { replace: { title: 'Changed' } });
    assertExit(await scene.installation.run(['--sync-now']), 0);
    assert.equal(scene.service.requests().writes, 1);
  }
}

it('a directory whose clock is ten minutes behind ours loses no change', () => losesNothing(-600_000));

it('a directory whose clock is ten minutes ahead of ours loses no change', () => losesNothing(600_000));

it('requests grow with the changes and not with the users, the groups or the deactivated', async () => {
  const gets: number[] = [];
  for (const people of [40, 160]) {
    await using scene = await TrapScene.start({ people });
    assertExit(await scene.installation.run(['--sync-now']), 0);
    gets.push(scene.service.requests().byMethod['GET'] ?? 0);
    assert.equal(scene.service.requests().writes, scene.wanted.length);
    scene.service.resetRequests();
    const changed = scene.company.people.filter(({ enabled }) => enabled).slice(-3);
    for (const { dn } of changed) scene.directory.modify(dn, { replace: { userAccountControl: '514' } });
    assertExit(await scene.installation.run(['--sync-now']), 0);
    assert.deepEqual(scene.service.requests().byMethod, { GET: 1 + 3, PATCH: 3 }, 'a look before each');
  }
  assert.equal(gets[0], gets[1]);
});

it('30,000 entries pass through a heap of 48 MB', async () => {
  await using scene = await TrapScene.start({ people: 30_000 });
  const run = startProgram(['--full-sync'], {
    cwd: scene.installation.folder,
    env: { NODE_OPTIONS: '--max-old-space-size=48' },
  });
  let last = '';
  run.stdout.setEncoding('utf8').on('data', (text: string) => (last = (last + text).slice(-2000)));
  run.stderr.resume();
  const [exitCode] = (await once(run, 'close')) as [number | null];
  assert.equal(exitCode, 0, last);
  assert.match(last, /users read +30,000/);
});

it('ten refusals in a row, each with Retry-After as a date, cost time and no user', async (t) => {
  const { server, writer } = await open(t, { 'scim.max.attempts': 3 });
  const inOneSecond = (): string => new Date(Date.now() + 1000).toUTCString();
  server.on('POST /Users', (step) => step.send(429, null, { 'retry-after': inOneSecond() }), 10);
  const outcome = await writer.create(userNamed('ann@example.com'));
  assert.equal(outcome.ok, true);
  assert.equal(server.count('POST /Users'), 11);
  assert.equal(server.store.users.size, 1);
});

it('only the attributes that the mapping and the scripts name cross the network', async () => {
  await using scene = await TrapScene.start();
  for (const { dn } of scene.company.people) {
    scene.directory.modify(dn, { replace: { description: 'nobody asked for this' } });
  }
  let received = '';
  const wire = createServer((client) => {
    const upstream = connect(scene.directory.port, scene.directory.host);
    upstream.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) socket.on('error', () => socket.destroy());
  }).listen(0, '127.0.0.1');
  await once(wire, 'listening');
  const { port } = wire.address() as AddressInfo;
  scene.installation.set({ 'ldap.baseurl': `ldap://127.0.0.1:${port}` });
  assertExit(await scene.installation.run(['--sync-now']), 0);
  assert.deepEqual(scene.held, scene.wanted);
  assert.ok(received.includes(scene.wanted[0] ?? '') && !received.includes('nobody asked for this'));
  scene.installation.writeScripts({ org: 'function (entry) { return entry.get("desc" + "ription"); }' });
  assertExit(await scene.installation.run(['--full-sync']), 6);
  assert.ok(
    received.includes('nobody asked for this'),
    'a script that picks names as it runs gets everything',
  );
  wire.close();
});
