/** Where the value of each attribute comes from, and which values may not be shown. */

import { basename } from 'node:path';
import { userNameAttributes } from '../config/attribute-order.ts';
import type { OptionKey, Settings } from '../config/options.ts';
import { USER_ATTRIBUTES, type UserAttribute } from '../model/user.ts';

export interface AttributeSources {
  /** What decides the attribute: an attribute of the directory, or the file of a script. */
  readonly of: Readonly<Record<UserAttribute, string>>;
  /** Attributes fed by one of `ldap.schema.attributes.sensitive`: that they change is shown, their values never. */
  readonly sensitive: ReadonlySet<UserAttribute>;
}

type ScriptKey = 'script.active.location' | 'script.org.location' | 'script.role.location';

const FED_BY: Readonly<Record<UserAttribute, readonly OptionKey[]>> = {
  userName: ['ldap.attrib.userName'],
  externalId: ['ldap.attrib.externalId'],
  active: ['script.active.location'],
  givenName: ['ldap.attrib.givenName', 'ldap.attrib.firstName'],
  familyName: ['ldap.attrib.lastName'],
  email: ['ldap.attrib.email', 'ldap.attrib.userName'],
  title: ['ldap.attrib.title'],
  userType: ['ldap.attrib.employeeType'],
  country: ['ldap.attrib.countryCode'],
  department: ['ldap.attrib.department'],
  division: ['ldap.attrib.division'],
  manager: ['ldap.attrib.manager'],
  org: ['script.org.location'],
  roles: ['script.role.location'],
};

/**
 * The sources under these settings. A sensitive attribute is never read, so that no new value of it can appear; the old
 * one, from before it was declared so, still stands in the state file.
 */
export function attributeSources(settings: Settings): AttributeSources {
  const hidden = new Set(settings['ldap.schema.attributes.sensitive'].map(plainName));
  const names = (attribute: UserAttribute): string[] =>
    FED_BY[attribute].flatMap((key) =>
      key === 'ldap.attrib.userName' ? userNameAttributes(settings) : String(settings[key]) || [],
    );
  const of = (attribute: UserAttribute): string => {
    const [key] = FED_BY[attribute];
    if (isScriptKey(key)) return basename(settings[key]);
    return [...new Set(names(attribute))].join(', ') || 'identity';
  };
  const isHidden = (attribute: UserAttribute): boolean =>
    names(attribute).some((name) => hidden.has(plainName(name)));
  return {
    of: Object.fromEntries(USER_ATTRIBUTES.map((name) => [name, of(name)])) as Record<UserAttribute, string>,
    sensitive: new Set(USER_ATTRIBUTES.filter(isHidden)),
  };
}

/** Whether a script, and not the directory itself, gives the attribute its value. */
export function isScripted(attribute: UserAttribute): boolean {
  return isScriptKey(FED_BY[attribute][0]);
}

function isScriptKey(key: OptionKey | undefined): key is ScriptKey {
  return key !== undefined && key.startsWith('script.');
}

/** RFC 4512 2.5: names in any case, and options (`;lang-en`) do not make another attribute. */
function plainName(name: string): string {
  return name.split(';')[0]?.trim().toLowerCase() ?? '';
}
