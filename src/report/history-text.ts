/** Earlier runs, and the changes of one user, as text. */

import { printable } from '../lib/printable.ts';
import type { PastChange, UserHistory, UserStanding } from '../model/history.ts';
import type { ChangeKind } from '../model/plan.ts';
import type { UserAttribute } from '../model/user.ts';
import { shownValue } from './preview-text.ts';
import { count, counted, duration, moment } from './quantity.ts';
import type { PastRun } from './run-result.ts';

const KINDS: Readonly<Record<ChangeKind, string>> = {
  CREATE: 'created',
  UPDATE: 'updated',
  REACTIVATE: 'reactivated',
  DEACTIVATE: 'deactivated',
  NONE: 'unchanged',
};

/**
 * A table, its columns as wide as their widest value: there are a few dozen rows at most.
 * @param columns of the screen: where the table is wider, each run has two lines that leave out what is nought
 */
export function runsText(runs: readonly PastRun[], statePath: string, columns = Infinity): string[] {
  if (runs.length === 0) return [`There has been no live run with the state file ${statePath} yet.`];
  const head = [
    'BEGAN',
    'TOOK',
    'SCOPE',
    'READ',
    'CREATED',
    'UPDATED',
    'AGAIN',
    'REACTIV.',
    'DEACTIV.',
    'FAILED',
    'EXIT',
    'RUN',
  ];
  const rows = runs.map((run) => [
    moment(run.startedAt),
    duration(run.durationMs),
    run.scope.toLowerCase(),
    ...[
      run.read,
      run.created,
      run.updated - run.resent,
      run.resent,
      run.reactivated,
      run.deactivated,
      run.failed,
    ].map(count),
    String(run.exitCode),
    run.runId ?? '-',
  ]);
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const texts = 3;
  const line = (row: readonly string[]): string =>
    row
      .map((value, at) => (at < texts ? value.padEnd(widths[at] ?? 0) : value.padStart(widths[at] ?? 0)))
      .join('  ')
      .trimEnd();
  const title =
    'Live runs, the latest first. Dry runs change nothing and are not kept. RUN stands on each line of a run in the log files.';
  const table = [line(head), ...rows.map(line)];
  if (table.every(({ length }) => length <= columns)) return [title, ...table];
  return [title, ...runs.flatMap(runLines)];
}

function runLines(run: PastRun): string[] {
  const { startedAt, durationMs, scope, exitCode, runId, read, ...counts } = run;
  const told: readonly (readonly [string, number])[] = [
    ['created', counts.created],
    ['updated', counts.updated - counts.resent],
    ['sent again', counts.resent],
    ['reactivated', counts.reactivated],
    ['deactivated', counts.deactivated],
    ['failed', counts.failed],
  ];
  const done = told.filter(([, number]) => number > 0).map(([word, number]) => `${count(number)} ${word}`);
  return [
    `${moment(startedAt)}  ${scope.toLowerCase()}, ${duration(durationMs)}, exit code ${exitCode}${runId === null ? '' : `, RUN ${runId}`}`,
    `    ${[`${count(read)} read`, ...(done.length === 0 ? ['nothing changed'] : done)].join(', ')}`,
  ];
}

/** @param days for how long changes are kept */
export function userHistoryText({ users, changes }: UserHistory, days: number): string[] {
  const kept =
    days === 0
      ? 'Changes are not kept: state.history.days is 0.'
      : `Changes of ${counted(days, 'day')} are kept.`;
  return [
    ...users.flatMap(standingLines),
    '',
    ...(changes.length === 0
      ? [`No change is known. ${kept}`]
      : ['Changes that the service has confirmed, the latest first:']),
    ...changes.flatMap(changeLines),
  ];
}

/** The history without values that are sensitive now, whatever they were when it was written. */
export function hideSensitive(history: UserHistory, sensitive: ReadonlySet<UserAttribute>): UserHistory {
  const changes = history.changes.map((change): PastChange => {
    const entries = Object.entries(change.attributes) as [UserAttribute, { from: never; to: never }][];
    const hidden = entries.map(([name]) => name).filter((name) => sensitive.has(name));
    const attributes = Object.fromEntries(entries.filter(([name]) => !sensitive.has(name)));
    return { ...change, attributes, withheld: [...change.withheld, ...hidden] };
  });
  return { ...history, changes };
}

function standingLines({ userName, dn, identity, scimId, active, missed, failure }: UserStanding): string[] {
  const service =
    scimId === null
      ? 'not known to the service'
      : `${active ? 'active' : 'inactive'}, id ${scimId} at the service`;
  return [
    `${printable(userName ?? dn)}: ${service}`,
    `  ${printable(dn)}`,
    `  identity ${identity}`,
    ...(missed === 0 ? [] : [`  not found by the latest ${counted(missed, 'complete live run')}`]),
    ...(failure === null
      ? []
      : [
          `  failing since ${moment(failure.since)}, ${counted(failure.attempts, 'attempt')}: ${printable(failure.message)}`,
        ]),
  ];
}

/** A change that the service has confirmed, and what differed. */
export function changeLines(change: PastChange): string[] {
  const { at, kind, cause, userName, attributes, withheld, runId } = change;
  const why = cause === 'ABSENT' ? ' (absent from the search base too often)' : '';
  const run = runId === null ? '' : `  [run ${runId}]`;
  const isNew = kind === 'CREATE';
  const lines = Object.entries(attributes).map(([name, { from, to }]) =>
    isNew ? `${name}: ${shownValue(to)}` : `${name}: ${shownValue(from)} -> ${shownValue(to)}`,
  );
  return [
    `  ${moment(at)}  ${KINDS[kind]} ${printable(userName)}${why}${run}`,
    ...[...lines, ...withheld.map((name) => `${name}: changed`)].map((line) => `      ${line}`),
  ];
}
