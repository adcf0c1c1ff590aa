/** The key of the passwords in `config.properties`: where it comes from, and how it is made the first time. */

import { hkdfSync, randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { asFolderError, keepOwner, writeFlushed } from '../config/file-replacement.ts';
import { fileProblem } from '../lib/file-problem.ts';
import { RunError } from '../model/errors.ts';
import type { Machine } from './secrets-machine.ts';

const KEY_BYTES = 32;
const KEYCHAIN_SERVICE = 'c42uds';

/** A key for AES-256, and a short name of it that tells a wrong key from a damaged text. */
export interface SecretsKey {
  readonly bytes: Uint8Array;
  /** Eight hexadecimal digits, derived one-way: they reveal nothing of the key. */
  readonly id: string;
}

/**
 * The key for the passwords of one configuration file; `null` where there is none yet and `create` is false.
 *
 * Linux: HKDF-SHA-256 (RFC 5869) of the random `secret.key` beside the file, salted with the machine id, so neither the
 * folder alone nor the machine alone is enough. Without a machine id the key file alone decides. Elsewhere: a random
 * key in the keychain of the signed-in user.
 * @throws RunError PASSWORD_UNREADABLE, FILE_UNREADABLE, FOLDER_READ_ONLY
 */
export async function secretsKey(
  machine: Machine,
  configPath: string,
  create: boolean,
): Promise<SecretsKey | null> {
  if (usesKeychain(machine)) {
    const stored = await keychainKey(machine, configPath, create);
    return stored === null ? null : derive(stored, '');
  }
  const path = keyFilePath(configPath);
  const stored = readKeyFile(path) ?? (create ? createKeyFile(path, configPath) : null);
  return stored === null ? null : derive(stored, machine.machineId() ?? '');
}

/** Whether the key is the user's, in a keychain, rather than the machine's. */
export function usesKeychain(machine: Machine): boolean {
  return machine.platform === 'win32' || machine.platform === 'darwin';
}

/** Where the key file of a configuration is, on Linux. */
export function keyFilePath(configPath: string): string {
  return join(dirname(resolve(configPath)), 'secret.key');
}

/** A sentence for the log when other accounts can read the key file; `null` when all is well or there is none. */
export function keyFileWarning(machine: Machine, configPath: string): string | null {
  if (usesKeychain(machine)) return null;
  const path = keyFilePath(configPath);
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & 0o077) === 0) return null;
  return `Other accounts can read ${path}, the key of the passwords; run chmod 600 on it.`;
}

function derive(stored: Uint8Array, salt: string): SecretsKey {
  const expand = (info: string, length: number): Uint8Array =>
    new Uint8Array(hkdfSync('sha256', stored, salt, info, length));
  return {
    bytes: expand('c42uds passwords v1', KEY_BYTES),
    id: Buffer.from(expand('c42uds key name v1', 4)).toString('hex'),
  };
}

function readKeyFile(path: string): Uint8Array | null {
  let text: string;
  try {
    text = readFileSync(path, 'latin1').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    const message = `Cannot read ${path}, the key of the passwords: ${fileProblem(error)}.`;
    throw new RunError('FILE_UNREADABLE', message, { cause: error });
  }
  return keyBytes(text, `The key file ${path} is damaged.`, 'Delete it, then set both passwords again');
}

function createKeyFile(path: string, configPath: string): Uint8Array {
  const key = randomBytes(KEY_BYTES);
  try {
    writeFlushed(path, Buffer.from(`${key.toString('hex')}\n`));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return readKeyFile(path) ?? key;
    throw asFolderError(error, path);
  }
  keepOwner(configPath, path);
  return key;
}

async function keychainKey(
  machine: Machine,
  configPath: string,
  create: boolean,
): Promise<Uint8Array | null> {
  const account = keychainAccount(machine, configPath);
  try {
    const keychain = await machine.keychain();
    const stored = await keychain.getPassword(KEYCHAIN_SERVICE, account);
    if (stored !== null) {
      const fix = `Delete the entry "${account}" of "${KEYCHAIN_SERVICE}", then set both passwords again`;
      return keyBytes(stored, 'The key in the keychain is damaged.', fix);
    }
    if (!create) return null;
    const key = randomBytes(KEY_BYTES);
    await keychain.setPassword(KEYCHAIN_SERVICE, account, key.toString('hex'));
    return key;
  } catch (error) {
    if (error instanceof RunError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const place = machine.platform === 'darwin' ? 'the macOS keychain' : 'Windows Credential Manager';
    throw new RunError('PASSWORD_UNREADABLE', `Cannot use ${place} for the key of the passwords: ${reason}`, {
      fix: 'Run c42uds as a signed-in user with an unlocked keychain, installed with its optional dependencies.',
      cause: error,
    });
  }
}

/** Two configurations of one user have a key each: removing one installation must not break the other. */
function keychainAccount(machine: Machine, configPath: string): string {
  const path = resolve(configPath);
  return `${machine.userName()}:${machine.platform === 'win32' ? path.toLowerCase() : path}`;
}

function keyBytes(text: string, problem: string, fix: string): Uint8Array {
  if (/^[0-9a-f]{64}$/.test(text)) return Buffer.from(text, 'hex');
  throw new RunError('PASSWORD_UNREADABLE', problem, {
    fix: `${fix}: c42uds --ldap-bind-password and c42uds --scim-password.`,
  });
}
