/** The properties of the files that stay on this machine. */

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RunEnd } from '../../src/report/run-end.ts';
import { assertPublished } from '../report/published-schema.ts';
import { GOOD_CERTIFICATE, TEST_AUTHORITY } from '../servers/hostile-scim-certificates.ts';
import { startHostileScim } from '../servers/hostile-scim.ts';
import { makeAuthority, makeCertificate, opensslSkip } from '../servers/slapd-certificates.ts';
import { startTlsFront } from '../servers/tls-front.ts';
import { startScene, type Properties } from './program-folder.ts';

test('state.location is where the state is kept, and another state knows nobody', async (t) => {
  const scene = await startScene(t, { ann: {} });
  const { program } = scene;
  assert.equal((await program.run('--sync-now')).exitCode, 0);
  assert.ok(existsSync(join(program.path, 'state.db')));
  mkdirSync(join(program.path, 'kept'));
  program.set({ 'state.location': 'kept/mine.db' });
  assert.match(
    (await program.run()).text,
    /users read +1\b/,
    'an incremental run without a state reads everybody',
  );
  assert.equal((await program.run('--sync-now')).exitCode, 0);
  assert.ok(existsSync(join(program.path, 'kept', 'mine.db')));
  assert.match((await program.run()).text, /users read +0\b/);
});

test('state.keep is how many daily copies of the state file are kept', async (t) => {
  const { program } = await startScene(t, { ann: {} });
  const old = ['2020-01-01', '2020-01-02', '2020-01-03'];
  const kept = async (properties: Properties): Promise<string[]> => {
    for (const name of readdirSync(program.path)) {
      if (/^state\.db\.\d/.test(name)) rmSync(join(program.path, name));
    }
    for (const day of old) program.write(`state.db.${day}`, '');
    program.set(properties);
    assert.equal((await program.run('--sync-now')).exitCode, 0);
    const days = readdirSync(program.path).flatMap((name) => /^state\.db\.(\d.*)$/.exec(name)?.[1] ?? []);
    return days.map((day) => (old.includes(day) ? day : 'today')).sort();
  };
  assert.equal((await program.run('--sync-now')).exitCode, 0);
  assert.deepEqual(await kept({}), [...old, 'today']);
  assert.deepEqual(await kept({ 'state.keep': '2' }), ['2020-01-03', 'today']);
  assert.deepEqual(await kept({ 'state.keep': '0' }), []);
});

test('log.location is the folder of the log, log.format its form', async (t) => {
  const { program } = await startScene(t, { ann: {} });
  assert.equal((await program.run()).exitCode, 0);
  const [first = ''] = readdirSync(join(program.path, 'logs'));
  assert.match(first, /^c42uds-\d{4}-\d\d-\d\d\.log$/);
  assert.match(
    readFileSync(join(program.path, 'logs', first), 'utf8'),
    /^\d{4}-\d\d-\d\dT\S+ [0-9a-f]{8} \[INFO {4}main\] Dry run/m,
  );

  program.set({ 'log.location': 'elsewhere/logs', 'log.format': 'json' });
  assert.equal((await program.run()).exitCode, 0);
  assert.deepEqual(readdirSync(join(program.path, 'logs')), [first]);
  const [second = ''] = readdirSync(join(program.path, 'elsewhere', 'logs'));
  assert.match(second, /\.jsonl$/);
  const lines = readFileSync(join(program.path, 'elsewhere', 'logs', second), 'utf8')
    .trimEnd()
    .split('\n');
  const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.ok(records.some(({ msg, level }) => /^Dry run/.test(String(msg)) && level === 'info'));
});

