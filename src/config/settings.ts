/** Reads `config.properties` into settings, and reports everything that is wrong with it at once. */

import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileProblem } from '../lib/file-problem.ts';
import { RunError } from '../model/errors.ts';
import type { Settings } from './options.ts';
import { PropertiesFile } from './properties-file.ts';
import { type PlainSecret, SettingsReading } from './settings-reading.ts';

export interface LoadedSettings {
  /** Absolute path of the file; its folder is what relative paths in it are relative to. */
  readonly path: string;
  readonly settings: Settings;
  /** Sentences for the log, without secrets, each with its line where it has one. */
  readonly warnings: readonly string[];
  readonly plainSecrets: readonly PlainSecret[];
}

const LARGEST_FILE_BYTES = 1024 * 1024;

/**
 * Loads and checks the file. Properties that it does not have get their default; keys that we do not know are
 * warnings, because the original's own file has some.
 * @throws RunError NOT_CONFIGURED (no such file), FILE_UNREADABLE, CONFIG_INVALID with one line for each problem
 */
export function loadSettings(path: string): LoadedSettings {
  const absolute = resolve(path);
  const reading = new SettingsReading(absolute, new PropertiesFile(readConfiguration(absolute)).entries());
  reading.readAll();
  const problems = reading.problemsInOrder();
  // The warnings too: a misspelt key is often the reason why another one has its default.
  if (problems.length > 0)
    throw new RunError('CONFIG_INVALID', [...problems, ...reading.warnings].join('\n'));
  if (reading.holdsSecret() && isOpenToAll(absolute)) reading.warnings.push(openFileWarning(absolute));
  return {
    path: absolute,
    settings: reading.settings(),
    warnings: reading.warnings,
    plainSecrets: reading.plainSecrets,
  };
}

/** The bytes of the file. @throws RunError NOT_CONFIGURED, FILE_UNREADABLE, CONFIG_INVALID when it is not a text */
export function readConfiguration(path: string): Buffer {
  let bytes: Buffer;
  try {
    if (statSync(path).size > LARGEST_FILE_BYTES) {
      throw new RunError('CONFIG_INVALID', `${path} is larger than 1 MiB: it is not a configuration.`);
    }
    bytes = readFileSync(path);
  } catch (error) {
    if (error instanceof RunError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new RunError('NOT_CONFIGURED', `There is no configuration at ${path}.`, { cause: error });
    }
    throw new RunError('FILE_UNREADABLE', `Cannot read ${path}: ${fileProblem(error)}.`, { cause: error });
  }
  // Windows editors call UTF-16 "Unicode"; read as Latin-1 it would be a file of unknown keys.
  if (bytes[0] === 0xff && bytes[1] === 0xfe) {
    throw new RunError('CONFIG_INVALID', `${path} is in UTF-16. Save it as UTF-8 or ISO-8859-1.`);
  }
  return bytes;
}

/** The one warning of {@link loadSettings} that is of the file itself and of none of its lines. */
export function openFileWarning(path: string): string {
  return `${openFileComplaint(path)}; run chmod 600 on it.`;
}

/** What is wrong there, without the cure and the full stop. */
export function openFileComplaint(path: string): string {
  return `${path} holds a password and every account can read it`;
}

function isOpenToAll(path: string): boolean {
  // Windows has no such bits; its files inherit the permissions of the folder.
  return process.platform !== 'win32' && (statSync(path).mode & 0o007) !== 0;
}
