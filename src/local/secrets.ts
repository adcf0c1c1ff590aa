/** The passwords of `config.properties`, encrypted so that they are of no use on another machine or to another user. */

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { PASSWORD_COMMANDS, type SecretKey } from '../config/secret-properties.ts';
import { RunError } from '../model/errors.ts';
import { keyFilePath, secretsKeys, usesKeychain } from './secrets-key.ts';
import type { Machine } from './secrets-machine.ts';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Which password, of which configuration file, on which machine. */
export interface SecretContext {
  readonly property: SecretKey;
  readonly configPath: string;
  readonly machine: Machine;
}

/**
 * Encrypts a password to `ENC(v1:KEY-NAME:BASE64)`: AES-256-GCM (NIST SP 800-38D) under a random nonce, with the
 * property's name as additional data, so that the text is worth nothing under another property. Makes the key where
 * there is none yet.
 * @throws RunError PASSWORD_UNREADABLE (no key to be had), FILE_UNREADABLE, FOLDER_READ_ONLY
 */
export async function encryptSecret(plain: string, context: SecretContext): Promise<string> {
  const [key] = await secretsKeys(context.machine, context.configPath, true);
  if (key === undefined) throw new Error('secretsKeys(create) gave no key');
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key.bytes, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(context.property));
  const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
  return `ENC(v1:${key.id}:${Buffer.concat([nonce, body, cipher.getAuthTag()]).toString('base64')})`;
}

/**
 * The password behind a text that {@link encryptSecret} made.
 * @throws RunError PASSWORD_UNREADABLE when it was made on another machine (Linux) or by another user (Windows, macOS),
 *   for another property, or has been damaged; FILE_UNREADABLE when the key file cannot be read
 */
export async function decryptSecret(text: string, context: SecretContext): Promise<string> {
  const parts = /^ENC\(v1:([0-9a-f]{8}):([A-Za-z0-9+/=]+)\)$/.exec(text);
  if (parts === null) throw unreadable(context, 'is not in a form that this version of c42uds has encrypted');
  const keys = await secretsKeys(context.machine, context.configPath, false);
  if (keys.length === 0) throw unreadable(context, absentKey(context));
  const key = keys.find(({ id }) => id === parts[1]);
  if (key === undefined) throw unreadable(context, foreignKey(context));
  const bytes = Buffer.from(parts[2] ?? '', 'base64');
  if (bytes.length < NONCE_BYTES + TAG_BYTES) throw unreadable(context, 'is cut short');
  try {
    const nonce = bytes.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv(CIPHER, key.bytes, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(context.property));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    return (
      decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
    );
  } catch (error) {
    throw unreadable(context, 'has been altered, or was encrypted for another property', error);
  }
}

function unreadable(context: SecretContext, why: string, cause?: unknown): RunError {
  const command = PASSWORD_COMMANDS[context.property];
  const where = usesKeychain(context.machine)
    ? 'as the user who runs the synchronization'
    : 'on this machine';
  return new RunError('PASSWORD_UNREADABLE', `The value of ${context.property} ${why}.`, {
    fix: `Set it again ${where} with ${command}.`,
    ...(cause === undefined ? {} : { cause }),
  });
}

function absentKey({ machine, configPath }: SecretContext): string {
  if (usesKeychain(machine)) {
    return `was encrypted by another user or under another path: the keychain of ${machine.userName()} has no key for it`;
  }
  return `was encrypted on another machine or its key was deleted: there is no ${keyFilePath(configPath)}`;
}

function foreignKey({ machine }: SecretContext): string {
  return usesKeychain(machine)
    ? `was encrypted by another user, not by ${machine.userName()}`
    : 'was encrypted on another machine, or with another secret.key';
}