test('log.keep.days is for how many days log files are kept', async (t) => {
  const { program } = await startScene(t, { ann: {} });
  const folder = join(program.path, 'logs');
  const fileOf = (daysAgo: number): string => {
    const { year, month, day } = datePartsOf(daysAgo);
    return `c42uds-${year}-${month}-${day}.log`;
  };
  mkdirSync(folder);
  const kept = async (properties: Properties): Promise<number[]> => {
    for (const daysAgo of [2, 6, 20, 40]) writeFileSync(join(folder, fileOf(daysAgo)), '');
    program.set(properties);
    assert.equal((await program.run()).exitCode, 0);
    const names = readdirSync(folder);
    return [2, 6, 20, 40].filter((daysAgo) => names.includes(fileOf(daysAgo)));
  };
  assert.deepEqual(await kept({}), [2, 6, 20]);
  assert.deepEqual(await kept({ 'log.keep.days': '10' }), [2, 6]);
  assert.deepEqual(await kept({ 'log.keep.days': '1' }), []);
  assert.deepEqual(await kept({ 'log.keep.days': '365' }), [2, 6, 20, 40]);
});

test('log.file.size begins another file of the day, log.keep.size removes the oldest files', async (t) => {
  const { program } = await startScene(t, { ann: {} });
  const folder = join(program.path, 'logs');
  const dated = (daysAgo: number, ending: string): string => {
    const { year, month, day } = datePartsOf(daysAgo);
    return `c42uds-${year}-${month}-${day}.${ending}`;
  };
  const [today, next, yesterday] = [dated(0, 'log'), dated(0, '2.log'), dated(1, 'log')];
  mkdirSync(folder);
  const after = async (properties: Properties): Promise<string[]> => {
    rmSync(join(folder, next), { force: true });
    for (const name of [today, yesterday]) writeFileSync(join(folder, name), 'x'.repeat(1_100_000));
    program.set(properties);
    assert.equal((await program.run()).exitCode, 0);
    return readdirSync(folder).sort();
  };
  assert.deepEqual(await after({}), [yesterday, today].sort());
  assert.deepEqual(await after({ 'log.file.size': '1' }), [yesterday, next, today].sort());
  assert.deepEqual(await after({ 'log.file.size': '0' }), [yesterday, today].sort());
  assert.deepEqual(await after({ 'log.keep.size': '2' }), [today]);
  assert.deepEqual(await after({ 'log.keep.size': '0' }), [yesterday, today].sort());
});

function datePartsOf(daysAgo: number): { year: string; month: string; day: string } {
  const now = new Date();
  const date = new Date(now.getFullYear(), now.getMonth(), now.getDate() - daysAgo);
  const two = (number: number): string => String(number).padStart(2, '0');
  return { year: String(date.getFullYear()), month: two(date.getMonth() + 1), day: two(date.getDate()) };
}

test('metrics.file gets the numbers of each live run, and no dry run touches it', async (t) => {
  const { program, service } = await startScene(t, { ann: {}, ben: {} });
  program.set({ 'metrics.file': 'c42uds.prom' });
  const file = join(program.path, 'c42uds.prom');
  const value = (name: string): number | undefined => {
    const text = new RegExp(`^${name.replace(/[{}]/g, '\\$&')} (\\S+)$`, 'm').exec(
      readFileSync(file, 'utf8'),
    )?.[1];
    return text === undefined ? undefined : Number(text);
  };
  assert.equal((await program.run()).exitCode, 0);
  assert.equal(existsSync(file), false);
  const before = Date.now() / 1000;
  assert.equal((await program.run('--sync-now')).exitCode, 0);
  assert.equal(value('c42uds_run_exit_code'), 0);
  assert.equal(value('c42uds_run_users_read'), 2);
  assert.equal(value('c42uds_run_changes{kind="create"}'), 2);
  assert.equal(value('c42uds_run_requests{method="post"}'), 2);
  assert.equal(value('c42uds_users{state="active"}'), 2);
  assert.equal(statSync(file).mode & 0o777, 0o644);
  const success = value('c42uds_last_success_timestamp_seconds') ?? 0;
  assert.ok(success >= before - 1 && success <= Date.now() / 1000 + 1);
  assert.doesNotMatch(readFileSync(file, 'utf8'), /ann|ben|example\.com/);
  assert.equal(value('c42uds_certificate_end_timestamp_seconds{server="service"}'), undefined, 'no TLS');

  await service.close();
  assert.equal((await program.run('--sync-now')).exitCode, 5);
  assert.equal(value('c42uds_run_exit_code'), 5);
  assert.equal(value('c42uds_last_success_timestamp_seconds'), success, 'the last success is still known');
  rmSync(file);
  assert.equal((await program.run('--sync-now')).exitCode, 5);
  const remembered = value('c42uds_last_success_timestamp_seconds') ?? 0;
  assert.ok(Math.abs(remembered - success) < 5, 'the state knows it, too');
});

