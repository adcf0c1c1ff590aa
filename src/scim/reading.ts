/** Reads a SCIM user as services really send it, and compares it with what was asked for. */

import { sameValue, USER_ATTRIBUTES, type UserAttribute, type UserResource } from '../model/user.ts';
import { flagOf, idOf, listOf, memberOf, objectOf, textOf, type JsonObject } from './json.ts';
import type { Layout, Place } from './layout.ts';

/** A user as the service holds it. */
export interface StoredUser {
  readonly scimId: string;
  /** What the service shows; an attribute that it does not show is absent. */
  readonly resource: Partial<UserResource>;
  readonly raw: JsonObject;
  /** The ETag as `meta.version` has it, weak or strong, `null` for none. */
  readonly version: string | null;
}

/** The user in a body; `null` where it is none, or has no id. */
export function readUser(body: unknown, layout: Layout): StoredUser | null {
  const raw = objectOf(body);
  const scimId = raw === null ? null : idOf(memberOf(raw, 'id'));
  if (raw === null || scimId === null) return null;
  const meta = objectOf(memberOf(raw, 'meta'));
  return {
    scimId,
    resource: readResource(raw, layout),
    raw,
    version: meta === null ? null : textOf(memberOf(meta, 'version')),
  };
}

/** The managed attributes that a body shows. */
export function readResource(raw: JsonObject, layout: Layout): Partial<UserResource> {
  const resource: { -readonly [K in UserAttribute]?: unknown } = {};
  for (const attribute of layout.managed) {
    const value = readValue(valueAt(raw, layout.places[attribute]), attribute);
    if (value !== null) resource[attribute] = value;
  }
  return resource as Partial<UserResource>;
}

function valueAt(raw: JsonObject, place: Place): unknown {
  const home = place.schema === null ? raw : objectOf(memberOf(raw, place.schema));
  const value = home === null ? undefined : memberOf(home, place.name);
  if (place.subName === null) return value;
  const parent = objectOf(value);
  return parent === null ? undefined : memberOf(parent, place.subName);
}

function readValue(value: unknown, attribute: UserAttribute): string | boolean | string[] | null {
  switch (attribute) {
    case 'active':
      return flagOf(value);
    case 'email':
      return workMember(value, 'value');
    case 'country':
      return workMember(value, 'country');
    case 'manager':
      return textOf(value) ?? textOf(inner(value));
    case 'roles': {
      const roles = listOf(value).flatMap((role) => textOf(role) ?? textOf(inner(role)) ?? []);
      return roles.length === 0 ? null : roles;
    }
    default:
      return textOf(value);
  }
}

/** The `value` of a complex attribute. */
function inner(value: unknown): unknown {
  const object = objectOf(value);
  return object === null ? undefined : memberOf(object, 'value');
}

/** A member of the "work" entry of a list, else of the primary one, else of the first; entries may be bare strings. */
function workMember(value: unknown, member: string): string | null {
  const entries = listOf(value);
  const objects = entries.map(objectOf).filter((entry) => entry !== null);
  const chosen =
    objects.find((entry) => textOf(memberOf(entry, 'type'))?.toLowerCase() === 'work') ??
    objects.find((entry) => flagOf(memberOf(entry, 'primary')) === true) ??
    objects[0];
  return chosen === undefined ? textOf(entries[0]) : textOf(memberOf(chosen, member));
}

/** Services turn these into something of their own: an id for a name, a default for nothing, only those they know. */
const TRANSFORMED: readonly UserAttribute[] = ['org', 'roles', 'manager'];
/** Compared without case, as services store them in a case of their own (userName: RFC 7643 4.1.1, `caseExact` false). */
const CASELESS: readonly UserAttribute[] = ['userName', 'email', 'country'];

/** Which of the named attributes the service shows with another value than ours; what it does not show is no difference. */
export function heldAttributes(
  shown: Partial<UserResource>,
  wanted: UserResource,
  attributes: readonly UserAttribute[],
): UserAttribute[] {
  return attributes.filter((attribute) => {
    const value = shown[attribute];
    return (
      value !== undefined && !TRANSFORMED.includes(attribute) && !means(attribute, value, wanted[attribute])
    );
  });
}

/** What an outcome says of attributes that the service holds otherwise than they were sent. */
export interface Deviation {
  readonly held: readonly UserAttribute[];
  readonly holds?: Partial<UserResource>;
  readonly showsClosed?: true;
}

export const NO_DEVIATION: Deviation = { held: [] };

/** How what the service shows deviates from what was sent. */
export function deviationOf(
  shown: Partial<UserResource>,
  wanted: UserResource,
  attributes: readonly UserAttribute[],
): Deviation {
  const held = heldAttributes(shown, wanted, attributes);
  const seen = shown.active === false ? ({ showsClosed: true } as const) : {};
  if (held.length === 0) return { held, ...seen };
  const holds = Object.fromEntries(held.map((attribute) => [attribute, shown[attribute]]));
  return { held, holds, ...seen };
}

/**
 * Which of the named attributes have to be sent to a user whom we know only from what the service shows: those that
 * differ, and those with a value that it does not show. An organization or roles that we leave to the service stay.
 */
export function attributesToSend(
  shown: Partial<UserResource>,
  wanted: UserResource,
  attributes: readonly UserAttribute[] = USER_ATTRIBUTES,
): UserAttribute[] {
  return attributes.filter((attribute) => {
    const value = shown[attribute];
    const target = wanted[attribute];
    if (target === null) return value !== undefined && attribute !== 'org' && attribute !== 'roles';
    if (value === undefined) return !Array.isArray(target) || target.length > 0;
    return !sameValue(attribute, normal(value), normal(target));
  });
}

/** Whether two names are the same name: without case, and however their accents are composed. */
export function isSameName(a: string, b: string): boolean {
  return a === b || a.normalize('NFC').toLowerCase() === b.normalize('NFC').toLowerCase();
}

function means(
  attribute: UserAttribute,
  a: UserResource[UserAttribute],
  b: UserResource[UserAttribute],
): boolean {
  if (a === b) return true;
  if (typeof a === 'string' && typeof b === 'string' && CASELESS.includes(attribute)) return isSameName(a, b);
  return sameValue(attribute, normal(a), normal(b));
}

function normal(value: UserResource[UserAttribute]): UserResource[UserAttribute] {
  return typeof value === 'string' ? value.normalize('NFC') : value;
}
