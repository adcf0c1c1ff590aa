/** A run in a process of its own, which can be ended like any other process: by SIGKILL, at any moment. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LabOrder, LabResult } from './lab-run.ts';

export interface ChildOrder {
  readonly order: LabOrder;
  readonly scripts: { readonly active: string; readonly org: string; readonly role: string };
}

export interface ChildRun {
  readonly result: Promise<LabResult>;
  kill(): void;
}

const PROGRAM = fileURLToPath(new URL('child-program.ts', import.meta.url));

export function childRun(order: LabOrder, scripts: ChildOrder['scripts']): ChildRun {
  const child = spawn(process.execPath, [...process.execArgv, PROGRAM], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stdin.end(JSON.stringify({ order, scripts } satisfies ChildOrder));
  const ended = async (): Promise<LabResult> => {
    await once(child, 'close');
    const dead = { exitCode: null, failures: 0, wasFull: false, words: 'ended by SIGKILL' };
    return child.signalCode === 'SIGKILL' ? dead : (JSON.parse(output) as LabResult);
  };
  return { result: ended(), kill: () => void child.kill('SIGKILL') };
}
