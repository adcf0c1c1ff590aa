/** Certificates are checked whatever the environment says: NODE_TLS_REJECT_UNAUTHORIZED=0 opens no connection of c42uds. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { after, before, describe, it, type TestContext } from 'node:test';
import { shakeHandsWith } from '../../src/lib/tls-handshake.ts';
import { openDirectory } from '../../src/ldap/directory.ts';
import { notify } from '../../src/report/notification.ts';
import type { RunEnd } from '../../src/report/run-end.ts';
import { directorySettings, PASSWORD, rememberingLog, runError } from '../ldap/directory-fixture.ts';
import { openAt } from '../scim/open-service.ts';
import { GOOD_CERTIFICATE } from '../servers/hostile-scim-certificates.ts';
import { startHostileProxy } from '../servers/hostile-scim-proxy.ts';
import { startHostileScim, type HostileScim } from '../servers/hostile-scim.ts';
import { startTlsFront } from '../servers/tls-front.ts';
import { freshFolder, runProgram } from './command-line.ts';

const SWITCH = { NODE_TLS_REJECT_UNAUTHORIZED: '0' };

/** A server whose authority nobody here knows, in an environment that asks Node.js to take any certificate. */
describe('with NODE_TLS_REJECT_UNAUTHORIZED=0', () => {
  let server: HostileScim;

  before(async () => {
    // This file has a process of its own.
    Object.assign(process.env, SWITCH);
    server = await startHostileScim(GOOD_CERTIFICATE);
  });
  after(async () => {
    delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    await server.close();
  });

  const portOf = (): number => Number(new URL(server.url).port);

  async function refusedService(t: TestContext, environment: Record<string, string>): Promise<void> {
    const client = openAt(server.url, { 'scim.connection.timeout.period': 5_000 }, { environment });
    t.after(() => client.close());
    await assert.rejects(client.reader.check(), {
      code: 'SERVICE_UNREACHABLE',
      message: /certificate that is not trusted/,
    });
    assert.equal(server.seen.length, 0);
  }

  it('Node.js itself takes the certificate: without what c42uds says of its own the tests below would fail', async () => {
    const socket = connect({ host: '127.0.0.1', port: portOf() });
    await once(socket, 'secureConnect');
    socket.destroy();
  });

  it('the SCIM service is refused', (t) => refusedService(t, {}));

  it('the SCIM service behind a proxy is refused', async (t) => {
    const proxy = await startHostileProxy();
    t.after(() => proxy.close());
    await refusedService(t, { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` });
    assert.equal(proxy.seen.length, 1);
  });

  it('a proxy of https:// is refused', async (t) => {
    const proxy = await startHostileProxy();
    const front = await startTlsFront(GOOD_CERTIFICATE, proxy.port);
    t.after(() => Promise.all([front.close(), proxy.close()]));
    const client = openAt(
      server.url,
      {},
      { environment: { HTTPS_PROXY: `https://127.0.0.1:${front.port}` } },
    );
    t.after(() => client.close());
    await assert.rejects(client.reader.check(), { code: 'SERVICE_UNREACHABLE' });
    assert.equal(proxy.seen.length, 0);
  });

  it('the directory server is refused', async () => {
    const settings = directorySettings({ 'ldap.baseurl': `ldaps://127.0.0.1:${portOf()}` });
    const directory = openDirectory(settings, PASSWORD, rememberingLog());
    const error = await runError(directory.check());
    assert.match(error.message, /the certificate of 127\.0\.0\.1 cannot be trusted/);
    await directory.close();
  });

  it('the web hook is refused and told nothing', async () => {
    const url = `${server.url}/hook`;
    const target = { url, secret: null, attempts: 1, timeoutMs: 5_000, pauseMs: 1 };
    const problem = await notify({ version: '1' } as RunEnd, target, Date.now());
    assert.equal(problem, 'the connection failed (UNABLE_TO_VERIFY_LEAF_SIGNATURE)');
    assert.equal(server.seen.length, 0);
  });

  it('the handshakes of the doctor are refused', async () => {
    const { signal } = new AbortController();
    const target = { host: '127.0.0.1', port: portOf(), timeoutMs: 5_000, signal };
    await assert.rejects(shakeHandsWith(target), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  });

  it('the doctor says that the variable is not heeded', async (t) => {
    const folder = freshFolder();
    t.after(folder.remove);
    const { stdout } = await runProgram(['doctor'], { cwd: folder.path, env: SWITCH });
    assert.match(
      stdout.replaceAll(/\s+/g, ' '),
      /NODE_TLS_REJECT_UNAUTHORIZED=0, which c42uds does not heed/,
    );
  });

  it('a run that refuses a server says so, too, in words of c42uds', async (t) => {
    const folder = freshFolder();
    t.after(folder.remove);
    const settings = {
      'ldap.baseurl': `ldaps://127.0.0.1:${portOf()}`,
      'ldap.baseDn': 'dc=example,dc=com',
      'ldap.bind.authtype': 'NONE',
      'ldap.max.attempts': '1',
      'scim.baseurl': server.url,
      'scim.username': 'provider',
      'scim.password': '${file:password}',
    };
    writeFileSync(join(folder.path, 'password'), 'pass\n');
    const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}\n`);
    writeFileSync(join(folder.path, 'config.properties'), lines.join(''));
    for (const name of ['active', 'org', 'role'])
      writeFileSync(join(folder.path, `${name}script.js`), 'function (entry) { return null; }\n');
    const { exitCode, stderr } = await runProgram([], { cwd: folder.path, env: SWITCH });
    assert.equal(exitCode, 4, stderr);
    assert.match(stderr, /NODE_TLS_REJECT_UNAUTHORIZED=0 is set\. c42uds checks certificates all the same/);
    assert.doesNotMatch(stderr, /disabling certificate verification/);
  });
});
