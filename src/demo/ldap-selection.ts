/** Which attributes of an entry a search returns, and in which slices (RFC 4511 4.5.1.8, Active Directory's ranges). */

import type { WireAttribute } from './ldap-message.ts';
import { isOperational, type DemoDirectoryKind } from './ldap-syntax.ts';
import type { DemoEntry } from './ldap-entry.ts';

interface Slice {
  readonly from: number;
  /** The last value wanted; `Infinity` for `*`. */
  readonly to: number;
}

export interface Selection {
  readonly allUser: boolean;
  readonly allOperational: boolean;
  /** Attribute types in lower case; `null` where the client named no range. */
  readonly named: ReadonlyMap<string, Slice | null>;
}

/** What decides how values go over the wire. */
export interface SelectionRules {
  readonly kind: DemoDirectoryKind;
  /** Most values of one attribute in one answer (Active Directory's MaxValRange). */
  readonly maxValueRange: number;
  readonly typesOnly: boolean;
}

/** Reads the attribute list of a search request: names in any case, `*`, `+`, `1.1`, `;range=…`. */
export function readSelection(names: readonly string[]): Selection {
  const named = new Map<string, Slice | null>();
  let allUser = names.length === 0;
  let allOperational = false;
  for (const name of names) {
    if (name === '*') allUser = true;
    else if (name === '+') allOperational = true;
    else if (name !== '1.1') {
      const [type = '', ...options] = name.toLowerCase().split(';');
      named.set(type, options.map(readSlice).find((slice) => slice !== null) ?? null);
    }
  }
  return { allUser, allOperational, named };
}

function readSlice(option: string): Slice | null {
  const match = /^range=(\d+)-(\d+|\*)$/.exec(option);
  if (match === null) return null;
  return { from: Number(match[1]), to: match[2] === '*' ? Infinity : Number(match[2]) };
}

/** The attributes of one entry that the selection asks for, named as the directory spells them. */
export function* selectAttributes(
  entry: DemoEntry,
  selection: Selection,
  rules: SelectionRules,
): Generator<WireAttribute> {
  for (const [key, attribute] of entry.attributes) {
    const slice = selection.named.get(key);
    const operational = isOperational(key, rules.kind);
    if (slice === undefined && !(operational ? selection.allOperational : selection.allUser)) continue;
    const wire =
      rules.kind === 'ACTIVE_DIRECTORY' ? ranged(attribute, slice ?? null, rules.maxValueRange) : attribute;
    if (wire !== null) yield rules.typesOnly ? { name: wire.name, values: [] } : wire;
  }
}

/**
 * Active Directory never sends more than MaxValRange values of one attribute: it sends a slice under a name that says
 * which, `member;range=0-1499`, and the last slice as `1500-*`.
 */
function ranged(attribute: WireAttribute, slice: Slice | null, maxValueRange: number): WireAttribute | null {
  const { name, values } = attribute;
  if (slice === null && values.length <= maxValueRange) return attribute;
  const from = slice?.from ?? 0;
  if (from >= values.length) return null;
  const last = Math.min(slice?.to ?? Infinity, from + maxValueRange - 1, values.length - 1);
  const end = last === values.length - 1 ? '*' : String(last);
  return { name: `${name};range=${from}-${end}`, values: values.slice(from, last + 1) };
}
