/** Some users of the directory, and what the three scripts say of them, for the end of a set-up. */

import { userNameAttributes } from '../../config/attribute-order.ts';
import type { Settings } from '../../config/options.ts';
import { printable } from '../../lib/printable.ts';
import type { Judgement } from '../../model/decision.ts';
import { firstValueAmong, type Entry } from '../../model/entry.ts';
import { answerText } from '../../report/trial-text.ts';
import { openDirectoryOf, openJudgeOf, readScriptsOf } from '../adapters.ts';
import type { Session } from '../session.ts';
import { impatient } from './answer-tests.ts';

export const SAMPLE = 5;

export interface SampleUsers {
  /** A table for people. */
  readonly lines: readonly string[];
  /** How many of them the scripts call active. */
  readonly active: number;
  readonly shown: number;
}

/** @throws RunError as a dry run */
export async function sampleUsers(
  settings: Settings,
  password: string | null,
  session: Session,
): Promise<SampleUsers> {
  const judge = await openJudgeOf(settings, await readScriptsOf(settings), session);
  try {
    const entries = await someEntries(settings, password, judge.named?.reads ?? [], session);
    const judgements = await judge.judge(entries);
    const rows = entries.map((entry, at) => rowOf(entry, judgements[at], userNameAttributes(settings)));
    const active = judgements.filter((one) => one.ok && one.decision.active).length;
    return { lines: table([['userName', 'active', 'org', 'roles'], ...rows]), active, shown: rows.length };
  } finally {
    await judge.close();
  }
}

async function someEntries(
  settings: Settings,
  password: string | null,
  also: readonly string[],
  session: Session,
): Promise<readonly Entry[]> {
  const directory = await openDirectoryOf(
    { ...impatient(settings), 'ldap.paging.size': SAMPLE },
    password,
    session,
  );
  try {
    await directory.check();
    const read = directory.read({ attributes: 'ALL', also, since: null, extraFilter: null, anyOf: null });
    const entries: Entry[] = [];
    for await (const page of read.pages) {
      entries.push(...page.entries);
      if (entries.length >= SAMPLE) break;
    }
    return entries.slice(0, SAMPLE);
  } finally {
    await directory.close();
  }
}

function rowOf(entry: Entry, judgement: Judgement | undefined, names: readonly string[]): string[] {
  const userName = firstValueAmong(entry, names);
  const name = printable(userName ?? `${entry.dn} (no ${names.join(' and no ')}: cannot be created)`);
  if (judgement === undefined) return [name];
  if (!judgement.ok) return [name, `FAILED ${printable(judgement.failure.message)}`];
  const { active, org, roles } = judgement.decision;
  return [name, answerText(active), answerText(org), answerText(roles)];
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = [0, 1, 2, 3].map((column) =>
    // The last cell of a row may be as long as it likes.
    Math.max(...rows.map((row) => (column < row.length - 1 ? (row[column] ?? '').length : 0))),
  );
  return rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  );
}
