/** Which searches a query takes: filters joined, long lists of values cut into pieces. */

import { dnKey } from '../model/dn.ts';
import type { DirectoryQuery } from '../model/ports.ts';
import { guidBytes, valueForm } from './binary-values.ts';
import { allOf, equal } from './filter.ts';
import type { Filter } from './filter.ts';
import type { Scope } from './requests.ts';

/** Servers limit the length of a filter; a hundred comparisons pass everywhere. */
const VALUES_PER_SEARCH = 100;

export interface PlannedSearch {
  readonly base: string;
  readonly scope: Scope;
  readonly filter: Filter;
  /** The filter without its `since` part: a referral leads to a server with another clock and other USNs. */
  readonly wholeFilter: Filter;
  /** True where an absent base is an answer (a look-up by DN) and no fault. */
  readonly baseMayBeMissing: boolean;
}

export interface PlanInput {
  readonly baseDn: string;
  readonly userFilter: Filter;
  /** `null`: the DN is the identity. */
  readonly identityAttribute: string | null;
  readonly extra: Filter | null;
  readonly since: Filter | null;
  readonly anyOf: DirectoryQuery['anyOf'];
}

/** The searches that together answer the query; none for an empty list of values. */
export function planSearches(input: PlanInput): PlannedSearch[] {
  const { baseDn, anyOf, identityAttribute } = input;
  if (anyOf === null) return [search(input, baseDn, 'SUB', null)];
  const values = [...new Set(anyOf.values.map((value) => value.trim()).filter((value) => value !== ''))];
  const attribute = anyOf.attribute ?? identityAttribute;
  if (attribute === null) {
    return values.filter((dn) => isWithin(dn, baseDn)).map((dn) => search(input, dn, 'BASE', null));
  }
  const searches: PlannedSearch[] = [];
  for (let i = 0; i < values.length; i += VALUES_PER_SEARCH) {
    const parts = values.slice(i, i + VALUES_PER_SEARCH).flatMap((value) => comparisons(attribute, value));
    searches.push(search(input, baseDn, 'SUB', { type: 'OR', parts }));
  }
  return searches;
}

function search(input: PlanInput, base: string, scope: Scope, values: Filter | null): PlannedSearch {
  const present = (parts: readonly (Filter | null)[]): Filter[] => parts.filter((part) => part !== null);
  return {
    base,
    scope,
    filter: allOf(present([input.userFilter, input.extra, input.since, values])),
    wholeFilter: allOf(present([input.userFilter, input.extra, values])),
    baseMayBeMissing: scope === 'BASE',
  };
}

/** Undoes what the decoder did to identities that are not text: GUIDs become bytes again, hexadecimal digits may be bytes. */
export function comparisons(attribute: string, value: string): Filter[] {
  const form = valueForm(attribute.toLowerCase());
  const guid = form === 'GUID' ? guidBytes(value) : null;
  if (guid !== null) return [equal(attribute, guid)];
  const text = equal(attribute, value);
  const isHex = /^(?:[0-9a-f]{2}){8,}$/i.test(value);
  return isHex ? [text, equal(attribute, Buffer.from(value, 'hex'))] : [text];
}

/** Whether a DN lies in the search base: a look-up elsewhere would find strangers. */
function isWithin(dn: string, baseDn: string): boolean {
  const [inner, outer] = [dnKey(dn), dnKey(baseDn)];
  return outer === '' || inner === outer || inner.endsWith(`,${outer}`);
}
