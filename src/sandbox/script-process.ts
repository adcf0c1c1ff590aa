/** The script process as its parent sees it: started without permissions, watched by the parent's clock, killed when late. */

import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { RunError } from '../model/errors.ts';
import { SCRIPT_KINDS, type ScriptTrial } from '../model/scripts.ts';
import { readAnswers, readRefusal, readTrials } from './answers-message.ts';
import {
  encodeFrame,
  FRAME,
  frameReader,
  type AnswersMessage,
  type FrameType,
  type LoadMessage,
} from './protocol.ts';

/** How a batch ended: all users answered, or the process is gone, and then why. */
export type Ending = 'FINISHED' | 'SPOILED' | 'LATE' | 'OUT_OF_MEMORY' | 'DIED';

/** Starting Node and loading the scripts; generous, because a busy machine is no reason to refuse a script. */
const START_TIMEOUT_MS = 60_000;

/** What a batch may take beyond the time of one user: the pipe, parsing, and a busy machine. */
const GRACE_MS = 1_000;

const MAX_FRAME_BYTES = 256 * 1024 * 1024;
const MAX_STDERR_CHARS = 2_000;

interface Waiting {
  readonly onFrame: (type: number, json: string) => void;
  readonly onEnd: (ending: Ending) => void;
}

export class ScriptProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #timeoutMs: number;
  readonly #exited: Promise<void>;
  #waiting: Waiting | null = null;
  #clock: NodeJS.Timeout | null = null;
  #gone = false;
  #stderr = '';
  #answered = 0;
  #hasStarted = false;

  private constructor(message: LoadMessage) {
    this.#timeoutMs = message.limits.timeoutMs;
    this.#child = spawnChild();
    // A listener for each pipe: a child that dies while it is written to is an ending, not an exception.
    for (const stream of [this.#child.stdin, this.#child.stdout, this.#child.stderr])
      stream.on('error', () => {});
    const read = frameReader(MAX_FRAME_BYTES, (type, json) => this.#waiting?.onFrame(type, json));
    this.#child.stdout.on('data', (piece: Buffer) => {
      try {
        read(piece);
      } catch {
        this.#end('DIED');
      }
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-MAX_STDERR_CHARS);
    });
    this.#exited = new Promise((resolve) => {
      this.#child.on('error', () => resolve());
      this.#child.on('close', () => resolve());
    });
    void this.#exited.then(() => this.#end('DIED'));
  }

  /** Starts a process that has loaded nothing yet. */
  static spawn(message: LoadMessage): ScriptProcess {
    return new ScriptProcess(message);
  }

  /**
   * Starts a process and loads the scripts; `onPrints` gets what they print while loading. `signal` ends it before it
   * has loaded them.
   * @throws RunError SCRIPT_INVALID where a script cannot be loaded, FILE_UNREADABLE where the process cannot be started
   */
  static async start(
    message: LoadMessage,
    onPrints: (prints: readonly string[]) => void,
    signal: AbortSignal,
  ): Promise<ScriptProcess> {
    const process = open(message);
    const abort = (): void => process.#end('DIED');
    signal.addEventListener('abort', abort);
    const refusal = await new Promise<string | null>((resolve, reject) => {
      process.#wait(START_TIMEOUT_MS, {
        onFrame: (type, json) => {
          if (type === FRAME.STARTED) {
            process.#hasStarted = true;
            return;
          }
          const ready = type === FRAME.READY ? readAnswers(json, 0) : null;
          const reason = type === FRAME.REFUSED ? readRefusal(json) : null;
          if (ready === null && reason === null) {
            process.#end('DIED');
            return;
          }
          process.#release();
          onPrints(ready?.prints ?? []);
          resolve(reason);
        },
        // Only when it is gone are its last words complete.
        onEnd: (ending) => void process.#exited.then(() => reject(process.#startError(ending))),
      });
      process.#send(FRAME.LOAD, JSON.stringify(message));
    }).finally(() => signal.removeEventListener('abort', abort));
    if (refusal === null) return process;
    await process.kill();
    throw new RunError('SCRIPT_INVALID', refusal);
  }

  #startError(ending: Ending): RunError {
    const words = this.lastWords.replace(/\s+/g, ' ').slice(0, 300);
    const why = words === '' ? ending : words;
    if (!this.#hasStarted) return notStarted(why);
    const message = `The script process ended while it loaded the scripts (${why})`;
    const fix = 'If the scripts build large tables, raise script.memory.limit.';
    return new RunError('SCRIPT_INVALID', message, { fix });
  }

  get isGone(): boolean {
    return this.#gone;
  }

  /** How many users this process has judged. */
  get answered(): number {
    return this.#answered;
  }

  /** The end of what the process wrote to its standard error: V8's last words. */
  get lastWords(): string {
    return this.#stderr.trim();
  }

  /**
   * Judges a batch of `count` users, JSON texts of wire entries with commas between them. `onAnswers` is called as
   * answers come, in order; when the ending is not FINISHED, the users that have no answer yet are those from the guilty
   * one on. `partial`: attributes were left out of the users.
   */
  judge(
    batch: string,
    count: number,
    { alone, partial }: { readonly alone: boolean; readonly partial: boolean },
    onAnswers: (message: AnswersMessage) => void,
  ): Promise<Ending> {
    if (this.#gone) return Promise.resolve('DIED');
    return new Promise((resolve) => {
      let answered = 0;
      let wasEmpty = false;
      this.#wait(this.#timeoutMs + GRACE_MS, {
        onFrame: (type, json) => {
          if (type !== FRAME.ANSWERS) {
            this.#end(type === FRAME.OUT_OF_MEMORY ? 'OUT_OF_MEMORY' : 'DIED');
            return;
          }
          const message = readAnswers(json, count - answered, partial);
          const isEmpty = message?.answers.length === 0;
          // One without an answer says that a chunk was stopped; the next must hold its user, or this goes on for ever.
          if (message === null || (isEmpty && (wasEmpty || alone) && !message.spoiled)) {
            this.#end('DIED');
            return;
          }
          wasEmpty = isEmpty;
          answered += message.answers.length;
          this.#answered += message.answers.length;
          onAnswers(message);
          if (message.spoiled) this.#end('SPOILED');
          else if (answered < count) this.#restartClock(this.#timeoutMs + GRACE_MS);
          else {
            this.#release();
            resolve('FINISHED');
          }
        },
        onEnd: resolve,
      });
      this.#send(alone ? FRAME.BATCH_ALONE : FRAME.BATCH, `[${partial},[${batch}]]`);
    });
  }

  /** Tries each script on one user, the JSON of a wire batch of one: the trials, or how the process ended. */
  tryOn(batch: string): Promise<readonly ScriptTrial[] | Ending> {
    if (this.#gone) return Promise.resolve('DIED');
    return new Promise((resolve) => {
      this.#wait(this.#timeoutMs * SCRIPT_KINDS.length + GRACE_MS, {
        onFrame: (type, json) => {
          const trials = type === FRAME.TRIED ? readTrials(json) : null;
          if (trials === null) {
            this.#end(type === FRAME.OUT_OF_MEMORY ? 'OUT_OF_MEMORY' : 'DIED');
            return;
          }
          this.#release();
          resolve(trials);
        },
        onEnd: resolve,
      });
      this.#send(FRAME.TRY, batch);
    });
  }

  /** Ends the process and waits until it is gone. */
  async kill(): Promise<void> {
    this.#end('DIED');
    await this.#exited;
  }

  #send(type: FrameType, json: string): void {
    this.#child.stdin.write(encodeFrame(type, json));
  }

  #wait(timeoutMs: number, waiting: Waiting): void {
    this.#waiting = waiting;
    this.#restartClock(timeoutMs);
  }

  #release(): void {
    this.#waiting = null;
    if (this.#clock !== null) clearTimeout(this.#clock);
    this.#clock = null;
  }

  #restartClock(timeoutMs: number): void {
    if (this.#clock !== null) clearTimeout(this.#clock);
    this.#clock = setTimeout(() => this.#end('LATE'), timeoutMs);
  }

  #end(ending: Ending): void {
    this.#gone = true;
    const waiting = this.#waiting;
    this.#release();
    this.#child.kill('SIGKILL');
    waiting?.onEnd(ending);
  }
}

