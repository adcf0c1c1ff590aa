/** Writes the user we want as a SCIM resource: whole for POST, as operations for PATCH, merged for PUT. */

import type { UserAttribute, UserResource } from '../model/user.ts';
import { keyOf, listOf, memberOf, objectOf, textOf, type JsonObject } from './json.ts';
import { pathOf, USER_SCHEMA, wireValue, type Layout, type Place } from './layout.ts';

const PATCH_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

type Draft = Record<string, unknown>;

/** The body of a POST: every managed attribute that has a value, and the schemas that they need (RFC 7643 3). */
export function newResource(user: UserResource, layout: Layout): JsonObject {
  const draft: Draft = { schemas: [USER_SCHEMA] };
  for (const attribute of layout.managed) {
    const value = wireValue(user, attribute, layout);
    if (value !== null) put(draft, layout.places[attribute], value);
  }
  return draft;
}

/**
 * The body of a PATCH (RFC 7644 3.5.2): one operation for each named attribute, `replace` with the whole value or
 * `remove`. Values are absolute, so that sending it twice does no harm; lists are replaced whole, because a value filter
 * that matches nothing is an error; extension attributes go by path, because a nested object is an error on some services.
 */
export function patchBody(
  user: UserResource,
  attributes: readonly UserAttribute[],
  layout: Layout,
): JsonObject {
  const operations = attributes.map((attribute) => {
    const path = pathOf(layout.places[attribute]);
    const value = wireValue(user, attribute, layout);
    return value === null ? { op: 'remove', path } : { op: 'replace', path, value };
  });
  return { schemas: [PATCH_SCHEMA], Operations: operations };
}

/**
 * The body of a PUT (RFC 7644 3.5.1): what the service holds, with the named attributes brought to the user's values.
 * Everything that is not ours stays: unknown attributes, other addresses, the street beside our country.
 */
export function mergedResource(
  current: JsonObject,
  user: UserResource,
  attributes: readonly UserAttribute[],
  layout: Layout,
): JsonObject {
  const draft = structuredClone(current) as Draft;
  // Read-only; services that do not ignore it refuse the request.
  remove(draft, top('meta'));
  if (keyOf(draft, 'schemas') === undefined) draft['schemas'] = [USER_SCHEMA];
  for (const attribute of attributes) {
    const place = layout.places[attribute];
    if (attribute === 'email') mergeWorkEntry(draft, place, 'value', user.email);
    else if (attribute === 'country') mergeWorkEntry(draft, place, 'country', user.country);
    else {
      const value = wireValue(user, attribute, layout);
      if (value === null) remove(draft, place);
      else put(draft, place, value);
    }
  }
  return draft;
}

function put(draft: Draft, place: Place, value: unknown): void {
  const home = place.schema === null ? draft : extension(draft, place.schema);
  const key = keyOf(home, place.name) ?? place.name;
  if (place.subName === null) {
    home[key] = value;
    return;
  }
  const parent: Draft = { ...objectOf(home[key]) };
  parent[keyOf(parent, place.subName) ?? place.subName] = value;
  home[key] = parent;
}

function remove(draft: Draft, place: Place): void {
  const home = place.schema === null ? draft : childOf(draft, place.schema);
  const parent = home === null || place.subName === null ? home : childOf(home, place.name);
  const key = parent === null ? undefined : keyOf(parent, place.subName ?? place.name);
  if (parent !== null && key !== undefined) delete parent[key];
}

function childOf(draft: Draft, name: string): Draft | null {
  const key = keyOf(draft, name);
  return key === undefined ? null : objectOf(draft[key]);
}

/** The extension's object in the draft, made and named in `schemas` where it is not there yet. */
function extension(draft: Draft, schema: string): Draft {
  const key = keyOf(draft, schema) ?? schema;
  const found = objectOf(draft[key]);
  if (found !== null) return found;
  const created: Draft = {};
  draft[key] = created;
  const schemasKey = keyOf(draft, 'schemas') ?? 'schemas';
  const schemas = listOf(draft[schemasKey]);
  if (!schemas.some((each) => textOf(each)?.toLowerCase() === schema.toLowerCase())) {
    draft[schemasKey] = [...schemas, schema];
  }
  return created;
}

/** Sets or clears one member of the "work" entry of a list, makes a mail the only primary one, and keeps the others. */
function mergeWorkEntry(draft: Draft, place: Place, member: 'value' | 'country', value: string | null): void {
  const key = keyOf(draft, place.name) ?? place.name;
  const entries = listOf(draft[key]).map((entry): Draft => ({ ...objectOf(entry) }));
  // Services that do not keep the type show ours without one.
  const work = entryOfType(entries, 'work') ?? entryOfType(entries, null);
  if (value === null) {
    const isKept = (entry: Draft): boolean => entry !== work || (member === 'country' && hasMore(entry));
    const kept = entries.filter(isKept);
    if (work !== undefined) remove(work, top(member));
    if (kept.length === 0) delete draft[key];
    else draft[key] = kept;
    return;
  }
  const target: Draft = work ?? { type: 'work' };
  if (work === undefined) entries.push(target);
  put(target, top(member), value);
  if (member === 'value') {
    // RFC 7643 2.4: primary may be true once only.
    for (const entry of entries) remove(entry, top('primary'));
    put(target, top('primary'), true);
  }
  draft[key] = entries;
}

function entryOfType(entries: readonly Draft[], type: string | null): Draft | undefined {
  return entries.find((entry) => (textOf(memberOf(entry, 'type'))?.toLowerCase() ?? null) === type);
}

function top(name: string): Place {
  return { schema: null, name, subName: null };
}

/** Whether an address says more than its country. */
function hasMore(entry: Draft): boolean {
  return Object.keys(entry).some((key) => !['type', 'country', 'primary'].includes(key.toLowerCase()));
}
