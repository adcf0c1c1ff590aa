/** Runs a command to its end and says how long it took and how much memory it had, its children's included. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

export interface Measured {
  readonly seconds: number;
  /** The most that the process and its children held at a time each, added up; 0 where /proc does not tell. */
  readonly peakBytes: number;
  /** Of the process alone. */
  readonly ownPeakBytes: number;
  readonly exitCode: number | null;
  readonly stdout: string;
}

const SAMPLE_MS = 20;

/** @param keep whether standard output is wanted; else it goes where a scheduler's would, to nobody */
export async function measured(
  program: string,
  words: readonly string[],
  { cwd = process.cwd(), keep = false }: { readonly cwd?: string; readonly keep?: boolean } = {},
): Promise<Measured> {
  const startedMs = performance.now();
  const child = spawn(program, words, { cwd, stdio: ['ignore', keep ? 'pipe' : 'ignore', 'inherit'] });
  let stdout = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  const peaks = new Map<number, number>();
  const sample = (): void => {
    for (const pid of withChildren(child.pid ?? 0)) {
      peaks.set(pid, Math.max(peaks.get(pid) ?? 0, peakOf(pid)));
    }
  };
  const timer = setInterval(sample, SAMPLE_MS);
  const [exitCode] = (await once(child, keep ? 'close' : 'exit')) as [number | null];
  const seconds = (performance.now() - startedMs) / 1000;
  clearInterval(timer);
  const ownPeakBytes = peaks.get(child.pid ?? 0) ?? 0;
  return { seconds, peakBytes: sum([...peaks.values()]), ownPeakBytes, exitCode, stdout };
}

function withChildren(pid: number): number[] {
  const text = fileText(`/proc/${pid}/task/${pid}/children`);
  return [pid, ...text.split(' ').filter(Boolean).map(Number)];
}

function peakOf(pid: number): number {
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(fileText(`/proc/${pid}/status`))?.[1];
  return Number(kib ?? 0) * 1024;
}

function fileText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The process has just ended, or this is no Linux.
    return '';
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

export function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0;
}
