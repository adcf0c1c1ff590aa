/** Several LDAP attributes in the order in which they are looked at, as `ldap.attrib.userName` may name them. */

import type { Settings } from './options.ts';

/** The names of a property's text, which stand apart by commas or blanks. */
export function attributesInOrder(text: string): string[] {
  return text.split(/[\s,]+/).filter((name) => name !== '');
}

/** The attributes of the userName: the first that an entry has a value of is taken. */
export function userNameAttributes(settings: Pick<Settings, 'ldap.attrib.userName'>): string[] {
  return attributesInOrder(settings['ldap.attrib.userName']);
}