function open(message: LoadMessage): ScriptProcess {
  try {
    return ScriptProcess.spawn(message);
  } catch (error) {
    throw notStarted(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error), error);
  }
}

function notStarted(why: string, cause?: unknown): RunError {
  return new RunError('FILE_UNREADABLE', `The script process could not be started (${why})`, {
    fix: 'Nothing is wrong with the scripts: install c42uds again, with the packages that it needs.',
    ...(cause === undefined ? {} : { cause }),
  });
}

function spawnChild(): ChildProcessByStdio<Writable, Readable, Readable> {
  const folder = import.meta.dirname;
  const child = join(folder, import.meta.filename.endsWith('.ts') ? 'child.ts' : 'child.js');
  // Windows cannot start a program without the one, and days begin and end by the other; nothing else of our environment
  // is the scripts' business.
  const passed = process.platform === 'win32' ? ['SystemRoot', 'TZ'] : ['TZ'];
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name, value]) => value !== undefined && passed.includes(name)),
  );
  return spawn(process.execPath, [...childFlags(folder), child], {
    cwd: folder,
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
}

/**
 * The flags of the script process. Node's permission model leaves it its own program files to read and nothing else: no
 * files, no processes, no workers. (It knows no rule for the network before Node 25: there the isolate is the only wall.)
 */
export function childFlags(folder: string): readonly string[] {
  const isolatedVm = foldersOf('isolated-vm', import.meta.url);
  const loaders = isolatedVm.flatMap((path) => foldersOf('node-gyp-build', join(path, 'package.json')));
  // To follow a link Node must read it, which no rule of the permission model allows: packages keep their names.
  const isLinked = isolatedVm.some((path) => path !== isolatedVm[0]);
  const folders = [folder, realpathSync(folder), ...isolatedVm, ...loaders];
  const readable = folders.map((path) => join(path, '*'));
  return [
    '--permission',
    ...(isLinked ? ['--preserve-symlinks', '--preserve-symlinks-main'] : []),
    // isolated-vm is one. Its loader looks at /etc/alpine-release to tell the C libraries apart.
    '--allow-addons',
    ...[...new Set(readable), '/etc/alpine-release'].map((path) => `--allow-fs-read=${path}`),
    // isolated-vm asks for this from Node 20 on: isolates cannot be made from Node's own snapshot.
    '--no-node-snapshot',
    '--disable-warning=SecurityWarning',
    '--disable-warning=ExperimentalWarning',
  ];
}

/** The folder of a package, and the names by which Node looks for it: it asks for both where node_modules is a link. */
function foldersOf(name: string, from: string): readonly [string, ...string[]] {
  const require = createRequire(from);
  const real = realpathSync(dirname(require.resolve(`${name}/package.json`)));
  const named = (require.resolve.paths(name) ?? []).map((path) => join(path, name));
  return [real, ...named.filter((path) => existsSync(path))];
}
