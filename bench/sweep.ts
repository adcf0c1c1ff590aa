/**
 * What an incremental run costs that also looks at everybody: N users (100,000, or the first argument) on OpenLDAP, known
 * to the state, nothing changed; then 100 of them join a group. The service is one in memory, so that only reading counts.
 */

import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { valuesOf } from '../src/model/entry.ts';
import { openDirectory } from '../src/ldap/directory.ts';
import { openState } from '../src/local/state.ts';
import type { Sighting, UserListing, UserReader, UserWriter } from '../src/model/ports.ts';
import type { RunRules, RunSummary } from '../src/model/run.ts';
import { run } from '../src/sync/run.ts';
import { RULES } from '../test/doubles/lab.ts';
import { RuleJudge } from '../test/doubles/rule-judge.ts';
import { directorySettings, rememberingLog } from '../test/ldap/directory-fixture.ts';
import { groupDn, personDn } from '../test/servers/slapd-people.ts';
import { startSlapd } from '../test/servers/slapd.ts';

const users = Number(process.argv[2] ?? '100000');
const JOINING = 100;
const ROUNDS = 3;

/** What is looked at besides the entries that changed. */
const LOOKS: readonly [name: string, reads: string[], rules: Partial<RunRules>][] = [
  ['nothing', [], {}],
  ['identities (missed.user.check)', [], { missedUserCheck: true }],
  ['identities and memberOf', ['memberOf'], { missedUserCheck: true }],
  ['identities and memberOfAll', ['memberOfAll'], { missedUserCheck: true }],
];

/** A service that takes everything and keeps nothing but a count. */
class CountingService implements UserReader, UserWriter {
  #users = 0;

  async check(): Promise<void> {}

  async count(): Promise<number> {
    return 0;
  }

  list(): UserListing {
    async function* nobody(): AsyncGenerator<never> {}
    return Object.assign(nobody(), { end: () => ({ reached: true }) as const });
  }

  async find(): Promise<Sighting> {
    return { kind: 'NONE' };
  }

  requests(): Readonly<Record<string, number>> {
    return {};
  }

  async create(): ReturnType<UserWriter['create']> {
    return { ok: true, scimId: String(++this.#users), how: 'CREATED', held: [] };
  }

  async update(scimId: string): ReturnType<UserWriter['update']> {
    return { ok: true, scimId, how: 'UPDATED', held: [] };
  }
}

const slapd = await startSlapd({ users });
const folder = mkdtempSync(join(tmpdir(), 'c42uds-sweep-'));
const settings = directorySettings({
  'ldap.baseurl': slapd.url,
  'ldap.baseDn': slapd.baseDn,
  'ldap.bind.user': slapd.readerDn,
  'ldap.paging.size': 1000,
  'ldap.read.timeout.period': 60_000,
  'ldap.referral': 'IGNORE',
  'ldap.change.overlap.period': 0,
});

function statePath(look: string): string {
  return join(folder, `${look}.db`);
}

async function once(look: (typeof LOOKS)[number], service: CountingService): Promise<RunSummary> {
  const [name, reads, rules] = look;
  const judge = new RuleJudge();
  judge.reads = reads;
  judge.rule = (entry) => ({
    active: true,
    org: null,
    roles: [`${valuesOf(entry, 'memberOf').length} groups`],
  });
  const log = rememberingLog();
  const directory = openDirectory(settings, slapd.readerPassword, log);
  const state = openState({
    path: statePath(name),
    mode: 'LIVE',
    service: 'https://scim.example',
    scopeKey: 'bench',
  });
  try {
    return await run({
      request: { mode: 'LIVE', scope: 'INCREMENTAL', extraFilter: null, userNames: null },
      rules: { ...RULES, ...rules, movedMaxPercent: 100, clientThreads: 1 },
      directory,
      judge,
      reader: service,
      openWriter: () => service,
      state,
      log,
      observer: { stage: () => undefined, progress: () => undefined, preview: () => undefined },
      signal: new AbortController().signal,
    });
  } finally {
    state.close();
    await directory.close();
  }
}

async function measured(work: () => Promise<RunSummary>): Promise<string> {
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  const summary = await work();
  const { user, system } = process.cpuUsage(cpu);
  const seconds = ((performance.now() - started) / 1000).toFixed(2);
  const sent = summary.confirmed.UPDATE;
  return `${seconds} s, ${((user + system) / 1e6).toFixed(2)} s of CPU, ${summary.verdict.entryCount} read whole, ${sent} sent`;
}

try {
  const service = new CountingService();
  for (const look of LOOKS) {
    // Everybody is created once; the other looks go on from a copy of that state.
    const known = statePath(LOOKS[0]?.[0] ?? '');
    if (look !== LOOKS[0]) copyFileSync(known, statePath(look[0]));
    const first = await once(look, service);
    // Times are whole seconds, and the next run begins before the last change by as much as this one took: until
    // somebody changes later than that, everybody is read again.
    await delay(first.durationMs + 2000);
    await slapd.modify(`dn: ${personDn(users)}\nchangetype: modify\nreplace: title\ntitle: ${look[0]}\n\n`);
    await once(look, service);
    await once(look, service);
    const megabytes = statSync(statePath(look[0])).size / 1e6;
    console.log(`${users} users, looking at ${look[0]}; state file ${megabytes.toFixed(0)} MB`);
    for (let round = 1; round <= ROUNDS; round += 1) {
      console.log(`  nothing changed:  ${await measured(() => once(look, service))}`);
    }
    const group = groupDn(`bench-${LOOKS.indexOf(look)}`);
    const members = Array.from({ length: JOINING }, (_, i) => `member: ${personDn(i + 1)}\n`).join('');
    await slapd.modify(`dn: ${group}\nobjectClass: groupOfNames\ncn: ${group.slice(3, 10)}\n${members}\n`);
    console.log(`  100 join a group: ${await measured(() => once(look, service))}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
  await slapd.stop();
}
