/** Where each managed attribute stands in a SCIM user (RFC 7643 4.1 and 4.3), the configurable two included. */

import { USER_ATTRIBUTES, type UserAttribute, type UserResource } from '../model/user.ts';

export const USER_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const ENTERPRISE_SCHEMA = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** `schema: null` is the core schema, whose attributes stand at the top level. */
export interface Place {
  readonly schema: string | null;
  readonly name: string;
  readonly subName: string | null;
}

export interface Layout {
  readonly places: Readonly<Record<UserAttribute, Place>>;
  /** The attributes that are read and written; no other is looked at or touched. */
  readonly managed: readonly UserAttribute[];
  /** Whether roles are the complex list of RFC 7643 4.1.2, or a plain list of names. */
  readonly hasComplexRoles: boolean;
}

/** The layout for `scim.org.attribute` and `scim.role.attribute`. */
export function layoutFor(
  orgAttribute: string,
  roleAttribute: string,
  managed: readonly UserAttribute[] = USER_ATTRIBUTES,
): Layout {
  const roles = placeNamed(roleAttribute);
  return {
    places: {
      userName: core('userName'),
      externalId: core('externalId'),
      active: core('active'),
      givenName: core('name', 'givenName'),
      familyName: core('name', 'familyName'),
      email: core('emails'),
      title: core('title'),
      userType: core('userType'),
      country: core('addresses'),
      department: enterprise('department'),
      division: enterprise('division'),
      manager: enterprise('manager'),
      org: placeNamed(orgAttribute),
      roles,
    },
    managed,
    hasComplexRoles: roles.schema === null && roles.name.toLowerCase() === 'roles',
  };
}

/** `name` or `URN:name`; the attribute's name is what follows the last colon (RFC 7644 3.10). */
function placeNamed(text: string): Place {
  const colon = text.lastIndexOf(':');
  if (colon === -1 || !/^urn:/i.test(text)) return core(text);
  const schema = text.slice(0, colon);
  const name = text.slice(colon + 1);
  return schema.toLowerCase() === USER_SCHEMA.toLowerCase() ? core(name) : { schema, name, subName: null };
}

function core(name: string, subName: string | null = null): Place {
  return { schema: null, name, subName };
}

function enterprise(name: string): Place {
  return { schema: ENTERPRISE_SCHEMA, name, subName: null };
}

/** A place as the path of a PATCH operation (RFC 7644 3.5.2): `name.givenName`, `urn:…:User:department`. */
export function pathOf(place: Place): string {
  const attribute = place.subName === null ? place.name : `${place.name}.${place.subName}`;
  return place.schema === null ? attribute : `${place.schema}:${attribute}`;
}

/** The JSON value that stands for an attribute of the user; `null` where the user has none. */
export function wireValue(user: UserResource, attribute: UserAttribute, layout: Layout): unknown {
  switch (attribute) {
    case 'email':
      return user.email === null ? null : [{ value: user.email, type: 'work', primary: true }];
    case 'country':
      return user.country === null ? null : [{ type: 'work', country: user.country }];
    case 'manager':
      return user.manager === null ? null : { value: user.manager };
    case 'roles':
      // RFC 7643 2.5: an empty list and no value are the same.
      if (user.roles === null || user.roles.length === 0) return null;
      return layout.hasComplexRoles ? user.roles.map((role) => ({ value: role })) : [...user.roles];
    default:
      return user[attribute];
  }
}
