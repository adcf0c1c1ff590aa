/**
 * The script process: takes batches of users from its parent over standard input, judges them in the isolate and
 * answers over standard output. Started by `script-process.ts` without permissions, and with nothing of the environment
 * but the time zone.
 */

import { openIsolate, type Call } from './isolate.ts';
// Types alone: this process may read no file outside its own folder.
import type { ScriptKind, ScriptTrial } from '../model/scripts.ts';
import {
  encodeFrame,
  FRAME,
  frameReader,
  type AnswersMessage,
  type LoadMessage,
  type TrialsMessage,
} from './protocol.ts';

const MAX_FRAME_BYTES = 1024 * 1024 * 1024;
const OWN_CODE_TIMEOUT_MS = 60_000;
const MEMORY_CHECK_MS = 50;

/** Allocations that V8 counts late: the isolate's limit is the rule, this only catches what runs away from it. */
const MEMORY_MARGIN_BYTES = 192 * 1024 * 1024;

let call: Call | null = null;
let timeoutMs = 0;
let kinds: readonly ScriptKind[] = [];
let queue = Promise.resolve();

function send(type: (typeof FRAME)[keyof typeof FRAME], json: string): void {
  process.stdout.write(encodeFrame(type, json));
}

/** `process.exit` would wait for a running isolate; a script that loops would keep this process alive. */
function end(): void {
  process.kill(process.pid, 'SIGKILL');
}

async function load(message: LoadMessage): Promise<void> {
  timeoutMs = message.limits.timeoutMs;
  kinds = message.scripts.map(({ kind }) => kind);
  const opened = await openIsolate(message, () => send(FRAME.STARTED, 'null'));
  if (typeof opened === 'string') {
    send(FRAME.REFUSED, JSON.stringify(opened));
    return;
  }
  call = opened;
  watchMemory(message.limits.memoryLimitMb);
  send(FRAME.READY, await need<string>('collect', []));
}

/** A built-in such as `fill` may take gigabytes before V8 asks whether it may. */
function watchMemory(memoryLimitMb: number): void {
  const limit = process.memoryUsage.rss() + memoryLimitMb * 4 * 1024 * 1024 + MEMORY_MARGIN_BYTES;
  setInterval(() => {
    if (process.memoryUsage.rss() > limit) end();
  }, MEMORY_CHECK_MS).unref();
}

/** Calls our own code in the isolate, which ends or loses the isolate. */
async function need<T>(name: string, args: readonly unknown[]): Promise<T> {
  const result = await call?.<T>(name, args, OWN_CODE_TIMEOUT_MS);
  if (result?.kind === 'DONE') return result.value;
  throw new OutOfMemory();
}

class OutOfMemory extends Error {}

/**
 * Judges a batch in chunks, each with the time of one user: many users fit into it, and when one does not end, the
 * chunk after it begins again with that user alone. Every chunk is answered at once; the parent's clock counts from one
 * answer to the next.
 */
async function judge(batch: string, alone: boolean): Promise<void> {
  if (call === null) throw new Error('no scripts are loaded');
  const count = await need<number>('begin', [batch]);
  let done = 0;
  let size = alone ? 1 : count;
  while (done < count) {
    const wanted = Math.min(size, count - done);
    const result = await call<string>('run', [wanted], timeoutMs);
    if (result.kind === 'MEMORY') throw new OutOfMemory();
    let json: string;
    if (result.kind === 'DONE') {
      json = result.value;
      size = alone ? 1 : size * 2;
    } else if (wanted === 1) {
      json = await need<string>('charge', [`took longer than ${timeoutMs} ms`]);
      size = 1;
    } else {
      json = await need<string>('collect', []);
      size = 1;
    }
    const { answers, spoiled } = JSON.parse(json) as AnswersMessage;
    done += answers.length;
    // Sent even without an answer: it tells the parent that the isolate still obeys.
    send(FRAME.ANSWERS, json);
    if (spoiled) return;
  }
}

/** Tries each script on the only user of the batch, and measures from outside: the clock inside may stand still. */
async function tryOn(batch: string): Promise<void> {
  if (call === null) throw new Error('no scripts are loaded');
  await need<number>('begin', [batch]);
  const trials: ScriptTrial[] = [];
  for (const kind of kinds) {
    const started = performance.now();
    const result = await call<string>('tryOn', [kind], timeoutMs);
    const durationMs = performance.now() - started;
    if (result.kind === 'MEMORY') throw new OutOfMemory();
    const json =
      result.kind === 'DONE'
        ? result.value
        : await need<string>('stopTrial', [kind, `took longer than ${timeoutMs} ms`]);
    trials.push({ ...(JSON.parse(json) as Omit<ScriptTrial, 'durationMs'>), durationMs });
  }
  send(FRAME.TRIED, JSON.stringify({ trials } satisfies TrialsMessage));
}

function handle(type: number, json: string): Promise<void> {
  if (type === FRAME.LOAD) return load(JSON.parse(json) as LoadMessage);
  if (type === FRAME.TRY) return tryOn(json);
  return judge(json, type === FRAME.BATCH_ALONE);
}

const read = frameReader(MAX_FRAME_BYTES, (type, json) => {
  queue = queue
    .then(() => handle(type, json))
    .catch((error: unknown) => {
      if (error instanceof OutOfMemory) send(FRAME.OUT_OF_MEMORY, 'null');
      else process.stderr.write(String(error), end);
    });
});

process.stdin.on('data', read);
// The parent has gone, whatever way: nobody is left to judge for.
process.stdin.on('end', end);
process.stdin.on('error', end);
process.stdout.on('error', end);
