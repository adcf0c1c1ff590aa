/** The key of the passwords in `config.properties`: where it comes from, and how it is made the first time. */

import { hkdfSync, randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { asFolderError, keepOwner, replaceFile, writeFlushed } from '../config/file-replacement.ts';
import { fileProblem } from '../lib/file-problem.ts';
import { RunError } from '../model/errors.ts';
import type { Keychain, Machine } from './secrets-machine.ts';

const KEY_BYTES = 32;
const KEYCHAIN_SERVICE = 'c42uds';
/** A rotation that stops half-way leaves two; each further one that does, one more. */
const MOST_KEYS = 8;

/** A key for AES-256, and a short name of it that tells a wrong key from a damaged text. */
export interface SecretsKey {
  readonly bytes: Uint8Array;
  /** Eight hexadecimal digits, derived one-way: they reveal nothing of the key. */
  readonly id: string;
}

/**
 * The keys for the passwords of one configuration file, the newest first; empty where there is none yet and `create` is
 * false. There are two only while one takes the other's place, so that a rotation may stop at any moment.
 *
 * In a file (Linux): HKDF-SHA-256 (RFC 5869) of the random `secret.key` beside the file, salted with the machine id, so
 * neither the folder alone nor the machine alone is enough. Without a machine id the key file alone decides. In a
 * keychain (elsewhere, and on Linux where `secret.store` says so): a random key of the signed-in user.
 * @throws RunError PASSWORD_UNREADABLE, FILE_UNREADABLE, FOLDER_READ_ONLY
 */
export async function secretsKeys(
  machine: Machine,
  configPath: string,
  create: boolean,
): Promise<readonly SecretsKey[]> {
  const store = keyStore(machine, configPath);
  let stored = await store.read();
  if (stored.length === 0 && create) stored = await store.make(randomBytes(KEY_BYTES));
  return stored.map((bytes) => derive(bytes, saltOf(machine)));
}

/**
 * Puts a new random key before the others; {@link dropOlderKeys} ends what this begins.
 * @throws RunError as {@link secretsKeys}
 */
export async function addKey(machine: Machine, configPath: string): Promise<void> {
  const store = keyStore(machine, configPath);
  await store.write([randomBytes(KEY_BYTES), ...(await store.read())]);
}

/** Forgets all keys but the newest: what they encrypted cannot be read any more. @throws RunError as {@link secretsKeys} */
export async function dropOlderKeys(machine: Machine, configPath: string): Promise<void> {
  const store = keyStore(machine, configPath);
  await store.write((await store.read()).slice(0, 1));
}

/** Whether the key is the user's, in a keychain, rather than the machine's. */
export function usesKeychain(machine: Machine): boolean {
  if (machine.store !== 'AUTO') return machine.store === 'KEYCHAIN';
  return machine.platform === 'win32' || machine.platform === 'darwin';
}

/** Where the key file of a configuration is, on Linux. */
export function keyFilePath(configPath: string): string {
  return join(dirname(resolve(configPath)), 'secret.key');
}

/** Whether other accounts can read the key file; never where there is none. */
export function isKeyOpen(machine: Machine, configPath: string): boolean {
  if (usesKeychain(machine)) return false;
  const mode = statSync(keyFilePath(configPath), { throwIfNoEntry: false })?.mode ?? 0;
  return (mode & 0o077) !== 0;
}

function saltOf(machine: Machine): string {
  return usesKeychain(machine) ? '' : (machine.machineId() ?? '');
}

function derive(stored: Uint8Array, salt: string): SecretsKey {
  const expand = (info: string, length: number): Uint8Array =>
    new Uint8Array(hkdfSync('sha256', stored, salt, info, length));
  return {
    bytes: expand('c42uds passwords v1', KEY_BYTES),
    id: Buffer.from(expand('c42uds key name v1', 4)).toString('hex'),
  };
}

/** Where keys lie, as bytes, the newest first. */
interface KeyStore {
  read(): Promise<readonly Uint8Array[]>;
  /** Stores the first key; where another process was faster, gives that one's. */
  make(key: Uint8Array): Promise<readonly Uint8Array[]>;
  write(keys: readonly Uint8Array[]): Promise<void>;
}

function keyStore(machine: Machine, configPath: string): KeyStore {
  return usesKeychain(machine) ? keychainStore(machine, configPath) : fileStore(configPath);
}

function fileStore(configPath: string): KeyStore {
  const path = keyFilePath(configPath);
  const read = async (): Promise<readonly Uint8Array[]> => {
    let text: string;
    try {
      text = readFileSync(path, 'latin1');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      const message = `Cannot read ${path}, the key of the passwords: ${fileProblem(error)}.`;
      const { code } = error as NodeJS.ErrnoException;
      const denied = code === 'EACCES' || code === 'EPERM';
      throw new RunError('FILE_UNREADABLE', message, {
        ...(denied
          ? { fix: 'Run c42uds as the account that owns it, which is the one of the schedule.' }
          : {}),
        cause: error,
      });
    }
    return keysIn(text, `The key file ${path} is damaged.`, 'Delete it, then set both passwords again');
  };
  return {
    read,
    async make(key) {
      try {
        writeFlushed(path, Buffer.from(textOf([key])));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw asFolderError(error, path);
        const others = await read();
        if (others.length > 0) return others;
        // Something is there under the name, and nothing behind it.
        throw new RunError('FILE_UNREADABLE', `The key file ${path} is a symbolic link that leads nowhere.`, {
          fix: 'Bring back the file that it names, or remove the link and set both passwords again.',
          cause: error,
        });
      }
      keepOwner(configPath, path);
      return [key];
    },
    async write(keys) {
      replaceFile(path, Buffer.from(textOf(keys)));
    },
  };
}

function keychainStore(machine: Machine, configPath: string): KeyStore {
  const account = keychainAccount(machine, configPath);
  const using = async <T>(work: (keychain: Keychain) => Promise<T>): Promise<T> => {
    try {
      return await work(await machine.keychain());
    } catch (error) {
      if (error instanceof RunError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      const message = `Cannot use ${keychainName(machine)} for the key of the passwords: ${reason}`;
      throw new RunError('PASSWORD_UNREADABLE', message, {
        fix: 'Run c42uds as a signed-in user with an unlocked keychain, installed with its optional dependencies.',
        cause: error,
      });
    }
  };
  const write = (keys: readonly Uint8Array[]): Promise<void> =>
    using((keychain) => keychain.setPassword(KEYCHAIN_SERVICE, account, textOf(keys).trim()));
  return {
    async read() {
      const text = await using((keychain) => keychain.getPassword(KEYCHAIN_SERVICE, account));
      if (text === null) return [];
      const fix = `Delete the entry "${account}" of "${KEYCHAIN_SERVICE}", then set both passwords again`;
      return keysIn(text, 'The key in the keychain is damaged.', fix);
    },
    async make(key) {
      await write([key]);
      return [key];
    },
    write,
  };
}

/** What the platform calls it. */
function keychainName({ platform }: Machine): string {
  if (platform === 'darwin') return 'the macOS keychain';
  return platform === 'win32' ? 'Windows Credential Manager' : 'the Secret Service of this session';
}

/** Two configurations of one user have a key each: removing one installation must not break the other. */
function keychainAccount(machine: Machine, configPath: string): string {
  const path = resolve(configPath);
  return `${machine.userName()}:${machine.platform === 'win32' ? path.toLowerCase() : path}`;
}

function textOf(keys: readonly Uint8Array[]): string {
  return keys.map((key) => `${Buffer.from(key).toString('hex')}\n`).join('');
}

function keysIn(text: string, problem: string, fix: string): readonly Uint8Array[] {
  const lines = text.trim().split(/\s+/);
  if (lines.length <= MOST_KEYS && lines.every((line) => /^[0-9a-f]{64}$/.test(line))) {
    return lines.map((line) => Buffer.from(line, 'hex'));
  }
  throw new RunError('PASSWORD_UNREADABLE', problem, {
    fix: `${fix}: c42uds --ldap-bind-password and c42uds --scim-password.`,
  });
}
