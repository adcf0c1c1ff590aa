/** Search filters of the demo directory (RFC 4511 4.5.1.7): read from the wire, judged by three-valued logic. */

import { BerError, type BerReader } from './ber.ts';
import { compareValues, comparable, foldText, syntaxOf, type Syntax } from './ldap-syntax.ts';

export type Filter =
  | { readonly kind: 'AND' | 'OR'; readonly parts: readonly Filter[] }
  | { readonly kind: 'NOT'; readonly part: Filter }
  | {
      readonly kind: 'EQUAL' | 'GREATER' | 'LESS' | 'APPROX';
      readonly attribute: string;
      readonly value: Buffer;
    }
  | { readonly kind: 'PRESENT'; readonly attribute: string }
  | {
      readonly kind: 'SUBSTRINGS';
      readonly attribute: string;
      readonly initial: string | null;
      readonly any: readonly string[];
      readonly final: string | null;
    }
  | {
      readonly kind: 'EXTENSIBLE';
      readonly rule: string | null;
      readonly attribute: string | null;
      readonly value: Buffer;
    };

/** `null` is RFC 4511's Undefined: it selects nothing, and neither does its negation. */
export type Truth = boolean | null;

/** What a filter needs to know of an entry: the comparable values of an attribute by its name in lower case. */
export interface Filterable {
  comparableValues(attribute: string): readonly (string | null)[];
}

/** What a filter needs to know of the directory. */
export interface FilterContext {
  /** Whether the attribute type, in lower case, is known at all; an assertion on an unknown one is Undefined. */
  recognizes(attribute: string): boolean;
  /** The comparable DNs reached from `keys` by following the attribute any number of times, `keys` included. */
  chain(attribute: string, keys: readonly string[]): ReadonlySet<string>;
}

const MAX_DEPTH = 100;

/** @throws BerError for bytes that are no filter */
export function readFilter(reader: BerReader, depth = 0): Filter {
  if (depth > MAX_DEPTH) throw new BerError('filter nested too deep');
  const tag = reader.peek();
  switch (tag) {
    case 0xa0:
    case 0xa1: {
      const inside = reader.inside(tag);
      const parts: Filter[] = [];
      while (inside.peek() !== -1) parts.push(readFilter(inside, depth + 1));
      return { kind: tag === 0xa0 ? 'AND' : 'OR', parts };
    }
    case 0xa2:
      return { kind: 'NOT', part: readFilter(reader.inside(tag), depth + 1) };
    case 0xa3:
    case 0xa5:
    case 0xa6:
    case 0xa8: {
      const kind = ({ 0xa3: 'EQUAL', 0xa5: 'GREATER', 0xa6: 'LESS', 0xa8: 'APPROX' } as const)[tag];
      const inside = reader.inside(tag);
      return { kind, attribute: bareName(inside.text()), value: inside.octets() };
    }
    case 0xa4:
      return readSubstrings(reader.inside(tag));
    case 0x87:
      return { kind: 'PRESENT', attribute: bareName(reader.text(tag)) };
    case 0xa9:
      return readExtensible(reader.inside(tag));
    default:
      throw new BerError(`filter with tag ${tag}`);
  }
}

function readSubstrings(reader: BerReader): Filter {
  const attribute = bareName(reader.text());
  const pieces = reader.inside();
  let initial: string | null = null;
  let final: string | null = null;
  const any: string[] = [];
  while (pieces.peek() !== -1) {
    if (pieces.peek() === 0x80) initial = pieces.text(0x80);
    else if (pieces.peek() === 0x82) final = pieces.text(0x82);
    else any.push(pieces.text(0x81));
  }
  return { kind: 'SUBSTRINGS', attribute, initial, any, final };
}

function readExtensible(reader: BerReader): Filter {
  const rule = reader.peek() === 0x81 ? reader.text(0x81) : null;
  const attribute = reader.peek() === 0x82 ? bareName(reader.text(0x82)) : null;
  return { kind: 'EXTENSIBLE', rule, attribute, value: reader.octets(0x83) };
}

/** The attribute type in lower case, its options left off. */
function bareName(description: string): string {
  return (description.split(';', 1)[0] ?? '').toLowerCase();
}

