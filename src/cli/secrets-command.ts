/** `c42uds secrets check|rotate|set`: whether the passwords can be read, a new key for them, and one set. */

import { setProperty } from '../config/configuration-changes.ts';
import { isEncrypted, SECRET_KEYS } from '../config/secret-properties.ts';
import type { SecretKey } from '../config/secret-properties.ts';
import { loadSettings } from '../config/settings.ts';
import type { LoadedSettings } from '../config/settings.ts';
import { EXIT_CODES, RunError, type ExitCode } from '../model/errors.ts';
import { errorFacts, SCHEMA_VERSION, type ErrorFacts } from '../report/run-result.ts';
import { configurationPath, openConfiguration } from './configuration.ts';
import type { SecretsInvocation } from './invocation.ts';
import { askForSecret } from './password-command.ts';
import {
  keepSecret,
  needsBindPassword,
  openPassword,
  placeOfPassword,
  sealPassword,
  sourceOfPassword,
} from './passwords.ts';
import { logRunError } from './run-error-log.ts';
import type { Session } from './session.ts';

/**
 * No action shows a password, or asks a server for anything.
 * @returns 0 when every password that the configuration needs can be read, else the code of the first that cannot
 * @throws RunError CONFIG_INVALID and the like; PASSWORD_UNREADABLE and the like where a rotation cannot begin
 */
export async function lookAfterSecrets(invocation: SecretsInvocation, session: Session): Promise<ExitCode> {
  const loaded = openConfiguration(configurationPath(invocation.configPath, session), session);
  switch (invocation.action) {
    case 'CHECK':
      return check(loaded, session);
    case 'ROTATE':
      return rotate(loaded, session);
    case 'SET':
      return set(invocation.property ?? 'notify.secret', loaded, session);
  }
}

function neededKeys({ settings }: LoadedSettings): readonly SecretKey[] {
  return SECRET_KEYS.filter((key) => {
    if (key === 'ldap.bind.password') return needsBindPassword(settings);
    return key !== 'notify.secret' || settings[key] !== '';
  });
}

/** What became of one secret, as docs/schemas/secrets-check.json has it. */
interface CheckedSecret {
  readonly property: SecretKey;
  readonly source: string;
  readonly name: string | null;
  readonly readable: boolean;
  readonly error: Omit<ErrorFacts, 'exitCode'> | null;
}

async function check(loaded: LoadedSettings, session: Session): Promise<ExitCode> {
  const { log } = session.openLog;
  const secrets: CheckedSecret[] = [];
  let exitCode: ExitCode = EXIT_CODES.DONE;
  for (const { message } of loaded.plainSecrets) log.warn('main', message);
  for (const key of neededKeys(loaded)) {
    const place = { property: key, ...sourceOfPassword(key, loaded) };
    try {
      await openPassword(key, loaded, session.openLog);
      log.info('main', `${key} can be read: ${placeOfPassword(key, loaded)}.`);
      secrets.push({ ...place, readable: true, error: null });
    } catch (error) {
      if (!(error instanceof RunError)) throw error;
      logRunError(error, log);
      const { code, message, fix } = errorFacts(error, (text) => session.openLog.redacted(text));
      secrets.push({ ...place, readable: false, error: { code, message, fix } });
      if (exitCode === EXIT_CODES.DONE) exitCode = error.exitCode;
    }
  }
  const warnings = loaded.plainSecrets.map(({ message }) => message);
  const facts = { configuration: loaded.path, exitCode, secrets, warnings };
  session.results.print({ type: 'secretsCheck', schemaVersion: SCHEMA_VERSION, ...facts });
  return exitCode;
}

async function set(key: SecretKey, { path, settings }: LoadedSettings, session: Session): Promise<ExitCode> {
  const secret = await askForSecret(key, session);
  keepSecret(key, secret, settings, session.openLog);
  setProperty(path, key, await sealPassword(key, secret, path, settings['secret.store']));
  session.openLog.log.info('main', `The secret was encrypted and written to ${key} in ${path}`);
  const facts = { configuration: path, property: key };
  session.results.print({ type: 'secretSet', schemaVersion: SCHEMA_VERSION, ...facts });
  return EXIT_CODES.DONE;
}

/** A new key beside the old one, both passwords under it, then the old one away: it may be cut off after any step. */
async function rotate(loaded: LoadedSettings, session: Session): Promise<ExitCode> {
  const { log } = session.openLog;
  const { settings, path } = loaded;
  const keys = SECRET_KEYS.filter((key) => isEncrypted(settings[key]));
  const result = { type: 'secretsRotated', schemaVersion: SCHEMA_VERSION, configuration: path };
  if (keys.length === 0) {
    session.results.print({ ...result, properties: [] });
    log.info('main', `No password is encrypted in ${path}: there is nothing to do.`);
    return EXIT_CODES.DONE;
  }
  const passwords = new Map<SecretKey, string>();
  for (const key of keys) passwords.set(key, await openPassword(key, loaded, session.openLog));

  const { addKey, dropOlderKeys } = await import('../local/secrets-key.ts');
  const { thisMachine } = await import('../local/secrets-machine.ts');
  const machine = thisMachine(settings['secret.store']);
  await addKey(machine, path);
  for (const [key, password] of passwords) {
    setProperty(path, key, await sealPassword(key, password, path, settings['secret.store']));
  }
  const renewed = loadSettings(path);
  for (const [key, password] of passwords) {
    if ((await openPassword(key, renewed, session.openLog)) !== password) {
      throw new Error(`${key} reads differently under the new key`);
    }
  }
  await dropOlderKeys(machine, path);
  log.info('main', `${keys.join(' and ')}: encrypted under a new key; the old one is gone.`);
  session.results.print({ ...result, properties: keys });
  return EXIT_CODES.DONE;
}
