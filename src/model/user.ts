/** The SCIM user we want or know of, flat, and what differs between two of them. */

/**
 * The attributes that c42uds can manage, one flat record for each user. `null` means "no value": never sent on create,
 * removed by an update; one that the settings leave to the service is `null` wherever a run looks, and never sent. How
 * each maps to RFC 7643 is the business of `scim/` alone.
 */
export interface UserResource {
  readonly userName: string;
  /** The directory identity of the user: the key by which a user is adopted. */
  readonly externalId: string;
  readonly active: boolean;
  readonly givenName: string | null;
  readonly familyName: string | null;
  readonly email: string | null;
  readonly title: string | null;
  readonly userType: string | null;
  /** ISO 3166-1 alpha-2, as `addresses[type eq "work"].country` wants it. */
  readonly country: string | null;
  readonly department: string | null;
  readonly division: string | null;
  /** The manager's id at the SCIM service. */
  readonly manager: string | null;
  readonly org: string | null;
  readonly roles: readonly string[] | null;
}

export type UserAttribute = keyof UserResource;

/** Every attribute that can be managed, in the order in which people read them. */
export const USER_ATTRIBUTES: readonly UserAttribute[] = [
  'userName',
  'externalId',
  'active',
  'givenName',
  'familyName',
  'email',
  'title',
  'userType',
  'country',
  'department',
  'division',
  'manager',
  'org',
  'roles',
];

/** The resource without the values of what is left to the service: there, nothing can be a difference. */
export function managedPart(resource: UserResource, managed: readonly UserAttribute[]): UserResource {
  if (managed.length === USER_ATTRIBUTES.length) return resource;
  const part: { -readonly [K in UserAttribute]: unknown } = { ...resource };
  for (const name of USER_ATTRIBUTES) if (!managed.includes(name)) part[name] = null;
  return part as UserResource;
}

/** Whether two values of one attribute mean the same; the order and case of roles do not count. */
export function sameValue(
  attribute: UserAttribute,
  a: UserResource[UserAttribute],
  b: UserResource[UserAttribute],
): boolean {
  if (attribute !== 'roles') return a === b;
  return roleKey(a as UserResource['roles']) === roleKey(b as UserResource['roles']);
}

/** userNames are compared as SCIM services compare them: without regard to case (RFC 7643 4.1.1). */
export function nameKey(userName: string): string {
  return userName.normalize('NFC').toLowerCase();
}

function roleKey(roles: readonly string[] | null): string {
  if (roles === null) return '';
  return [...new Set(roles.map((role) => role.toLowerCase()))].sort().join('\n');
}

/** The attributes in which `to` differs from `from`, in the order of {@link USER_ATTRIBUTES}. */
export function differingAttributes(from: UserResource, to: UserResource): UserAttribute[] {
  return USER_ATTRIBUTES.filter((attribute) => !sameValue(attribute, from[attribute], to[attribute]));
}
