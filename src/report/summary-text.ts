/** A run summed up as text: counts, requests, duration, and what to do next. */

import { printable } from '../lib/printable.ts';
import { EXIT_CODES } from '../model/errors.ts';
import type { ChangeKind } from '../model/plan.ts';
import type { RunRequest, RunSummary } from '../model/run.ts';
import { entryNote } from './failure-text.ts';
import { count, counted, duration } from './quantity.ts';

/** A line, and how loud it is: `error` and `warn` also reach whoever reads standard error only. */
export interface SummaryLine {
  readonly level: 'error' | 'warn' | 'info';
  readonly component: 'main' | 'LdapService' | 'SyncService';
  readonly text: string;
}

const KINDS: readonly { readonly kind: ChangeKind; readonly dry: string; readonly live: string }[] = [
  { kind: 'CREATE', dry: 'to create', live: 'created' },
  { kind: 'UPDATE', dry: 'to update', live: 'updated' },
  { kind: 'REACTIVATE', dry: 'to reactivate', live: 'reactivated' },
  { kind: 'DEACTIVATE', dry: 'to deactivate', live: 'deactivated' },
];
const USERS_NAMED = 20;
const NONE_RESENT = { planned: 0, confirmed: 0 };

/**
 * The summary of a run. The failed users are counted, not listed: they have been told one by one.
 * @param flags the flags of the run without `--sync-now`, to say how to go on
 */
export function summaryLines(summary: RunSummary, flags: readonly string[]): SummaryLine[] {
  return [
    ...notFoundLines(summary),
    ...verdictLines(summary),
    ...guardLines(summary),
    info(`${headingOf(summary)}: ${scopeOf(summary.request)}`),
    ...countLines(summary).map(info),
    ...filterHint(summary),
    ...headroomLines(summary).map(info),
    info(`SCIM requests: ${requestsOf(summary)}`),
    info(`Duration: ${duration(summary.durationMs)}`),
    ...estimateLines(summary).map(info),
    ...costLines(summary).map(info),
    ...waitingLines(summary),
    ...unclaimedLines(summary),
    ...nextLines(summary, flags),
  ];
}

/** An estimate, and called one: a service may answer writes more slowly than the questions of a dry run. */
function estimateLines({ estimate }: RunSummary): string[] {
  if (estimate === undefined || estimate === null) return [];
  const { requests, durationMs, limitPerSecond } = estimate;
  const limit =
    limitPerSecond === null ? '' : ` at ${count(Math.round(limitPerSecond * 60))} a minute, its limit`;
  const time = durationMs < 10_000 ? 'some seconds' : `about ${duration(durationMs)}`;
  return [`The live run would take ${time}: ${counted(requests, 'request')} to the service${limit}`];
}

/** Failures of earlier runs that this one has not tried: nobody is forgotten because he waits. */
function waitingLines({ waiting }: RunSummary): SummaryLine[] {
  return waiting.map(({ user, failure, since, attempts, retryAt, ...entry }) => {
    const told = `WAITING ${user}: failed ${attempts} times since ${since}, next attempt after ${retryAt}: ${failure.message}`;
    return { level: 'warn', component: 'SyncService', text: told + entryNote(entry, user) };
  });
}

/** They may be accounts of leavers whom nobody remembers, or of services: only a person can tell. */
function unclaimedLines({ unclaimed }: RunSummary): SummaryLine[] {
  if (unclaimed === undefined || unclaimed === null || unclaimed.count === 0) return [];
  const { count: all, provisioned, ofInactive, users } = unclaimed;
  const inactive =
    ofInactive === 0 ? '' : `, ${count(ofInactive)} with the userName of a disabled entry, whose they may be`;
  const more = all > users.length ? ` and ${count(all - users.length)} more` : '';
  const text = `The service holds ${counted(all, 'active account')} whose externalId no entry in the directory has, nor an active one their userName, ${count(provisioned)} with an externalId, as accounts have it that c42uds or another tool made${inactive}: ${users.map(printable).join(', ')}${more}. c42uds leaves them alone: if they are of people who have left, close them in the console.`;
  return [{ level: 'warn', component: 'SyncService', text }];
}

function headingOf({ request, exitCode, verdict }: RunSummary): string {
  if (request.mode === 'DRY') return 'Dry run';
  if (exitCode === EXIT_CODES.GUARD) return 'Stopped before the first write';
  return verdict.complete ? 'Synchronized' : 'Synchronized in part';
}

