/** Runs the programs that packaging is made of (npm, tar, zip), and says plainly which one failed. */

import { spawnSync } from 'node:child_process';

export interface ToolOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Text for its standard input. */
  readonly input?: string;
}

const MOST_OUTPUT_BYTES = 64 * 1024 * 1024;

/**
 * Runs a program to its end.
 * @returns what it wrote to standard output
 * @throws Error naming program, exit code and the last of what it said
 */
export function runTool(program: string, words: readonly string[], options: ToolOptions): string {
  const ended = spawnSync(program, words, {
    cwd: options.cwd,
    // UTC: zip writes local times into the archive.
    env: { ...process.env, TZ: 'UTC', LC_ALL: 'C', ...options.env },
    input: options.input ?? '',
    encoding: 'utf8',
    maxBuffer: MOST_OUTPUT_BYTES,
  });
  if (ended.error !== undefined) throw new Error(`${program} does not start: ${ended.error.message}`);
  if (ended.status !== 0) {
    throw new Error(
      `${program} ${words.slice(0, 3).join(' ')} ended with ${String(ended.status)}:\n${ended.stderr.slice(-2000)}`,
    );
  }
  return ended.stdout;
}
