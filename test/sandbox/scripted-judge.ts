/** Judges users with scripts given as texts; what every test of the sandbox needs. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Decision, Judgement } from '../../src/model/decision.ts';
import type { Entry } from '../../src/model/entry.ts';
import type { Judge, Log } from '../../src/model/ports.ts';
import { openJudge } from '../../src/sandbox/judge.ts';

export interface Scripts {
  readonly active?: string;
  readonly org?: string;
  readonly role?: string;
}

export interface ScriptedJudge extends Judge, AsyncDisposable {
  /** What was logged, "level component: message". */
  readonly lines: readonly string[];
}

const HARMLESS: Required<Scripts> = {
  active: 'function (entry) { return true; }',
  org: 'function (entry) { return null; }',
  role: 'function (entry) { return null; }',
};

/** Opens a judge over the given scripts (harmless ones for those that are left out), in a folder that goes with it. */
export async function judgeWith(
  scripts: Scripts,
  limits: { timeoutMs?: number; memoryLimitMb?: number } = {},
): Promise<ScriptedJudge> {
  const folder = await mkdtemp(join(tmpdir(), 'c42uds-scripts-'));
  const lines: string[] = [];
  const file = async (kind: keyof Scripts): Promise<string> => {
    const path = join(folder, `${kind}script.js`);
    await writeFile(path, scripts[kind] ?? HARMLESS[kind]);
    return path;
  };
  try {
    const judge = await openJudge({
      activeFile: await file('active'),
      orgFile: await file('org'),
      roleFile: await file('role'),
      timeoutMs: limits.timeoutMs ?? 2_000,
      memoryLimitMb: limits.memoryLimitMb ?? 64,
      log: logInto(lines),
    });
    return {
      lines,
      judge: (entries) => judge.judge(entries),
      close: () => judge.close(),
      [Symbol.asyncDispose]: () => judge.close(),
    };
  } finally {
    // The scripts have been read; the process has its own copy.
    await rm(folder, { recursive: true });
  }
}

function logInto(lines: string[]): Log {
  const level = (name: string) => (component: string, message: string) => {
    lines.push(`${name} ${component}: ${message}`);
  };
  return {
    error: level('error'),
    warn: level('warn'),
    info: level('info'),
    debug: level('debug'),
    trace: level('trace'),
  };
}

export function user(name: string, attributes: Readonly<Record<string, readonly string[]>> = {}): Entry {
  const dn = `CN=${name},OU=Users,DC=example,DC=com`;
  return { identity: name, dn, attributes: { cn: [name], mail: [`${name}@example.com`], ...attributes } };
}

/** The decision, or the message of the failure. */
export function shown(judgement: Judgement | undefined): Decision | string {
  if (judgement === undefined) return 'no judgement';
  return judgement.ok ? judgement.decision : judgement.failure.message;
}
