/** Passwords that lie outside the configuration: in the environment, in a file, among systemd's credentials. */

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { SecretKey, SecretReference } from '../config/secret-properties.ts';
import { fileProblem } from '../lib/file-problem.ts';
import { RunError } from '../model/errors.ts';

const LARGEST_FILE_BYTES = 64 * 1024;
/** For somebody to write to a pipe that is named as the file. */
const PIPE_PATIENCE_MS = 5000;

export interface FoundSecret {
  readonly password: string;
  /** A sentence for the log where the place is open to others; `null` when all is well. */
  readonly warning: string | null;
}

/**
 * Fetches a password from where a reference points. One line break at its end is not part of it.
 * @param folder what a relative file path is relative to: the folder of the configuration
 * @throws RunError PASSWORD_MISSING (nothing there), PASSWORD_UNREADABLE; neither names the password
 */
export function readSecretSource(
  key: SecretKey,
  { source, name }: SecretReference,
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): FoundSecret {
  if (source === 'ENV') {
    const password = env[name] ?? '';
    if (password === '') throw missing(key, `the environment variable ${name} is not set or empty`);
    return { password: oneLine(key, password, `the environment variable ${name}`), warning: null };
  }
  if (source === 'FILE') return readSecretFile(key, resolveFrom(folder, name), true);
  const credentials = env['CREDENTIALS_DIRECTORY'] ?? '';
  if (credentials === '') {
    throw missing(key, `CREDENTIALS_DIRECTORY is not set, so there is no credential ${name}`, {
      fix: 'Start c42uds by its systemd service with LoadCredential=, or give another source.',
    });
  }
  return readSecretFile(key, join(credentials, name), false);
}

/** Not `path.resolve` alone: a path of Windows in a file is absolute there only, and that is what is meant. */
function resolveFrom(folder: string, name: string): string {
  return /^(?:\/|[A-Za-z]:[\\/]|\\\\)/.test(name) ? name : join(folder, name);
}

function readSecretFile(key: SecretKey, path: string, ours: boolean): FoundSecret {
  let bytes: Buffer;
  let mode: number;
  try {
    // A pipe without a writer would keep the opening waiting for ever.
    const handle = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const found = fstatSync(handle);
      mode = found.mode;
      if (!found.isFile() && !found.isFIFO()) throw missing(key, `${path} is not a file`);
      bytes = readShort(handle, found.isFIFO());
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    if (error instanceof RunError) throw error;
    throw missing(key, `${path} cannot be read: ${fileProblem(error)}`, { cause: error });
  }
  if (bytes.length > LARGEST_FILE_BYTES) throw missing(key, `${path} is too large for a password`);
  const password = oneLine(key, textOf(bytes, key, path), path);
  const open = ours && process.platform !== 'win32' && (mode & 0o007) !== 0;
  return {
    password,
    warning: open ? `Every account can read ${path}, which holds ${key}; run chmod 600 on it.` : null,
  };
}

/** The bytes up to one more than may be. A pipe may have no writer yet, or one that has not written yet. */
function readShort(handle: number, isPipe: boolean): Buffer {
  const buffer = Buffer.alloc(LARGEST_FILE_BYTES + 1);
  const deadline = performance.now() + PIPE_PATIENCE_MS;
  let length = 0;
  while (length < buffer.length) {
    let read: number | null;
    try {
      read = readSync(handle, buffer, length, buffer.length - length, null);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      read = null;
    }
    length += read ?? 0;
    const mayCome = isPipe && (read === null || (read === 0 && length === 0));
    if (read === 0 && !mayCome) break;
    if (mayCome && performance.now() > deadline) break;
    if (mayCome) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  }
  return buffer.subarray(0, length);
}

/** Without the mark that editors of Windows put in front. A text in another encoding would be another password. */
function textOf(bytes: Uint8Array, key: SecretKey, path: string): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!text.includes('\0')) return text;
  } catch {
    // Told below.
  }
  throw missing(key, `${path} is not in UTF-8`, {
    fix: 'Save it as UTF-8, or in ASCII; the > of Windows PowerShell writes UTF-16.',
  });
}

/** One line break at the end is not part of it: hardly any tool writes a text without. */
function oneLine(key: SecretKey, text: string, place: string): string {
  const line = text.replace(/\r?\n$/, '');
  if (line === '') throw missing(key, `${place} is empty`);
  if (/[\r\n]/.test(line)) throw missing(key, `${place} has more than one line`);
  return line;
}

function missing(
  key: SecretKey,
  why: string,
  options: { readonly fix?: string; readonly cause?: unknown } = {},
): RunError {
  const fix = options.fix ?? `Put it there, or name another place in ${key} of the configuration.`;
  return new RunError('PASSWORD_MISSING', `No password for ${key}: ${why}.`, { ...options, fix });
}
