/** The two passwords of a configuration, decrypted; one in plain text is refused. */

import { dirname } from 'node:path';
import type { Settings } from '../config/options.ts';
import { PASSWORD_COMMANDS, secretReference } from '../config/secret-properties.ts';
import type { SecretKey } from '../config/secret-properties.ts';
import type { LoadedSettings } from '../config/settings.ts';
import { RunError } from '../model/errors.ts';
import type { OpenLog } from '../local/log.ts';
import { thisMachine } from '../local/secrets-machine.ts';

/** Both decrypted; `bindPassword` is `null` where the configuration binds without one. */
export interface Passwords {
  readonly bindPassword: string | null;
  readonly scimPassword: string;
}

/**
 * Decrypts both and keeps them out of the log from then on.
 * @throws RunError PASSWORD_MISSING, PASSWORD_UNREADABLE
 */
export async function openPasswords(loaded: LoadedSettings, openLog: OpenLog): Promise<Passwords> {
  if (loaded.plainSecrets.length > 0) {
    const commands = [...new Set(loaded.plainSecrets.map(({ key }) => PASSWORD_COMMANDS[key]))];
    throw new RunError('PASSWORD_MISSING', loaded.plainSecrets.map(({ message }) => message).join('\n'), {
      fix: `Set it with ${commands.join(' and ')}: that also removes the plain text from the file.`,
    });
  }
  const { settings } = loaded;
  return {
    bindPassword: needsBindPassword(settings)
      ? await openPassword('ldap.bind.password', loaded, openLog)
      : null,
    scimPassword: await openPassword('scim.password', loaded, openLog),
  };
}

/** `ldap.bind.authtype=NONE` binds anonymously, EXTERNAL by a certificate. */
export function needsBindPassword(settings: Settings): boolean {
  return settings['ldap.bind.authtype'] === 'SIMPLE';
}

/**
 * Decrypts one.
 * @throws RunError PASSWORD_MISSING, PASSWORD_UNREADABLE
 */
export async function openPassword(
  key: SecretKey,
  { path, settings }: LoadedSettings,
  openLog: OpenLog,
): Promise<string> {
  const stored = settings[key];
  if (stored === '') {
    throw new RunError('PASSWORD_MISSING', `No password is set for ${key}.`, {
      fix: `Set it with ${PASSWORD_COMMANDS[key]}.`,
    });
  }
  const password = await passwordBehind(key, stored, path, settings, openLog);
  keepSecret(key, password, settings, openLog);
  return password;
}

/** Where a password comes from, for programs; `name` is that of the variable, file or credential. */
export function sourceOfPassword(
  key: SecretKey,
  { settings }: LoadedSettings,
): { readonly source: PasswordSource; readonly name: string | null } {
  const reference = secretReference(settings[key]);
  if (reference !== null) return { source: reference.source, name: reference.name };
  return { source: settings[key] === '' ? 'NONE' : 'CONFIGURATION', name: null };
}

type PasswordSource = 'ENV' | 'FILE' | 'CREDENTIAL' | 'CONFIGURATION' | 'NONE';

/** Where a password comes from, in words. */
export function placeOfPassword(key: SecretKey, { settings }: LoadedSettings): string {
  const reference = secretReference(settings[key]);
  switch (reference?.source) {
    case 'ENV':
      return `from the environment variable ${reference.name}`;
    case 'FILE':
      return `from the file ${reference.name}`;
    case 'CREDENTIAL':
      return `from the credential ${reference.name} of the service manager`;
    case undefined:
      return 'encrypted in the configuration';
  }
}

async function passwordBehind(
  key: SecretKey,
  stored: string,
  path: string,
  settings: Settings,
  { log }: OpenLog,
): Promise<string> {
  const reference = secretReference(stored);
  if (reference === null) {
    const { decryptSecret } = await import('../local/secrets.ts');
    const machine = thisMachine(settings['secret.store']);
    return decryptSecret(stored, { property: key, configPath: path, machine });
  }
  const { readSecretSource } = await import('../local/secret-sources.ts');
  const { password, warning } = readSecretSource(key, reference, dirname(path), process.env);
  if (warning !== null) log.warn('main', warning);
  return password;
}

/**
 * Encrypts one for the configuration at `configPath`, for this machine or user.
 * @throws RunError as `encryptSecret`
 */
export async function sealPassword(
  key: SecretKey,
  password: string,
  configPath: string,
  store: Settings['secret.store'],
): Promise<string> {
  const { encryptSecret } = await import('../local/secrets.ts');
  return encryptSecret(password, { property: key, configPath, machine: thisMachine(store) });
}

/** Registers a password with the log, also in the form in which it travels in an Authorization header. */
export function keepSecret(key: SecretKey, password: string, settings: Settings, openLog: OpenLog): void {
  openLog.redact(password);
  if (key === 'scim.password') openLog.redact(`${settings['scim.username']}:${password}`);
}
