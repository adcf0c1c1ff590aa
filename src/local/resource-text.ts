/** Resources as texts: equal resources have equal texts, so that SQLite can compare a whole directory by itself. */

import { USER_ATTRIBUTES, type UserResource } from '../model/user.ts';

/** The whole resource but its manager, attributes in one fixed order, absent ones `null`. */
export function resourceText(resource: Partial<UserResource>): string {
  const whole: Record<string, unknown> = {};
  for (const attribute of USER_ATTRIBUTES) whole[attribute] = resource[attribute] ?? null;
  whole['active'] = resource.active ?? true;
  // Known only when the whole directory has been read, and kept beside the text.
  whole['manager'] = null;
  return JSON.stringify(whole);
}
