/** Resources as texts: equal resources have equal texts, so that SQLite can compare a whole directory by itself. */

import type { UserResource } from '../model/user.ts';

/** The whole resource but its manager, attributes in the order of USER_ATTRIBUTES, absent ones `null`. */
export function resourceText(resource: Partial<UserResource>): string {
  // One literal, not a loop over the names: this runs for every user of every full read.
  return JSON.stringify({
    userName: resource.userName ?? null,
    externalId: resource.externalId ?? null,
    active: resource.active ?? true,
    givenName: resource.givenName ?? null,
    familyName: resource.familyName ?? null,
    email: resource.email ?? null,
    title: resource.title ?? null,
    userType: resource.userType ?? null,
    country: resource.country ?? null,
    department: resource.department ?? null,
    division: resource.division ?? null,
    // Known only when the whole directory has been read, and kept beside the text.
    manager: null,
    org: resource.org ?? null,
    roles: resource.roles ?? null,
  } satisfies Record<keyof UserResource, unknown>);
}
