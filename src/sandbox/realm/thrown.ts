/** Says what a script threw, and on which line of the admin's file. */

import type { ScriptKind } from '../protocol.ts';

const MAX_MESSAGE_CHARS = 400;

/** The script's name as the engine knows it: it appears in stacks, and never clashes with names in messages. */
export function scriptUrl(kind: ScriptKind): string {
  return `c42uds:${kind}`;
}

/**
 * "activescript.js line 3: TypeError: …", without the line where a value was thrown that has none. Whatever was
 * thrown is hostile until read: getters run here at the cost of the same user.
 */
export function describeThrown(name: string, kind: ScriptKind, thrown: unknown): string {
  try {
    const line = thrown instanceof Error ? lineOf(String(thrown.stack), scriptUrl(kind)) : null;
    const message = oneLine(String(thrown));
    return line === null ? `${name} threw ${message}` : `${name} line ${line}: ${message}`;
  } catch {
    return `${name} threw something that cannot be shown`;
  }
}

function lineOf(stack: string, url: string): string | null {
  const at = stack.lastIndexOf(`${url}:`) < 0 ? -1 : stack.indexOf(`${url}:`);
  if (at < 0) return null;
  return /^\d+/.exec(stack.slice(at + url.length + 1, at + url.length + 12))?.[0] ?? null;
}

function oneLine(text: string): string {
  const short = text.length > MAX_MESSAGE_CHARS ? `${text.slice(0, MAX_MESSAGE_CHARS)}…` : text;
  // Control characters would let a script forge lines of the log.
  return short.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}
