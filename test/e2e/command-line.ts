/** Runs the built program as an administrator does: bin/c42uds.js in a folder, with or without a terminal. */

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const PROGRAM = fileURLToPath(new URL('../../bin/c42uds.js', import.meta.url));
const BUILT = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

assert.ok(existsSync(BUILT), 'These tests run the built program: run npm run build first.');

export interface Finished {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings {
  readonly cwd: string;
  /** What stands on standard input; nothing by default. */
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly node?: string;
  /** How long it may take; 20 s if nothing is said. */
  readonly patienceMs?: number;
  /** In a terminal: the file that standard output goes to. */
  readonly output?: string;
}

/** A fresh folder that `remove` deletes. */
export function freshFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'c42uds-e2e-'));
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

export function startProgram(words: readonly string[], where: Surroundings): ChildProcessWithoutNullStreams {
  return spawn(where.node ?? process.execPath, [PROGRAM, ...words], {
    cwd: where.cwd,
    env: { ...cleanEnvironment(), ...where.env },
  });
}

/** Runs it to its end without a terminal; fails after 20 s, because a hanging prompt is what we look for. */
export async function runProgram(words: readonly string[], where: Surroundings): Promise<Finished> {
  const child = startProgram(words, where);
  child.stdin.on('error', () => undefined);
  child.stdin.end(where.input ?? '');
  return finished(child, where.patienceMs);
}

export async function finished(
  child: ChildProcessWithoutNullStreams,
  patienceMs = 20_000,
): Promise<Finished> {
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const patience = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  const [exitCode, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolveEnd) => {
    child.on('close', (code, killedBy) => {
      resolveEnd([code, killedBy]);
    });
  });
  clearTimeout(patience);
  assert.notEqual(signal, 'SIGKILL', `it did not end:\n${stdout}${stderr}`);
  return { exitCode, signal, stdout, stderr };
}

/** Why there is no pseudo-terminal on this machine; `false` where there is one. */
export function noTerminal(): string | false {
  if (process.platform !== 'linux') return 'the script command of util-linux is used for a pseudo-terminal';
  const probe = spawnSync('script', ['--version'], { encoding: 'utf8' });
  return probe.stdout?.includes('util-linux')
    ? false
    : 'no script command (util-linux) for a pseudo-terminal';
}

/** A conversation with the program in a real pseudo-terminal. */
export class Conversation {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<Finished>;
  #shown = '';
  #read = 0;
  #awaken: () => void = () => undefined;

  /** @param program another one than that of this project, with its first words */
  constructor(
    words: readonly string[],
    where: Surroundings,
    program: readonly string[] = [process.execPath, PROGRAM],
  ) {
    const typed = [...program, ...words].map((word) => `'${word}'`).join(' ');
    const command = where.output === undefined ? typed : `${typed} > '${where.output}'`;
    this.#child = spawn('script', ['-qec', command, '/dev/null'], {
      cwd: where.cwd,
      env: { ...cleanEnvironment(), TERM: 'xterm', COLUMNS: '120', ...where.env },
    });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#shown += text;
      this.#awaken();
    });
    this.#ended = finished(this.#child);
    void this.#ended.then(() => {
      this.#awaken();
    });
  }

  /** Everything that appeared on the screen, without escape sequences. */
  get screen(): string {
    return this.#shown.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '').replaceAll('\r', '');
  }

  /** As {@link screen}, with them. */
  get raw(): string {
    return this.#shown;
  }

  /** Waits until `text` appears behind what has been waited for before. */
  async expect(text: string): Promise<void> {
    for (;;) {
      const found = this.screen.indexOf(text, this.#read);
      if (found >= 0) {
        this.#read = found + text.length;
        return;
      }
      assert.equal(this.#child.exitCode, null, `it ended before "${text}" appeared:\n${this.screen}`);
      await new Promise<void>((awaken) => {
        this.#awaken = awaken;
      });
    }
  }

  send(keys: string): void {
    this.#child.stdin.write(keys);
  }

  async answer(question: string, answer: string): Promise<void> {
    await this.expect(question);
    this.send(`${answer}\r`);
  }

  async end(): Promise<{ exitCode: number | null; screen: string }> {
    const { exitCode } = await this.#ended;
    return { exitCode, screen: this.screen };
  }
}

/** The environment without what would change how the program behaves. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const environment = { ...process.env };
  // The test runner's own marks, and proxies, must not reach the program.
  for (const name of Object.keys(environment)) {
    if (/^NODE_|^NO_COLOR$|^FORCE_COLOR$|_proxy$/i.test(name)) delete environment[name];
  }
  return environment;
}
