/** The three scripts: as texts, and what one of them did with one user. */

export type ScriptKind = 'active' | 'org' | 'role';

/** In the order in which they run for each user, as in the original. */
export const SCRIPT_KINDS: readonly ScriptKind[] = ['active', 'org', 'role'];

/** `name` is how messages call the script: its file name. */
export interface ScriptText {
  readonly name: string;
  readonly text: string;
}

export type ScriptSet = Readonly<Record<ScriptKind, ScriptText>>;

/** The scripts whose texts differ. */
export function changedScripts(from: ScriptSet, to: ScriptSet): ScriptKind[] {
  return SCRIPT_KINDS.filter((kind) => from[kind].text !== to[kind].text);
}

/** What a script may say about a user: Active a boolean, Org a name, Role names; `null` leaves it to the service. */
export type ScriptAnswer = boolean | string | readonly string[] | null;

/** One script tried on one user, for somebody who looks on. */
export interface ScriptTrial {
  readonly kind: ScriptKind;
  readonly name: string;
  /** `null` too where there is a failure. */
  readonly answer: ScriptAnswer;
  /** Why there is no answer; `null` where there is one. */
  readonly failure: string | null;
  readonly durationMs: number;
  /** Attributes that the script asked for and the entry has, then those that it does not have. */
  readonly read: readonly string[];
  readonly absent: readonly string[];
  readonly prints: readonly string[];
}
