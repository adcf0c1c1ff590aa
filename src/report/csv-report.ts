/** A report for a spreadsheet: RFC 4180, a line for each changed attribute of each user. */

import { USER_ATTRIBUTES } from '../model/user.ts';
import type { ReportWriter } from './report.ts';
import type { RunHead, RunResult } from './run-result.ts';
import type { UserRecord, Value } from './user-record.ts';
import { verdictText } from './verdict-text.ts';

const COLUMNS = [
  'status',
  'action',
  'userName',
  'active',
  'org',
  'roles',
  'attribute',
  'old value',
  'new value',
  'source',
  'reason',
  'dn',
  'identity',
  'scimId',
] as const;
/** Without it Excel takes UTF-8 for the code page of the machine. */
const BYTE_ORDER_MARK = '\uFEFF';
/**
 * A spreadsheet takes such a value for a formula, quoted or not, and a formula can fetch a page or start a program. Some
 * read the full-width forms alike.
 */
const FORMULA = /^\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r\n]/;

/**
 * A user without a changed attribute has one line, with these columns empty. Below the users of the run stand those who
 * failed earlier and wait (status WAITING), and last a line of the run itself (status RUN): without it a run that ended early
 * would look like one in which nothing was to do.
 */
export function csvReport(_head: RunHead, emit: (text: string) => void): ReportWriter {
  emit(BYTE_ORDER_MARK + csvLine(COLUMNS));
  return {
    user(record) {
      for (const [attribute, from, to, source] of rowsOf(record)) {
        const { status, action, userName, active, org, roles, reason, dn, identity, scimId } = record;
        const decision = [shown(active), shown(org), shown(roles)];
        const rest = [source, reason, dn ?? '', identity ?? '', scimId ?? ''];
        emit(csvLine([status, action, userName, ...decision, attribute, shown(from), shown(to), ...rest]));
      }
    },
    end(result) {
      for (const { user, message, since, attempts, retryAt, dn, identity } of result.waiting) {
        const reason = `${message} (failed ${attempts ?? 1} times since ${since ?? ''}, next attempt after ${retryAt})`;
        emit(csvLine(lineOf({ status: 'WAITING', action: 'failed', userName: user, reason, dn, identity })));
      }
      const action = result.verdict.toLowerCase().replaceAll('_', ' ');
      emit(csvLine(lineOf({ status: 'RUN', action, reason: runReason(result) })));
    },
  };
}

type Column = (typeof COLUMNS)[number];

/** A line with nothing but these columns. */
function lineOf(values: Partial<Record<Column, string | null>>): string[] {
  return COLUMNS.map((name) => values[name] ?? '');
}

/** How the run ended, and why where it did not go to its end. */
function runReason(result: RunResult): string {
  const { runId, exitCode, error, guards, read, namesNotFound } = result;
  return [
    verdictText(runId, exitCode, result),
    ...(error === null ? [] : [error.message, error.fix]),
    ...(read?.reason ? [read.reason] : []),
    ...(result.verdict === 'STOPPED_BY_GUARD' ? guards.map(({ message }) => message) : []),
    ...(namesNotFound.length === 0 ? [] : [`Not found: ${namesNotFound.join(', ')}`]),
  ]
    .join('. ')
    .replaceAll('..', '.');
}

function rowsOf(
  record: UserRecord,
): (readonly [attribute: string, from: Value, to: Value, source: string])[] {
  const rows = USER_ATTRIBUTES.flatMap((name) => {
    const change = record.attributes[name];
    return change === undefined ? [] : [[name, change.from, change.to, change.source] as const];
  });
  const withheld = record.withheld.map((name) => [name, WITHHELD, WITHHELD, ''] as const);
  const all = [...rows, ...withheld];
  return all.length === 0 ? [['', null, null, '']] : all;
}

const WITHHELD = '(sensitive)';

function shown(value: Value): string {
  if (value === null) return '';
  return typeof value === 'object' ? value.join('; ') : String(value);
}

/** One record with its line end. Every field that needs it is quoted, and none can be a formula. */
export function csvLine(fields: readonly string[]): string {
  return `${fields.map(csvField).join(',')}\r\n`;
}

function csvField(value: string): string {
  // The apostrophe is what spreadsheets themselves write before a text that looks like a formula.
  const inert = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]|^\s|\s$/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
