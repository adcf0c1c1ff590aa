/** What the corpus of legacy scripts consists of. */

import type { ScriptKind } from '../../../src/sandbox/protocol.ts';

/** The attributes of a user; a text is one value. */
export type Attributes = Readonly<Record<string, string | readonly string[]>>;

export type Answer = boolean | string | readonly string[] | null;

/** Why Rhino answers otherwise than Nashorn is documented to; each is a row of docs/script-compatibility.md. */
export type RhinoDifference =
  | 'absent is undefined'
  | 'numbers are doubles'
  | 'exceptions are wrapped'
  | 'importClass keeps the names of JavaScript'
  | 'for each knows lists and maps only'
  | 'one value is no list'
  | 'newer names are there'
  | 'importers come first'
  | 'answers to Java are not converted'
  | 'java.lang.String is an object'
  | 'numbers have no Java methods';

export interface LegacyScript {
  readonly title: string;
  readonly kind: ScriptKind;
  /** A whole file in the style of the years from 2010 to 2019. */
  readonly source: string;
  readonly cases: readonly (readonly [attributes: Attributes, expected: Answer])[];
  readonly rhino?: RhinoDifference;
}
