/** The function that is called for each user, in what a script file gave when it was run. */

import type { ScriptKind } from '../protocol.ts';

export type ScriptFunction = (entry: object) => unknown;

/** What a file gives is the function itself, or `[module.exports, exports]` and then what those hold; `null` for neither. */
export function functionOf(value: unknown, kind: ScriptKind): ScriptFunction | null {
  if (typeof value === 'function') return value as ScriptFunction;
  if (!Array.isArray(value)) return null;
  const whole = (value as unknown[]).find((candidate) => typeof candidate === 'function');
  if (whole !== undefined) return whole as ScriptFunction;
  const held = Object.entries((value as unknown[])[0] ?? {}).filter(
    ([, member]) => typeof member === 'function',
  );
  const named = held.filter(([key]) => key.toLowerCase().includes(kind));
  const [only] = held.length === 1 ? held : named.length === 1 ? named : [];
  return only === undefined ? null : (only[1] as ScriptFunction);
}
