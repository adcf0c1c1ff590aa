/** What can be said of a state file without a run: whether it is whole, and what it holds. */

import { existsSync, statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { RunError } from '../model/errors.ts';
import { explained, openStateFile } from './state-file.ts';
import { generationsOf } from './state-generations.ts';

export interface StateReport {
  readonly path: string;
  readonly sizeBytes: number;
  readonly known: number;
  readonly active: number;
  readonly failed: number;
  readonly absent: number;
  readonly service: string | null;
  /** ISO 8601; `null` before the first live run. */
  readonly latestRun: string | null;
  /** Paths of the daily copies, oldest first. */
  readonly copies: readonly string[];
  /** Whether the file was read from end to end. */
  readonly whole: boolean;
}

/** How many users the file holds, without reading it from end to end; `null` where it cannot be read. */
export function countsIn(path: string): Pick<StateReport, 'known' | 'active' | 'failed' | 'absent'> | null {
  try {
    if (!existsSync(path)) return null;
    const database = openStateFile(path, 'DRY');
    try {
      return counted(database);
    } finally {
      database.close();
    }
  } catch {
    return null;
  }
}

function counted(database: DatabaseSync): Pick<StateReport, 'known' | 'active' | 'failed' | 'absent'> {
  const count = (where: string): number =>
    Number(database.prepare(`SELECT count(*) AS n FROM users WHERE ${where}`).get()?.['n']);
  return {
    known: count('scim_id IS NOT NULL'),
    active: count('scim_id IS NOT NULL AND active = 1'),
    failed: count('failure IS NOT NULL'),
    absent: count('missed > 0 AND active = 1'),
  };
}

/**
 * Checks the file from end to end, for reading only; `null` where there is none.
 * @param largestBytes a larger file is not read from end to end, which takes its time and cannot be interrupted
 * @throws RunError STATE_DAMAGED, STATE_NEWER, FOLDER_READ_ONLY
 */
export function inspectState(path: string, largestBytes = Infinity): StateReport | null {
  if (!existsSync(path)) return null;
  const sizeBytes = statSync(path).size;
  const whole = sizeBytes <= largestBytes;
  const database = openStateFile(path, 'DRY');
  try {
    const problems = whole ? database.prepare('PRAGMA integrity_check(1)').all() : [];
    const first = String(problems[0]?.['integrity_check'] ?? 'ok');
    if (first !== 'ok') throw new RunError('STATE_DAMAGED', `The state file ${path} is damaged: ${first}.`);
    const service = database.prepare("SELECT value FROM meta WHERE key = 'service'").get();
    const run = database.prepare('SELECT started_at FROM runs ORDER BY id DESC LIMIT 1').get();
    return {
      path,
      sizeBytes,
      whole,
      ...counted(database),
      service: service === undefined ? null : String(service['value']),
      latestRun: run === undefined ? null : String(run['started_at']),
      copies: generationsOf(path),
    };
  } catch (error) {
    throw explained(error, path);
  } finally {
    database.close();
  }
}

/** Everybody who is known as active in the service; nobody where the file cannot be read. */
export function* activeIdentities(path: string): Iterable<string> {
  if (countsIn(path) === null) return;
  const database = openStateFile(path, 'DRY');
  try {
    const rows = database.prepare('SELECT identity FROM users WHERE scim_id IS NOT NULL AND active = 1');
    for (const row of rows.iterate()) yield String(row['identity']);
  } finally {
    database.close();
  }
}

/** At which stage each user failed who is remembered as failing, by identity; none where the file cannot be read. */
export function rememberedStages(path: string): ReadonlyMap<string, string> {
  const stages = new Map<string, string>();
  try {
    if (!existsSync(path)) return stages;
    const database = openStateFile(path, 'DRY');
    try {
      const rows = database.prepare(
        "SELECT identity, failure ->> 'stage' AS stage FROM users WHERE failure IS NOT NULL",
      );
      for (const row of rows.iterate()) stages.set(String(row['identity']), String(row['stage']));
    } finally {
      database.close();
    }
  } catch {
    // What is wrong with the file is for others to say.
  }
  return stages;
}