/** Makes the filter ready to judge many entries; assertion values are prepared once. */
export function compileFilter(filter: Filter, context: FilterContext): (entry: Filterable) => Truth {
  switch (filter.kind) {
    case 'AND':
    case 'OR': {
      const parts = filter.parts.map((part) => compileFilter(part, context));
      // AND is settled by the first false, OR by the first true; Undefined settles neither.
      const settles = filter.kind === 'OR';
      return (entry) => joined(parts, entry, settles);
    }
    case 'NOT': {
      const part = compileFilter(filter.part, context);
      return (entry) => {
        const truth = part(entry);
        return truth === null ? null : !truth;
      };
    }
    case 'EXTENSIBLE':
      return compileExtensible(filter, context);
    case 'PRESENT':
      if (!context.recognizes(filter.attribute)) return () => null;
      return (entry) => entry.comparableValues(filter.attribute).length > 0;
    case 'EQUAL':
    case 'GREATER':
    case 'LESS':
    case 'APPROX':
    case 'SUBSTRINGS':
      if (!context.recognizes(filter.attribute)) return () => null;
      return filter.kind === 'SUBSTRINGS' ? compileSubstrings(filter) : compileComparison(filter);
  }
}

function joined(
  parts: readonly ((entry: Filterable) => Truth)[],
  entry: Filterable,
  settles: boolean,
): Truth {
  let truth: Truth = !settles;
  for (const part of parts) {
    const one = part(entry);
    if (one === settles) return settles;
    if (one === null) truth = null;
  }
  return truth;
}

function compileComparison(filter: Filter & { kind: 'EQUAL' | 'GREATER' | 'LESS' | 'APPROX' }) {
  const { attribute, kind } = filter;
  const syntax = syntaxOf(attribute);
  const wanted = comparable(filter.value, syntax);
  // Active Directory takes a class name where objectCategory holds a DN: (objectCategory=person).
  if (attribute === 'objectcategory' && wanted === null) return categoryByName(filter.value.toString('utf8'));
  if (wanted === null) return () => null;
  const matches: (value: string) => boolean =
    kind === 'GREATER'
      ? (value) => compareValues(value, wanted, syntax) >= 0
      : kind === 'LESS'
        ? (value) => compareValues(value, wanted, syntax) <= 0
        : (value) => value === wanted;
  return (entry: Filterable): Truth =>
    entry.comparableValues(attribute).some((value) => value !== null && matches(value));
}

function categoryByName(name: string) {
  const start = `cn=${name.trim().toLowerCase()},`;
  return (entry: Filterable): Truth =>
    entry.comparableValues('objectcategory').some((value) => value?.startsWith(start) ?? false);
}

function compileSubstrings(filter: Filter & { kind: 'SUBSTRINGS' }): (entry: Filterable) => Truth {
  const syntax: Syntax = syntaxOf(filter.attribute);
  if (syntax !== 'TEXT') return () => null;
  const initial = filter.initial === null ? '' : foldText(filter.initial);
  const any = filter.any.map(foldText);
  const final = filter.final === null ? '' : foldText(filter.final);
  return (entry) =>
    entry.comparableValues(filter.attribute).some((value) => {
      if (value === null || !value.startsWith(initial)) return false;
      let at = initial.length;
      for (const piece of any) {
        const found = value.indexOf(piece, at);
        if (found < 0) return false;
        at = found + piece.length;
      }
      return value.length - final.length >= at && value.endsWith(final);
    });
}

const BIT_AND = '1.2.840.113556.1.4.803';
const BIT_OR = '1.2.840.113556.1.4.804';
const IN_CHAIN = '1.2.840.113556.1.4.1941';
const EQUALITY_RULES = new Set([
  'caseignorematch',
  '2.5.13.2',
  'integermatch',
  '2.5.13.14',
  'distinguishednamematch',
  '2.5.13.1',
]);

function compileExtensible(
  filter: Filter & { kind: 'EXTENSIBLE' },
  context: FilterContext,
): (entry: Filterable) => Truth {
  const { attribute, rule } = filter;
  if (attribute === null || !context.recognizes(attribute)) return () => null;
  if (rule === null || EQUALITY_RULES.has(rule.toLowerCase())) {
    return compileComparison({ kind: 'EQUAL', attribute, value: filter.value });
  }
  const wanted = comparable(filter.value, rule === IN_CHAIN ? 'DN' : 'INTEGER');
  if (wanted === null) return () => null;
  if (rule === BIT_AND || rule === BIT_OR) {
    const mask = BigInt(wanted);
    const matches = (bits: bigint): boolean =>
      rule === BIT_AND ? (bits & mask) === mask : (bits & mask) !== 0n;
    return (entry) =>
      entry
        .comparableValues(attribute)
        .some((value) => value !== null && /^-?\d+$/.test(value) && matches(BigInt(value)));
  }
  if (rule !== IN_CHAIN) return () => null;
  return (entry) => {
    const keys = entry.comparableValues(attribute).filter((value) => value !== null);
    return context.chain(attribute, keys).has(wanted);
  };
}
