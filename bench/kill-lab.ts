/**
 * Kills live runs of the real program at random moments, between changes in a real directory, and then looks for harm:
 * `node bench/kill-lab.ts [KILLS] [SEED]` (1,000 kills take some nine minutes on two idle cores). Ends with 1 if there was any.
 */

import { DatabaseSync } from 'node:sqlite';
import { Installation } from '../test/e2e/installation.ts';
import { startServiceProcess } from '../test/servers/service-process.ts';
import { person, personDn } from '../test/servers/slapd-people.ts';
import { startSlapd } from '../test/servers/slapd.ts';
import { randomFrom } from '../test/simulation/random.ts';

const kills = Number(process.argv[2] ?? '1000');
const seed = Number(process.argv[3] ?? '1');
const random = randomFrom(seed);
const USERS = 150;
/** After so many kills one run is let through to its end, and both sides are compared. */
const ROUND = 20;

interface Wanted {
  title: string;
  mail: string;
  active: boolean;
}

const slapd = await startSlapd({ users: USERS });
const service = await startServiceProcess({ latencyMs: 5, orgGapMs: 10 });
const installation = new Installation({
  'ldap.baseurl': slapd.url,
  'ldap.baseDn': slapd.baseDn,
  'ldap.bind.user': slapd.readerDn,
  'ldap.referral': 'IGNORE',
  'scim.baseurl': service.baseUrl,
  'scim.username': service.username,
  'scim.client.threads': '4',
  'missed.user.check': 'true',
  'deactivate.max.percent': '100',
  'deactivate.org.max.percent': '100',
  // A year's leavers leave within minutes here.
  'deactivate.day.max.percent': '100',
  'guard.reactivated.max.percent': '100',
});
const wanted = new Map<number, Wanted>();
const neverDisabled = new Set<string>();
for (let n = 1; n <= USERS; n += 1) {
  const { title, mail } = person(n);
  wanted.set(n, { title, mail, active: true });
  neverDisabled.add(mail);
}
const harm: string[] = [];

function changeSomebody(): string {
  const n = 1 + Math.floor(random() * USERS);
  const user = wanted.get(n) as Wanted;
  const what = random();
  const replace = (attribute: string, value: string): string =>
    `dn: ${personDn(n)}\nchangetype: modify\nreplace: ${attribute}\n${attribute}: ${value}\n\n`;
  if (what < 0.6) {
    user.title = `Title ${Math.floor(random() * 1000)}`;
    return replace('title', user.title);
  }
  neverDisabled.delete(user.mail);
  if (what < 0.75) {
    user.mail = `${person(n).uid}.${Math.floor(random() * 1e6)}@example.com`;
    return replace('mail', user.mail);
  }
  user.active = !user.active;
  return replace('userAccountControl', user.active ? '512' : '514');
}

async function check(complete: boolean): Promise<void> {
  const state = new DatabaseSync(installation.path('state.db'), { readOnly: true });
  const whole = String(state.prepare('PRAGMA integrity_check(1)').get()?.['integrity_check']);
  state.close();
  if (whole !== 'ok') harm.push(`the state does not load: ${whole}`);
  const { users, duplicateOrgs } = await service.summary();
  if (duplicateOrgs.length > 0) harm.push(`organizations twice: ${duplicateOrgs.join()}`);
  const ids = new Set(users.map((user) => user.externalId));
  if (ids.size !== users.length) harm.push('a user exists twice');
  for (const user of users) {
    if (!user.active && neverDisabled.has(user.userName))
      harm.push(`${user.userName} was deactivated wrongly`);
  }
  if (!complete) return;
  const held = new Map(users.map((user) => [user.userName, user]));
  for (const { mail, active, title } of wanted.values()) {
    const user = held.get(mail);
    if (active && user !== undefined && user.title !== title)
      harm.push(`${mail}: a change of title was lost`);
    if (user === undefined ? active : user.active !== active)
      harm.push(`${mail} is not ${active ? 'active' : 'inactive'}`);
  }
}

const started = performance.now();
try {
  await installation.storePasswords(slapd.readerPassword, service.password);
  for (let kill = 1; kill <= kills && harm.length === 0; kill += 1) {
    await slapd.modify(Array.from({ length: 1 + Math.floor(random() * 4) }, changeSomebody).join(''));
    await installation.runAndKill(['--sync-now'], 100 + Math.floor(random() * 450));
    if (kill % ROUND !== 0 && kill !== kills) continue;
    const through = await installation.run(['--sync-now']);
    if (through.exitCode !== 0) harm.push(`exit code ${through.exitCode}: ${through.stderr}`);
    await check(true);
    // What was in flight for somebody who is closed now is settled by one run more.
    await installation.run(['--sync-now']);
    const quiet = await service.summary();
    await installation.run(['--sync-now']);
    const after = await service.summary();
    if (after.writes !== quiet.writes) harm.push('a run without any change wrote');
    const minutes = ((performance.now() - started) / 60_000).toFixed(1);
    console.log(`${kill} kills in ${minutes} minutes, ${after.writes} writes, harm: ${harm.length}`);
  }
} finally {
  installation.remove();
  await service.stop();
  await slapd.stop();
}
for (const line of harm) console.log(line);
process.exitCode = harm.length === 0 ? 0 : 1;
