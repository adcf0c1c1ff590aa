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

/** Each script by itself, so that one which is refused does not hide another. Returns whether all are there and can be used. */
export async function checkScripts({ scripts }: Original, session: Session): Promise<boolean> {
  const { log } = session.openLog;
  let usable = true;
  for (const script of scripts) {
    const name = script.source ?? script.target;
    if (script.bytes === null) {
      for (const note of script.notes) log.error('ScriptService', `${basename(name)}: ${note}.`);
      usable = false;
      continue;
    }
    for (const note of script.notes) log.warn('ScriptService', `${basename(name)}: ${note}.`);
    const refusal = await refusalOf(script, script.bytes.toString('utf8'), session);
    if (refusal === null) log.info('ScriptService', `${name} loads.`);
    else log.error('ScriptService', `${name} cannot be used yet: ${refusal}`);
    usable &&= refusal === null;
  }
  return usable;
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