function info(text: string): SummaryLine {
  return { level: 'info', component: 'main', text };
}

function notFoundLines(summary: RunSummary): SummaryLine[] {
  return summary.namesNotFound.map((name) => ({
    level: 'warn',
    component: 'LdapService',
    text: `No user "${name}" of the --files list was found by ${summary.namesLookedUpBy} (driver.files.attribute.name)${summary.request.extraFilter === null ? '' : ' among those of --filter'}: correct the list or the property.`,
  }));
}

function verdictLines({ verdict }: RunSummary): SummaryLine[] {
  if (verdict.complete) return [];
  return [
    {
      level: 'error',
      component: 'LdapService',
      text: `The directory was read incompletely: ${verdict.reason}`,
    },
    {
      level: 'error',
      component: 'LdapService',
      text: 'Nobody was counted absent or deactivated for absence. Mend the cause and run again.',
    },
  ];
}

function guardLines({ guards, request, exitCode }: RunSummary): SummaryLine[] {
  // Past an approved plan's guards the run has gone: it has said so.
  if (exitCode !== EXIT_CODES.GUARD) return [];
  return guards.flatMap(({ property, message, users, userCount }): SummaryLine[] => {
    const isLive = request.mode === 'LIVE';
    const level = isLive ? 'error' : 'warn';
    const stopped = isLive ? 'Stopped' : 'A live run would be stopped';
    const first = users.slice(0, USERS_NAMED);
    const more = userCount > first.length ? ` and ${count(userCount - first.length)} more` : '';
    const named = first.join(', ') + more;
    return [
      { level, component: 'SyncService', text: `${stopped} by ${property}: ${message}` },
      ...(named === ''
        ? []
        : [{ level, component: 'SyncService', text: `Users concerned: ${named}` } as const]),
    ];
  });
}

function scopeOf(request: RunRequest): string {
  const limits = [
    ...(request.userNames === null ? [] : [`the ${counted(request.userNames.length, 'user')} of --files`]),
    ...(request.extraFilter === null ? [] : [filterScope(request)]),
  ];
  if (limits.length > 0) return limits.join(' that are among ');
  return request.scope === 'FULL'
    ? 'every user in the search base'
    : 'the users changed since the last synchronization';
}

/** An incremental run reads only what changed, filter or not. */
function filterScope({ scope, userNames }: RunRequest): string {
  const changed =
    scope === 'FULL' || userNames !== null ? '' : ' that changed since the last synchronization';
  return `the users of --filter${changed}`;
}

/** Nobody read by an incremental `--filter` run means nobody changed, not that nobody matches. */
function filterHint({ request, verdict }: RunSummary): SummaryLine[] {
  const { scope, extraFilter, userNames } = request;
  if (extraFilter === null || userNames !== null || scope === 'FULL' || verdict.entryCount > 0) return [];
  return [info('For every user of --filter, changed or not: add --full-sync.')];
}

/** How near a dry run's plan comes to each limit: before it is carried out is the time to ask. */
function headroomLines({ request, headroom }: RunSummary): string[] {
  if (request.mode === 'LIVE' || headroom.length === 0) return [];
  const widest = Math.max(...headroom.map(({ what }) => what.length));
  const rows = headroom.map(({ property, what, count: number, of, limit, tripped }) => {
    const share = (100 * number) / Math.max(1, of ?? 0);
    const few = of !== null && share > limit && !tripped ? ', too few to count' : '';
    const figures =
      of === null
        ? `${count(number)}, limit ${count(limit)}`
        : `${count(number)} of ${count(of)} = ${share.toFixed(1)} %, limit ${limit} %${few}`;
    // Without a colour, too, the limit that is exceeded stands out.
    return `${tripped ? '! ' : '  '}${printable(what).padEnd(widest)}  ${figures} (${property})`;
  });
  return ['Safety limits:', ...rows];
}

