/** The properties that hold a password: which they are, how a usable value looks, and the command that sets each. */

import type { OPTIONS, OptionKey } from './options.ts';

export type SecretKey = {
  [K in OptionKey]: (typeof OPTIONS)[K]['kind'] extends 'SECRET' ? K : never;
}[OptionKey];

/** The command that asks for each password and stores it encrypted. */
export const PASSWORD_COMMANDS: Readonly<Record<SecretKey, string>> = {
  'ldap.bind.password': 'c42uds --ldap-bind-password',
  'scim.password': 'c42uds --scim-password',
};

export const SECRET_KEYS = Object.keys(PASSWORD_COMMANDS) as readonly SecretKey[];

/** Whether a value is in the form that we encrypt to; anything else is never used as a password. */
export function isEncrypted(value: string): boolean {
  return /^ENC\([^()]+\)$/.test(value);
}
