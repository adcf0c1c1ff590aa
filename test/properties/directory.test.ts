/** The properties of the LDAP directory that no test of the reader varies: seen at the directory or on the wire. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { openDirectory } from '../../src/ldap/directory.ts';
import type { DirectorySettings } from '../../src/ldap/directory.ts';
import type { RunError } from '../../src/model/errors.ts';
import { directorySettings, PASSWORD, readAll, rememberingLog, runError } from '../ldap/directory-fixture.ts';
import * as certificates from '../servers/hostile-scim-certificates.ts';
import { startScriptedLdap } from '../servers/scripted-ldap.ts';
import { BASE, dnOf, startDirectory, startScene, SUFFIX } from './program-folder.ts';

/** A server that takes connections and does with them what `hangsUp` says; when each came, in milliseconds. */
async function startMute(t: TestContext, hangsUp: boolean): Promise<{ port: number; cameAt: number[] }> {
  const cameAt: number[] = [];
  const server = createServer((socket) => {
    cameAt.push(performance.now());
    socket.on('error', () => undefined);
    t.after(() => socket.destroy());
    if (hangsUp) socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { port: (server.address() as AddressInfo).port, cameAt };
}

/** How the check of a directory with these settings ends. */
async function checked(settings: Partial<DirectorySettings>): Promise<RunError | null> {
  const directory = openDirectory(directorySettings(settings), PASSWORD, rememberingLog());
  try {
    return await runError(directory.check()).catch(() => null);
  } finally {
    await directory.close();
  }
}

test('the directory that ldap.baseurl names is read, and no other', async (t) => {
  const scene = await startScene(t, { ann: {} });
  const other = await startDirectory(t, { ben: {} });
  assert.equal((await scene.program.run('--sync-now')).exitCode, 0);
  assert.deepEqual([scene.names(), other.requests().connections], [['ann'], 0]);
  const before = scene.directory.requests();
  scene.program.set({ 'ldap.baseurl': other.url });
  assert.equal((await scene.program.run('--sync-now')).exitCode, 0);
  assert.deepEqual(scene.names(), ['ann', 'ben']);
  assert.deepEqual(scene.directory.requests(), before);
});

test('only users below ldap.baseDn are read', async (t) => {
  for (const [baseDn, expected] of [
    [dnOf('ann'), ['ann']],
    [SUFFIX, ['ann', 'ben']],
  ] as const) {
    const scene = await startScene(t, { ann: {}, ben: {} }, { 'ldap.baseDn': baseDn });
    assert.equal((await scene.program.run('--sync-now')).exitCode, 0);
    assert.deepEqual(scene.names(), expected);
  }
});

test('only users whom ldap.search.filter finds are read', async (t) => {
  for (const [filter, expected] of [
    ['', ['ann', 'ben']],
    ['(title=Lead)', ['ben']],
  ] as const) {
    const people = { ann: { title: 'Analyst' }, ben: { title: 'Lead' } };
    const scene = await startScene(t, people, { 'ldap.search.filter': filter });
    assert.equal((await scene.program.run('--sync-now')).exitCode, 0);
    assert.deepEqual(scene.names(), expected);
  }
});

test('ldap.paging.size is the most entries that one answer brings', async (t) => {
  const searches: number[] = [];
  for (const size of ['500', '5', '3', '2']) {
    const people = { ann: {}, ben: {}, cid: {}, dan: {}, eva: {} };
    const scene = await startScene(t, people, { 'ldap.paging.size': size });
    const run = await scene.program.run('--full-sync');
    assert.equal(run.exitCode, 0, run.text);
    searches.push(scene.directory.requests().searches);
  }
  const [once = 0] = searches;
  assert.deepEqual(searches, [once, once, once + 1, once + 2]);
});

test('by ldap.change.tracking an incremental run reads who has changed, or with COMPARE everybody', async (t) => {
  for (const [tracking, read] of [
    ['AUTO', 1],
    ['USN_CHANGED', 1],
    ['COMPARE', 4],
  ] as const) {
    const people = { ann: {}, ben: {}, cid: {}, dan: {} };
    const scene = await startScene(t, people, { 'ldap.change.tracking': tracking });
    assert.equal((await scene.program.run('--sync-now')).exitCode, 0);
    scene.directory.modify(dnOf('ben'), { replace: { title: 'Lead' } });
    const run = await scene.program.run('--sync-now');
    assert.equal(run.exitCode, 0, run.text);
    assert.match(run.text, new RegExp(`users read +${read}\\b`));
    assert.equal(scene.held('ben')?.['title'], 'Lead');
  }
});

test('ldap.group.changes decides whether an incremental run sees who joined or left a group', async (t) => {
  const groupDn = `CN=vip,${BASE}`;
  const vip = { objectClass: ['top', 'group'], cn: 'vip', member: [dnOf('ann')] };
  const scripts = { role: 'function (entry) { return entry.list("memberOf").length === 0 ? null : "VIP"; }' };
  for (const [changes, expected, said] of [
    [
      'AUTO',
      { ann: undefined, ben: 'VIP' },
      /by comparing memberOf of every user: rolescript\.js reads memberOf/,
    ],
    ['OFF', { ann: 'VIP', ben: undefined }, /OFF: only full runs see changes of memberOf/],
  ] as const) {
    const scene = await startScene(t, { ann: {}, ben: {} }, { 'ldap.group.changes': changes }, scripts);
    scene.directory.add(groupDn, vip);
    assert.equal((await scene.program.run('--sync-now')).exitCode, 0);
    scene.directory.modify(groupDn, { replace: { member: [dnOf('ben')] } });
    const run = await scene.program.run('--sync-now');
    assert.equal(run.exitCode, 0, run.text);
    assert.match(run.text, said);
    const roles = (name: string): unknown =>
      (scene.held(name)?.['roles'] as { value: string }[] | undefined)?.[0]?.value;
    assert.deepEqual({ ann: roles('ann'), ben: roles('ben') }, expected);
  }
});

test('ldap.change.overlap.period is how far back from its watermark an incremental run reads', async () => {
  for (const [tracking, overlapMs, from] of [
    ['MODIFY_TIMESTAMP', 0, 'modifyTimestamp>=20260101120000Z'],
    ['MODIFY_TIMESTAMP', 90_000, 'modifyTimestamp>=20260101115830Z'],
    ['WHEN_CHANGED', 3_600_000, 'whenChanged>=20260101110000.0Z'],
  ] as const) {
    const read = await readAll(
      (answer) => answer.done({ cookie: '' }),
      { 'ldap.change.tracking': tracking, 'ldap.change.overlap.period': overlapMs },
      {},
      { since: { tracking, serverId: null, value: '20260101120000Z' } },
    );
    assert.ok(read.server.searches[0]?.filter.includes(`(${from})`), read.server.searches[0]?.filter);
  }
});

test('what ldap.schema.attributes.sensitive names is seen by no script and stands in no log', async (t) => {
  const people = { ann: { userPassword: 'first-secret', badgePin: 'second-secret' } };
  const scripts = {
    active: 'function (entry) { print(JSON.stringify([entry.userPassword, entry.badgePin])); return true; }',
    org: 'function (entry) { return entry.badgePin; }',
    role: 'function (entry) { return entry.userPassword; }',
  };
  const scene = await startScene(t, people, {}, scripts);
  const byDefault = await scene.program.run('--sync-now', '--trace');
  assert.equal(byDefault.exitCode, 0, byDefault.text);
  assert.ok(byDefault.text.includes('second-secret') && !byDefault.text.includes('first-secret'));
  assert.deepEqual(
    [scene.held('ann')?.['c42OrgName'], scene.held('ann')?.['roles']],
    ['second-secret', undefined],
  );

  scene.service.store.users.clear();
  scene.program.set({
    'ldap.schema.attributes.sensitive': 'USERPASSWORD, badgepin',
    'state.location': 'another.db',
    'ldap.attrib.title': 'badgePin',
  });
  const named = await scene.program.run('--sync-now', '--trace');
  assert.equal(named.exitCode, 0, named.text);
  assert.match(named.text, /\[null,null\]/);
  assert.doesNotMatch(named.text, /(first|second)-secret/);
  assert.equal(scene.held('ann')?.['c42OrgName'], undefined);
  assert.equal(scene.held('ann')?.['title'], undefined);
});

test('ldap.bind.authtype=NONE needs no password and sends none; SIMPLE ends without one', async (t) => {
  const scene = await startScene(t, { ann: {} }, { 'ldap.bind.authtype': 'none', 'ldap.bind.user': '' });
  scene.program.set({ 'ldap.bind.password': '' });
  const anonymous = await scene.program.run();
  // As Active Directory does, the directory takes the bind and then shows nothing.
  assert.equal(anonymous.exitCode, 4, anonymous.text);
  assert.deepEqual([scene.directory.requests().connections, scene.directory.requests().failedBinds], [1, 0]);
  scene.program.set({ 'ldap.bind.authtype': 'SIMPLE', 'ldap.bind.user': 'CN=reader' });
  const simple = await scene.program.run();
  assert.equal(simple.exitCode, 2, simple.text);
  assert.match(simple.text, /No password is set for ldap\.bind\.password/);
  assert.equal(scene.directory.requests().connections, 1);
});

test('ldap.connection.allowunsafecerts and ldap.connection.ca.file decide which certificates are taken', async (t) => {
  const caFile = join(mkdtempSync(join(tmpdir(), 'c42uds-properties-')), 'ca.pem');
  t.after(() => {
    rmSync(dirname(caFile), { recursive: true });
  });
  writeFileSync(caFile, certificates.TEST_AUTHORITY);
  for (const [certificate, refusal] of [
    [certificates.GOOD_CERTIFICATE, null],
    [certificates.EXPIRED_CERTIFICATE, /has expired/],
    [certificates.OTHER_HOST_CERTIFICATE, /is for another host/],
  ] as const) {
    const server = await startScriptedLdap((answer) => answer.done({ cookie: '' }), { tls: certificate });
    t.after(() => server.close());
    const url = { 'ldap.baseurl': server.url };
    const strict = await checked(url);
    assert.match(strict?.message ?? '', /the certificate of 127\.0\.0\.1 cannot be trusted/);
    assert.deepEqual(server.log, [], 'no bind, so no password');
    const known = await checked({ ...url, 'ldap.connection.ca.file': caFile });
    if (refusal === null) assert.equal(known, null);
    else assert.match(known?.message ?? '', refusal);
    assert.equal(await checked({ ...url, 'ldap.connection.allowunsafecerts': true }), null);
  }
});

test('ldap.connection.timeout.period bounds the TLS handshake too', async (t) => {
  const { port } = await startMute(t, false);
  for (const timeoutMs of [60, 300]) {
    const startedAt = performance.now();
    const error = await checked({
      'ldap.baseurl': `ldaps://127.0.0.1:${port}`,
      'ldap.connection.timeout.period': timeoutMs,
    });
    assert.ok(performance.now() - startedAt >= timeoutMs - 2);
    assert.match(
      error?.message ?? '',
      new RegExp(`no connection within ${timeoutMs} ms \\(ldap.connection.timeout.period\\)`),
    );
  }
});

test('ldap.delay.between.attempts is the time between two of the ldap.max.attempts attempts', async (t) => {
  for (const [attempts, delayMs] of [
    [3, 120],
    [2, 250],
    [4, 0],
  ] as const) {
    const { port, cameAt } = await startMute(t, true);
    const error = await checked({
      'ldap.baseurl': `ldap://127.0.0.1:${port}`,
      'ldap.max.attempts': attempts,
      'ldap.delay.between.attempts': delayMs,
    });
    assert.equal(error?.code, 'DIRECTORY_UNREACHABLE');
    assert.equal(cameAt.length, attempts);
    const gaps = cameAt.slice(1).map((time, i) => time - (cameAt[i] ?? 0));
    const shortest = Math.min(...gaps);
    assert.ok(shortest >= delayMs - 2 && shortest < delayMs + 500, gaps.join());
  }
});
