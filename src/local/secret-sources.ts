/** Passwords that lie outside the configuration: in the environment, in a file, among systemd's credentials. */

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { SecretKey, SecretReference } from '../config/secret-properties.ts';
import { fileProblem } from '../lib/file-problem.ts';
import { RunError } from '../model/errors.ts';

const LARGEST_FILE_BYTES = 64 * 1024;

export interface FoundSecret {
  readonly password: string;
  /** A sentence for the log where the place is open to others; `null` when all is well. */
  readonly warning: string | null;
}

/**
 * Fetches a password from where a reference points. One line break at the end of a file is not part of it.
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
    return { password, warning: null };
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
  let text: string;
  let mode: number;
  try {
    const found = statSync(path);
    mode = found.mode;
    if (!found.isFile() && !found.isFIFO()) throw missing(key, `${path} is not a file`);
    if (found.size > LARGEST_FILE_BYTES) throw missing(key, `${path} is too large for a password`);
    text = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    if (error instanceof RunError) throw error;
    throw missing(key, `${path} cannot be read: ${fileProblem(error)}`, { cause: error });
  }
  if (text === '') throw missing(key, `${path} is empty`);
  if (/[\r\n]/.test(text)) throw missing(key, `${path} has more than one line`);
  const open = ours && process.platform !== 'win32' && (mode & 0o007) !== 0;
  return {
    password: text,
    warning: open ? `Every account can read ${path}, which holds ${key}; run chmod 600 on it.` : null,
  };
}

function missing(
  key: SecretKey,
  why: string,
  options: { readonly fix?: string; readonly cause?: unknown } = {},
): RunError {
  const fix = options.fix ?? `Put it there, or name another place in ${key} of the configuration.`;
  return new RunError('PASSWORD_MISSING', `No password for ${key}: ${why}.`, { ...options, fix });
}
