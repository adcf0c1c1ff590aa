/**
 * `c42uds script impact` over N users (100,000, or the first argument) of an OpenLDAP server, against a full dry run by
 * one set of scripts; then the live run, whose plan must be the predicted one, change by change.
 */

import { readFileSync } from 'node:fs';
import { Installation } from '../test/e2e/installation.ts';
import { startServiceProcess } from '../test/servers/service-process.ts';
import { startSlapd } from '../test/servers/slapd.ts';

const users = Number(process.argv[2] ?? '100000');

/** The changes of a plan file without its header, in an order of their own. */
function changesIn(path: string): string[] {
  return readFileSync(path, 'utf8').trim().split('\n').slice(1).sort();
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
  'scim.client.threads': '8',
});

async function timed(what: string, words: readonly string[]): Promise<number> {
  const { exitCode, seconds } = await installation.runLong(words);
  if (exitCode !== 0) throw new Error(`${what} ended with ${exitCode}`);
  console.log(`${what}: ${seconds.toFixed(1)} s`);
  return seconds;
}

try {
  await installation.storePasswords(slapd.readerPassword, service.password);
  await timed(`first live run of ${users} users`, ['--sync-now']);
  const dry = await timed('full dry run, one set of scripts', ['--full-sync']);
  installation.writeScripts({
    org: `function (entry) { return entry.title === 'Engineer' ? 'Engineering' : entry.department; }`,
    role: `function (entry) { return /7$/.test(entry.employeeNumber) ? null : ["Desktop User", "PROe User"]; }`,
  });
  const impact = await timed('script impact', ['script', 'impact', '--plan', 'predicted.jsonl']);
  await timed('live run by the edited scripts', ['--sync-now', '--plan', 'done.jsonl']);
  const predicted = changesIn(installation.path('predicted.jsonl'));
  const done = changesIn(installation.path('done.jsonl'));
  const same = predicted.length === done.length && predicted.every((line, at) => line === done[at]);
  console.log(
    `predicted ${predicted.length} changes, planned ${done.length}: ${same ? 'the same, each of them' : 'NOT THE SAME'}`,
  );
  console.log(`ratio to a full dry run by one set of scripts: ${(impact / dry).toFixed(2)}`);
  if (!same) process.exitCode = 1;
} finally {
  installation.remove();
  await service.stop();
  await slapd.stop();
}