test('metrics.file says when the certificates of both servers end', async (t) => {
  const scene = await startScene(t, { ann: {} });
  const { program } = scene;
  const front = await startTlsFront(GOOD_CERTIFICATE, Number(new URL(scene.directory.url).port));
  t.after(() => front.close());
  const service = await startHostileScim(GOOD_CERTIFICATE);
  t.after(() => service.close());
  program.write('ca.pem', TEST_AUTHORITY);
  program.set({
    'metrics.file': 'c42uds.prom',
    'ldap.baseurl': `ldaps://127.0.0.1:${front.port}`,
    'ldap.connection.ca.file': 'ca.pem',
    'scim.baseurl': service.url,
    'scim.connection.ca.file': 'ca.pem',
  });
  assert.equal((await program.run('--sync-now')).exitCode, 0);
  const endS = Date.UTC(2120, 0, 1) / 1000;
  const lines = readFileSync(join(program.path, 'c42uds.prom'), 'utf8').split('\n');
  assert.deepEqual(
    lines.filter((line) => line.startsWith('c42uds_certificate_end')),
    [
      `c42uds_certificate_end_timestamp_seconds{server="directory"} ${endS}`,
      `c42uds_certificate_end_timestamp_seconds{server="service"} ${endS}`,
    ],
  );
});

test(
  'metrics.file tells of the certificate that ends first, be it that of the authority',
  { skip: opensslSkip() },
  async (t) => {
    const scene = await startScene(t, { ann: {} });
    const { program } = scene;
    const folder = mkdtempSync(join(tmpdir(), 'c42uds-authority-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const caFile = await makeAuthority(folder, 20);
    const { certFile, keyFile } = await makeCertificate(folder, 'good');
    const pair = { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
    const front = await startTlsFront(pair, Number(new URL(scene.directory.url).port));
    t.after(() => front.close());
    const service = await startHostileScim(pair);
    t.after(() => service.close());
    program.set({
      'metrics.file': 'c42uds.prom',
      'ldap.baseurl': `ldaps://127.0.0.1:${front.port}`,
      'ldap.connection.ca.file': caFile,
      'scim.baseurl': service.url,
      'scim.connection.ca.file': caFile,
    });
    const run = await program.run('--sync-now');
    assert.equal(run.exitCode, 0, run.text);
    const text = readFileSync(join(program.path, 'c42uds.prom'), 'utf8');
    for (const server of ['directory', 'service']) {
      const endS = Number(new RegExp(`^c42uds_certificate_end.*"${server}"} (\\d+)$`, 'm').exec(text)?.[1]);
      assert.ok(Math.abs(endS - Date.now() / 1000 - 20 * 86_400) < 3600, `${server}: ${endS}`);
    }
    const warnings = run.text.match(
      /The certificate "c42uds test authority", which vouches for 127\.0\.0\.1, ends in/g,
    );
    assert.equal(warnings?.length, 2, run.text);
  },
);

test('notify.url is told the end of each live run, signed with notify.secret, and fails none', async (t) => {
  const told: { readonly body: string; readonly signature: string | undefined }[] = [];
  let answers = [503, 200];
  const hook = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      told.push({ body, signature: request.headers['x-c42uds-signature'] as string | undefined });
      response.writeHead(answers.shift() ?? 200).end();
    });
  }).listen(0, '127.0.0.1');
  t.after(() => hook.close());
  await once(hook, 'listening');
  const { port } = hook.address() as AddressInfo;
  const { program } = await startScene(t, { ann: {} });
  program.set({ 'notify.url': `http://127.0.0.1:${port}/hook?token=hidden` });
  await program.seal('notify.secret', 'shared secret');

  assert.equal((await program.run()).exitCode, 0);
  assert.equal(told.length, 0, 'a dry run tells nobody');
  assert.equal((await program.run('--sync-now')).exitCode, 0);
  assert.equal(told.length, 2, 'what was refused with 503 is sent again');
  const { body, signature: signed = '' } = told[1] ?? { body: '' };
  const [, seconds = '', digest = ''] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(signed) ?? [];
  assert.equal(digest, createHmac('sha256', 'shared secret').update(`${seconds}.${body}`).digest('hex'));
  assertPublished('run-end.json', JSON.parse(body));
  const end = JSON.parse(body) as RunEnd;
  assert.deepEqual(
    [end.exitCode, end.verdict, end.read?.entries, end.confirmed.CREATE],
    [0, 'SYNCHRONIZED', 1, 1],
  );
  assert.doesNotMatch(body, /\bann\b|example\.com/);

  answers = [404];
  const refused = await program.run('--sync-now');
  assert.equal(refused.exitCode, 0);
  assert.match(refused.text, /web hook of notify\.url was not told of this run: it answered HTTP 404/);
  assert.doesNotMatch(refused.text, /hidden|shared secret/);
});

