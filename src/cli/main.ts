/** The process: its signals, streams and end. The only place that ends it. */

import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXIT_CODES, RunError } from '../model/errors.ts';
import type { ExitCode } from '../model/errors.ts';
import { openProgram } from './program.ts';
import type { Program } from './program.ts';

/** One Ctrl-C reaches us twice where a parent (npm, our own starter) passes on what the terminal sent to all. */
const SAME_KEYSTROKE_MS = 500;
/** A pager that does not read must not keep a finished process. */
const LONGEST_FLUSH_MS = 5000;

/** Runs c42uds and ends the process with its exit code. */
export async function main(): Promise<never> {
  const interruption = new AbortController();
  const program = openProgram({
    words: process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    programFolder: dirname(dirname(dirname(fileURLToPath(import.meta.url)))),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    signal: interruption.signal,
  });
  obeySignals(interruption, program);
  catchTheUnexpected(program);
  return end(program, await program.run());
}

function obeySignals(interruption: AbortController, program: Program): void {
  let interruptedAt: number | null = null;
  process.on('SIGINT', () => {
    const now = performance.now();
    if (interruptedAt === null) {
      interruptedAt = now;
      program.terminal.err('Interrupted: finishing what was begun. Press Ctrl-C again to end at once.');
      interruption.abort(new RunError('INTERRUPTED', 'Interrupted.'));
    } else if (now - interruptedAt > SAME_KEYSTROKE_MS) {
      process.exit(EXIT_CODES.INTERRUPTED);
    }
  });
  let terminatedAt: number | null = null;
  const terminate = (): void => {
    const now = performance.now();
    if (terminatedAt !== null && now - terminatedAt > SAME_KEYSTROKE_MS) process.exit(EXIT_CODES.TERMINATED);
    terminatedAt ??= now;
    interruption.abort(new RunError('TERMINATED', 'Terminated.'));
  };
  process.on('SIGTERM', terminate);
  process.on('SIGHUP', terminate);
  // Ctrl-Break in a Windows console; closing its window arrives as SIGHUP.
  if (process.platform === 'win32') process.on('SIGBREAK', terminate);
  if (process.channel !== undefined && process.channel !== null) {
    // Our starter holds the other end: it is gone, so nobody would know what we still do.
    process.on('disconnect', () => {
      interruption.abort(new RunError('TERMINATED', 'Terminated.'));
    });
    process.channel.unref();
  }
}

function catchTheUnexpected(program: Program): void {
  const bug = (error: unknown): void => {
    program.reportBug(error);
    void end(program, EXIT_CODES.UNEXPECTED);
  };
  process.on('uncaughtException', bug);
  process.on('unhandledRejection', bug);
  // Replaces Node's own printing, which would put "ExperimentalWarning" before an administrator's eyes.
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    program.noteWarning(warning);
  });
}

async function end(program: Program, exitCode: ExitCode): Promise<never> {
  const patience = setTimeout(() => process.exit(exitCode), LONGEST_FLUSH_MS);
  await program.flush();
  clearTimeout(patience);
  process.exit(exitCode);
}
