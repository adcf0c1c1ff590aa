/** Ctrl-C and SIGTERM in the middle of a live run: what is on its way is waited for, confirmed, and not repeated. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startDemoDirectoryProcess, type DemoDirectoryProcess } from '../servers/demo-process.ts';
import { startHostileScim } from '../servers/hostile-scim.ts';
import { startServiceProcess, type ServiceProcess } from '../servers/service-process.ts';
import { startProgram } from './command-line.ts';
import { assertExit, Installation } from './installation.ts';

const USERS = 20;
/** Long enough that a signal always meets a request on its way. */
const LATENCY_MS = 200;

describe('a live run that is interrupted', () => {
  let directory: DemoDirectoryProcess;

  before(async () => {
    directory = await startDemoDirectoryProcess({
      kind: 'ACTIVE_DIRECTORY',
      size: USERS,
      bindDn: 'CN=reader,DC=example,DC=com',
      bindPassword: 'pw-of-the-reader',
    });
  });

  after(() => directory.stop());

  for (const [signal, exitCode] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`${signal}: the request on its way is confirmed, the exit code is ${exitCode}, and the next run does the rest`, async () => {
      const service = await startServiceProcess({ latencyMs: LATENCY_MS });
      const installation = install(service);
      try {
        assertExit(await installation.storePasswords(directory.bindPassword, service.password), 0);
        await service.reset();
        const child = startProgram(['--sync-now'], { cwd: installation.folder });
        let output = '';
        let signalled = false;
        const listen = (text: string): void => {
          output += text;
          // The first creation is confirmed, so the second is on its way.
          if (signalled || !/created/.test(output)) return;
          signalled = true;
          child.kill(signal);
        };
        child.stdout.setEncoding('utf8').on('data', listen);
        child.stderr.setEncoding('utf8').on('data', listen);
        const ended = await new Promise<number | null>((resolve) => child.on('close', resolve));
        assert.equal(ended, exitCode, output);
        const told = /The run ended early\. (\d+) .*created.*; the next run goes on with the rest\./.exec(
          output,
        )?.[1];
        const arrived = (await service.summary()).users.length;
        assert.ok(arrived >= 2 && arrived < USERS, `${arrived} users`);
        assert.equal(Number(told), arrived, 'who was on the way is told of, too');

        assertExit(await installation.run(['--sync-now']), 0);
        const { users, byMethod } = await service.summary();
        assert.equal(users.length, USERS);
        assert.equal(byMethod['POST'], USERS, 'nobody was sent twice');
      } finally {
        installation.remove();
        await service.stop();
      }
    });
  }

  it('a second SIGTERM ends it at once, though an answer is still awaited', async () => {
    const service = await startHostileScim();
    const installation = install({ baseUrl: service.url, username: 'provider' });
    try {
      assertExit(await installation.storePasswords(directory.bindPassword, 'any'), 0);
      // The creation is never answered: the first signal alone would wait for it, ten seconds long.
      const arrived = new Promise<void>((resolve) => {
        service.on('POST', () => resolve());
      });
      const child = startProgram(['--sync-now'], { cwd: installation.folder });
      child.stdout.resume();
      child.stderr.resume();
      const closed = once(child, 'close');
      await arrived;
      const started = performance.now();
      child.kill('SIGTERM');
      // A signal that comes with the first one is the same one, sent to all processes.
      child.kill('SIGTERM');
      await delay(700);
      assert.equal(child.exitCode, null, 'the first signal lets the creation come to its answer');
      child.kill('SIGTERM');
      assert.deepEqual(await closed, [143, null]);
      assert.ok(performance.now() - started < 8_000);
    } finally {
      installation.remove();
      await service.close();
    }
  });

  function install(service: Pick<ServiceProcess, 'baseUrl' | 'username'>): Installation {
    return new Installation(
      {
        'ldap.baseurl': directory.url,
        'ldap.baseDn': directory.suffix,
        'ldap.bind.user': directory.bindDn,
        'scim.baseurl': service.baseUrl,
        'scim.username': service.username,
        'ldap.referral': 'IGNORE',
      },
      {
        active: 'function (entry) { return true; }',
        org: 'function (entry) { return null; }',
        role: 'function (entry) { return null; }',
      },
    );
  }
});
