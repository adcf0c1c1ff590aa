/** Loads the original's scripts as a run would, and says of each whether it can be used. */

import { basename } from 'node:path';
import { OPTIONS } from '../config/options.ts';
import { RunError } from '../model/errors.ts';
import type { ScriptKind, ScriptSet, ScriptText } from '../model/scripts.ts';
import type { Original, OriginalScript } from './original-folder.ts';
import type { Session } from './session.ts';

/** What stands in for a script while another one is checked. */
const HARMLESS: Readonly<Record<ScriptKind, string>> = {
  active: 'function (entry) { return false; }',
  org: 'function (entry) { return null; }',
  role: 'function (entry) { return null; }',
};

/** What became of a script of the original, as docs/schemas/migration.json has it. */
export interface CheckedScript {
  readonly kind: ScriptKind;
  readonly source: string | null;
  readonly target: string;
  readonly notes: readonly string[];
  /** Why no run can use it; `null` where one can. */
  readonly problem: string | null;
}

/** Each script by itself, so that one which is refused does not hide another. */
export async function checkScripts({ scripts }: Original, session: Session): Promise<CheckedScript[]> {
  const { log } = session.openLog;
  const checked: CheckedScript[] = [];
  for (const script of scripts) {
    const { kind, source, target, notes } = script;
    const facts = { kind, source, target, notes };
    const name = source ?? target;
    if (script.bytes === null) {
      for (const note of notes) log.error('ScriptService', `${basename(name)}: ${note}.`);
      checked.push({ ...facts, problem: notes.join('; ') });
      continue;
    }
    for (const note of notes) log.warn('ScriptService', `${basename(name)}: ${note}.`);
    const refusal = await refusalOf(script, script.bytes.toString('utf8'), session);
    if (refusal === null) log.info('ScriptService', `${name} loads.`);
    else log.error('ScriptService', `${name} cannot be used yet: ${refusal}`);
    checked.push({ ...facts, problem: refusal });
  }
  return checked;
}

async function refusalOf(
  { kind, target }: OriginalScript,
  text: string,
  session: Session,
): Promise<string | null> {
  const { openJudge } = await import('../sandbox/judge.ts');
  const one = (each: ScriptKind): ScriptText =>
    each === kind ? { name: basename(target), text } : { name: `${each}script.js`, text: HARMLESS[each] };
  const scripts: ScriptSet = { active: one('active'), org: one('org'), role: one('role') };
  try {
    const judge = await openJudge({
      scripts,
      timeoutMs: Number(OPTIONS['script.timeout.period'].default),
      memoryLimitMb: Number(OPTIONS['script.memory.limit'].default),
      log: session.openLog.log,
    });
    await judge.close();
    return null;
  } catch (error) {
    if (error instanceof RunError && error.code === 'SCRIPT_INVALID') return error.message;
    throw error;
  }
}
