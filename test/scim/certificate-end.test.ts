/** A service whose certificate ends in ten days: it is said in time, once, by whatever way the service is reached. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import { startHostileProxy } from '../servers/hostile-scim-proxy.ts';
import { startHostileScim } from '../servers/hostile-scim.ts';
import {
  makeAuthority,
  makeCertificate,
  opensslSkip,
  type CertificateKind,
} from '../servers/slapd-certificates.ts';
import { startTlsFront } from '../servers/tls-front.ts';
import { openAt, userNamed } from './open-service.ts';

const SOON =
  /^warn The certificate of 127\.0\.0\.1 ends in (9|10) days, on \d{4}-\d\d-\d\d: without a new one/;

describe('the certificate of the service', { skip: opensslSkip() }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'c42uds-certificates-'));
  let caFile = '';

  before(async () => {
    caFile = await makeAuthority(folder);
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  async function certificate(
    kind: CertificateKind,
  ): Promise<{ readonly cert: string; readonly key: string }> {
    const { certFile, keyFile } = await makeCertificate(folder, kind);
    return { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
  }

  async function service(t: TestContext, kind: CertificateKind): Promise<string> {
    const server = await startHostileScim(await certificate(kind));
    t.after(() => server.close());
    return server.url;
  }

  /** Eight users over four connections: the warnings, and the ends that were told. */
  async function warningsOf(
    t: TestContext,
    url: string,
    environment: Record<string, string> = {},
  ): Promise<{ readonly warnings: readonly string[]; readonly ends: ReadonlySet<number> }> {
    const ends = new Set<number>();
    const onCertificate = (endsMs: number): void => void ends.add(endsMs);
    const settings = { 'scim.connection.ca.file': caFile, 'scim.connection.timeout.period': 5_000 };
    const client = openAt(url, settings, { environment, onCertificate });
    t.after(() => client.close());
    await client.reader.check();
    const users = Array.from({ length: 8 }, (_, index) => userNamed(`user-${index}@example.com`));
    const outcomes = await Promise.all(users.map((user) => client.writer.create(user)));
    assert.ok(outcomes.every(({ ok }) => ok));
    return { warnings: client.lines.filter((line) => line.startsWith('warn')), ends };
  }

  test('is warned of once in a run when it ends within 30 days, however many connections show it', async (t) => {
    const { warnings, ends } = await warningsOf(t, await service(t, 'expiring'));
    assert.equal(warnings.length, 1, warnings.join('\n'));
    assert.match(warnings[0] ?? '', SOON);
    const [end = 0] = ends;
    assert.ok(Math.abs(end - Date.now() - 10 * 86_400_000) < 3_600_000);
  });

  test('is warned of behind a proxy, too', async (t) => {
    const proxy = await startHostileProxy();
    t.after(() => proxy.close());
    const environment = { https_proxy: `http://127.0.0.1:${proxy.port}` };
    const { warnings, ends } = await warningsOf(t, await service(t, 'expiring'), environment);
    assert.ok(proxy.seen.length > 0);
    assert.equal(warnings.length, 1, warnings.join('\n'));
    assert.match(
      warnings[0] ?? '',
      /^warn Behind the proxy: The certificate of 127\.0\.0\.1 ends in (9|10) days/,
    );
    assert.equal(ends.size, 1);
  });

  test('is not mistaken for that of the proxy, which is warned of by itself', async (t) => {
    const proxy = await startHostileProxy();
    t.after(() => proxy.close());
    const front = await startTlsFront(await certificate('expiring'), proxy.port);
    t.after(() => front.close());
    const environment = { https_proxy: `https://localhost:${front.port}` };
    const { warnings, ends } = await warningsOf(t, await service(t, 'good'), environment);
    assert.equal(warnings.length, 1, warnings.join('\n'));
    assert.match(warnings[0] ?? '', /^warn Of the proxy: The certificate of localhost ends in (9|10) days/);
    const [end = 0] = ends;
    assert.ok(end > Date.now() + 360 * 86_400_000, 'the end that is told is that of the service');
  });

  test('is no news while it is good for longer, but its end is known', async (t) => {
    const { warnings, ends } = await warningsOf(t, await service(t, 'good'));
    assert.deepEqual(warnings, []);
    const [end = 0] = ends;
    assert.ok(end > Date.now() + 360 * 86_400_000);
  });
});
