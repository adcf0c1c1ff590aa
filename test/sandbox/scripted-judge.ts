/** Judges users with scripts given as texts; what every test of the sandbox needs. */

import type { Decision, Judgement } from '../../src/model/decision.ts';
import type { Entry } from '../../src/model/entry.ts';
import type { Log } from '../../src/model/ports.ts';
import type { ScriptSet, ScriptText } from '../../src/model/scripts.ts';
import { openJudge, type TrialJudge } from '../../src/sandbox/judge.ts';

export interface Scripts {
  readonly active?: string;
  readonly org?: string;
  readonly role?: string;
}

export interface ScriptedJudge extends TrialJudge, AsyncDisposable {
  /** What was logged, "level component: message". */
  readonly lines: readonly string[];
}

const HARMLESS: Required<Scripts> = {
  active: 'function (entry) { return true; }',
  org: 'function (entry) { return null; }',
  role: 'function (entry) { return null; }',
};

/** The scripts as a set, harmless ones for those that are left out. */
export function scriptSet(scripts: Scripts): ScriptSet {
  const one = (kind: keyof Scripts): ScriptText => ({
    name: `${kind}script.js`,
    text: scripts[kind] ?? HARMLESS[kind],
  });
  return { active: one('active'), org: one('org'), role: one('role') };
}

/** Opens a judge over the given scripts. */
export async function judgeWith(
  scripts: Scripts,
  options: { timeoutMs?: number; memoryLimitMb?: number; clockMs?: number } = {},
): Promise<ScriptedJudge> {
  const lines: string[] = [];
  const judge = await openJudge({
    scripts: scriptSet(scripts),
    timeoutMs: 2_000,
    memoryLimitMb: 64,
    ...options,
    log: logInto(lines),
  });
  return {
    lines,
    judge: (entries) => judge.judge(entries),
    names: (attribute) => judge.names(attribute),
    mayRead: (attribute) => judge.mayRead(attribute),
    named: judge.named ?? null,
    tryOn: (entry) => judge.tryOn(entry),
    close: () => judge.close(),
    [Symbol.asyncDispose]: () => judge.close(),
  };
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
