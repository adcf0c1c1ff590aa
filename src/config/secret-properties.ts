/** The properties that hold a password: which they are, how a usable value looks, and the command that sets each. */

import type { OPTIONS, OptionKey } from './options.ts';

export type SecretKey = {
  [K in OptionKey]: (typeof OPTIONS)[K]['kind'] extends 'SECRET' ? K : never;
}[OptionKey];

/** The command that asks for each password and stores it encrypted. */
export const PASSWORD_COMMANDS: Readonly<Record<SecretKey, string>> = {
  'ldap.bind.password': 'c42uds --ldap-bind-password',
  'scim.password': 'c42uds --scim-password',
  'notify.secret': 'c42uds secrets set notify.secret',
};

export const SECRET_KEYS = Object.keys(PASSWORD_COMMANDS) as readonly SecretKey[];

/** Whether a value is in the form that we encrypt to. */
export function isEncrypted(value: string): boolean {
  return /^ENC\([^()]+\)$/.test(value);
}

/** A place outside the configuration that holds a password: for containers and for systemd's credentials. */
export interface SecretReference {
  /** ENV: a variable of the environment; FILE: a file; CREDENTIAL: a file of that name in `$CREDENTIALS_DIRECTORY`. */
  readonly source: 'ENV' | 'FILE' | 'CREDENTIAL';
  readonly name: string;
}

/** Reads `${env:NAME}`, `${file:PATH}` or `${credential:NAME}`; `null` for anything else. */
export function secretReference(value: string): SecretReference | null {
  const [, source, name] = /^\$\{(env|file|credential):([^{}]+)\}$/.exec(value) ?? [];
  if (source === undefined || name === undefined || name.trim() === '') return null;
  // A name that leads out of the folder of credentials is a mistake at best.
  if (source === 'credential' && !/^[^/\\]+$/.test(name)) return null;
  return { source: source.toUpperCase() as SecretReference['source'], name: name.trim() };
}

/** Whether a value leads to a password without being one; anything else is never used as a password. */
export function isUsableSecret(value: string): boolean {
  return isEncrypted(value) || secretReference(value) !== null;
}