function countLines(summary: RunSummary): string[] {
  const live = summary.request.mode === 'LIVE';
  const counts = live ? summary.confirmed : summary.planned;
  const rows: [string, string][] = [['users read', count(summary.verdict.entryCount)]];
  for (const { kind, dry, live: done } of KINDS) {
    const adopted =
      kind === 'CREATE' && summary.adopted > 0 ? ` (${count(summary.adopted)} were there already)` : '';
    const resent = kind === 'UPDATE' ? (summary.resent ?? NONE_RESENT) : NONE_RESENT;
    const wanted = summary.planned[kind] - resent.planned;
    const number = counts[kind] - (live ? resent.confirmed : resent.planned);
    const planned = live && number < wanted ? ` of ${count(wanted)} planned` : '';
    rows.push([live ? done : dry, count(number) + planned + adopted]);
    if (resent.planned > 0) rows.push(resentRow(live, resent));
  }
  rows.push(['without change', count(summary.planned.NONE)]);
  rows.push(['failed', count(summary.failures.length)]);
  const { deviating = 0 } = summary;
  if (deviating > 0)
    rows.push(['held otherwise', `${count(deviating)} by the service, which took what was sent`]);
  if (summary.waiting.length > 0) rows.push(['failed before', count(summary.waiting.length)]);
  return rows.map(([label, value]) => `  ${label.padEnd(16)} ${value}`);
}

/** Users in whom nothing differs are no updates to a reader, though a full sync sends them. */
function resentRow(live: boolean, { planned, confirmed }: typeof NONE_RESENT): [string, string] {
  const short = live && confirmed < planned ? ` of ${count(planned)} planned` : '';
  return [live ? 'sent again' : 'to send again', count(live ? confirmed : planned) + short];
}

/** Where the time went, and what was asked of the directory and the scripts. */
function costLines({ cost }: RunSummary): string[] {
  if (cost === undefined) return [];
  const stages = Object.entries(cost.stagesMs).map(([stage, ms]) => `${stage.toLowerCase()} ${duration(ms)}`);
  const { directory, scripts, peakMemoryBytes } = cost;
  const spent = [
    ...(directory === null
      ? []
      : [
          `LDAP ${counted(directory.requests, 'request')}, ${count(directory.entries)} entries, ${megabytes(directory.bytesRead)}`,
        ]),
    ...(scripts === null ? [] : [`scripts ${duration(scripts.ms)} for ${counted(scripts.users, 'user')}`]),
    `memory ${megabytes(peakMemoryBytes)}`,
  ];
  return [`Time: ${stages.join(', ')}`, `Cost: ${spent.join('; ')}`];
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** As a shell takes it. */
export function shellWord(word: string): string {
  return /^[\w./:@=+-]+$/.test(word) ? word : `"${word}"`;
}

function requestsOf({ requests, cost }: RunSummary): string {
  const sent = listed(requests);
  if (sent === '') return 'none';
  const purposes = listed(cost?.purposes ?? {});
  return purposes === '' ? sent : `${sent} (${purposes})`;
}

function listed(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .filter(([, number]) => number > 0)
    .map(([word, number]) => `${word} ${count(number)}`)
    .join(', ');
}

function approvalLines({ guards, planned, planId }: RunSummary, command: string): SummaryLine[] {
  const tripped = (name: string): boolean => guards.some(({ property }) => property === name);
  const changes = KINDS.reduce((sum, { kind }) => sum + planned[kind], 0);
  // To approve a read that found nobody would be the very disaster that the guard is for.
  if (tripped('ldap.search.filter') || (changes === 0 && !tripped('guard.absent.max.percent'))) return [];
  const effect = changes === 0 ? ' (it changes nobody, and counts who is absent)' : '';
  return [info(`If the plan is right as it is${effect}: ${command} --approve ${planId}`)];
}

function nextLines(summary: RunSummary, flags: readonly string[]): SummaryLine[] {
  const command = ['c42uds', '--sync-now', ...flags].map(shellWord).join(' ');
  if (summary.exitCode === EXIT_CODES.GUARD) {
    const look = ['c42uds', ...flags, '--plan', 'FILE'].map(shellWord).join(' ');
    return [
      info('Nothing was written, and nobody was counted absent. Correct the cause, or the named limit.'),
      info(`To see everybody concerned, without changing anything: ${look}`),
      ...approvalLines(summary, command),
    ];
  }
  if (summary.request.mode === 'LIVE') {
    if (summary.failures.length === 0) return [];
    return [info('The failed users are tried again: in the next runs at once, later at growing intervals.')];
  }
  const changes = KINDS.reduce((sum, { kind }) => sum + summary.planned[kind], 0);
  if (changes === 0) return [info('Nothing was written, and there is nothing to change.')];
  return [info(`Nothing was written. To carry it out: ${command}`)];
}
