/** Copies of the state file from earlier days. */

import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { copyState } from './state-copy.ts';

const GENERATION = /\.(\d{4}-\d{2}-\d{2})$/;

/**
 * Keeps a copy of the state file once a day, before the first live run of that day, and removes all but the latest
 * `keep` copies. To be called under the run lock. Returns the path of a new copy, `null` where there was nothing to do.
 * @throws Error of SQLite where the file cannot be read; the caller opens it next and says so better
 */
export function keepGeneration(statePath: string, keep: number, today: Date): string | null {
  if (!existsSync(dirname(statePath))) return null;
  prune(statePath, keep);
  if (keep === 0 || !existsSync(statePath) || statSync(statePath).size === 0) return null;
  const path = `${statePath}.${today.toISOString().slice(0, 10)}`;
  if (existsSync(path)) return null;
  const database = new DatabaseSync(statePath, { timeout: 5000 });
  try {
    copyState(database, path);
  } finally {
    database.close();
  }
  prune(statePath, keep);
  return path;
}

function prune(statePath: string, keep: number): void {
  const copies = generationsOf(statePath);
  for (const old of copies.slice(0, Math.max(0, copies.length - keep))) rmSync(old);
}

/** The copies that are there, oldest first. */
export function generationsOf(statePath: string): string[] {
  const name = basename(statePath);
  return readdirSync(dirname(statePath))
    .filter((file) => file.startsWith(`${name}.`) && GENERATION.test(file.slice(name.length)))
    .sort()
    .map((file) => join(dirname(statePath), file));
}
