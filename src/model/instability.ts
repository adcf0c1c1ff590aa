/** A script that does not decide by the entry alone. */

import type { ScriptKind } from './scripts.ts';

/**
 * CHANCE: asked the same twice, it said two things. ORDER: it said something else when
 * the users came in another order. TIME: on another
 * day it says something else, which may well be meant.
 */
export type InstabilityCause = 'CHANCE' | 'ORDER' | 'TIME';

export interface Instability {
  readonly script: ScriptKind;
  /** The script's file name. */
  readonly name: string;
  readonly cause: InstabilityCause;
  /** The first user for whom it was seen, and the two answers. */
  readonly user: string;
  readonly first: string;
  readonly second: string;
  /** For how many of the users who were asked again it was seen. */
  readonly users: number;
  readonly asked: number;
}
