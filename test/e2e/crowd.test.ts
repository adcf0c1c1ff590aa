import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { makeCompany } from '../../src/demo/company.ts';
import { startDemoDirectory } from '../../src/demo/ldap-server.ts';
import { startServiceProcess } from '../servers/service-process.ts';
import { startProgram } from './command-line.ts';
import { assertExit, Installation } from './installation.ts';

const BIND = { bindDn: 'CN=reader,DC=example,DC=com', bindPassword: 'pw-of-the-reader' };
const CROWD = 50;

describe('50 live runs started at once', () => {
  it('one runs, and 49 end with exit code 7 and say who holds the lock since when', async () => {
    const company = makeCompany({ kind: 'ACTIVE_DIRECTORY', size: 300 });
    const directory = await startDemoDirectory({
      ...BIND,
      kind: 'ACTIVE_DIRECTORY',
      entries: company.entries,
    });
    // Slow enough that the one is still at work when the last of the others has started.
    const service = await startServiceProcess({ latencyMs: 250 });
    const installation = new Installation({
      'ldap.baseurl': directory.url,
      'ldap.baseDn': company.peopleBase,
      'ldap.bind.user': BIND.bindDn,
      'scim.baseurl': service.baseUrl,
      'scim.username': service.username,
    });
    try {
      assertExit(await installation.storePasswords(BIND.bindPassword, service.password), 0);
      const children = Array.from({ length: CROWD }, () =>
        startProgram(['--sync-now'], { cwd: installation.folder }),
      );
      let ended = 0;
      const codes = await Promise.all(
        children.map(async (child) => {
          let text = '';
          child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
          child.stdout.resume();
          const [code] = (await Promise.race([once(child, 'close'), lastOne(() => ended >= CROWD - 1)])) as [
            number | null,
          ];
          ended += 1;
          if (code === 7) assert.match(text, /process \d+ since \d{4}-/);
          return code;
        }),
      );
      for (const child of children) child.kill('SIGTERM');
      await Promise.all(
        children
          .filter((child) => child.exitCode === null && child.signalCode === null)
          .map((child) => once(child, 'exit')),
      );
      const refused = codes.filter((code) => code === 7).length;
      console.log(`${CROWD} started at once: ${CROWD - refused} ran, ${refused} ended with exit code 7`);
      assert.equal(refused, CROWD - 1);
      assert.equal(codes.filter((code) => code === null).length, 1);
    } finally {
      installation.remove();
      await service.stop();
      await directory.stop();
    }
  });
});

/** Resolves, as a child without a code, when all the others have ended. */
async function lastOne(isLast: () => boolean): Promise<[null]> {
  while (!isLast()) await new Promise((resolve) => setTimeout(resolve, 50));
  return [null];
}