test('notify.url, log lines, report and history of one run bear one id, under the names that run.json publishes', async (t) => {
  const told: RunEnd[] = [];
  const hook = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      told.push(JSON.parse(body) as RunEnd);
      response.end();
    });
  }).listen(0, '127.0.0.1');
  t.after(() => hook.close());
  await once(hook, 'listening');
  const { port } = hook.address() as AddressInfo;
  const { program, service } = await startScene(t, { ann: {} });
  program.set({ 'notify.url': `http://127.0.0.1:${port}/hook` });
  const live = await program.run('--sync-now', '--json');
  assert.equal(live.exitCode, 0, live.text);
  const result = JSON.parse(live.stdout) as Record<string, unknown>;
  const [end] = told;
  assert.ok(end !== undefined);
  const { read, guards } = end;
  for (const [name, value] of Object.entries(end)) {
    if (['type', 'read'].includes(name) || !(name in result)) continue;
    assert.deepEqual(value, result[name], name);
  }
  assert.deepEqual(read, { complete: true, entries: 1 });
  assert.deepEqual(guards, []);
  assert.match(end.runId, /^[0-9a-f]{8}$/);
  assert.match(live.text, new RegExp(`Run ${end.runId} ended with exit code 0`));
  const [logFile = ''] = readdirSync(join(program.path, 'logs'));
  assert.match(
    readFileSync(join(program.path, 'logs', logFile), 'utf8'),
    new RegExp(` ${end.runId} \\[INFO `),
  );

  await service.close();
  assert.equal((await program.run('--sync-now')).exitCode, 5);
  assertPublished('run-end.json', told[1]);
  assert.deepEqual(
    [told[1]?.verdict, told[1]?.error, told[1]?.read],
    ['ENDED_EARLY', { code: 'SERVICE_UNREACHABLE' }, null],
  );
  assert.doesNotMatch(JSON.stringify(told), /\bann\b|example\.com/);

  const history = JSON.parse((await program.run('history', '--json')).stdout) as {
    runs: { runId: string }[];
  };
  assert.deepEqual(
    history.runs.map(({ runId }) => runId),
    [told[1]?.runId, end.runId],
  );
  const user = JSON.parse((await program.run('history', 'ann@example.com', '--json')).stdout) as {
    changes: { runId: string }[];
  };
  assert.deepEqual(
    user.changes.map(({ runId }) => runId),
    [end.runId],
  );
  assert.match((await program.run('history')).stdout, new RegExp(` 0  ${end.runId}$`, 'm'));
  assert.match(
    (await program.run('history', 'ann@example.com')).stdout,
    new RegExp(`created ann@example\\.com  \\[run ${end.runId}\\]`),
  );
});
