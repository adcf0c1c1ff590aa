/** Writes `config.properties`: a complete one on the first run, single values later. */

import { existsSync } from 'node:fs';
import { EOL } from 'node:os';
import { resolve } from 'node:path';
import { RunError } from '../model/errors.ts';
import { renderConfiguration } from './example-file.ts';
import { replaceFile } from './file-replacement.ts';
import { OPTIONS, type Option, type OptionKey } from './options.ts';
import { PropertiesFile } from './properties-file.ts';
import { isUsableSecret, SECRET_KEYS, type SecretKey } from './secret-properties.ts';
import { readConfiguration } from './settings.ts';

/** What a write did besides the change asked for. */
export interface ConfigurationChange {
  /** Passwords in plain text that were cleared; each has to be set again with its command. */
  readonly clearedSecrets: readonly SecretKey[];
}

/**
 * Creates the file with every property of the table: those in `answers` set, the others commented out with their
 * defaults. Mode 0600, written as one step.
 * @throws RunError FILE_INVALID when there is a file already, FOLDER_READ_ONLY
 */
export function writeInitialConfig(
  path: string,
  answers: Readonly<Partial<Record<OptionKey, string>>>,
): void {
  if (existsSync(path)) {
    throw new RunError('FILE_INVALID', `${resolve(path)} exists already and is not written over.`, {
      fix: 'Change it in an editor, or move it away to answer the set-up questions again.',
    });
  }
  const text = renderConfiguration(answers).replaceAll('\n', EOL);
  replaceFile(path, Buffer.from(text, 'latin1'));
}

/**
 * Sets one property in an existing file; `value` is the unescaped text. All other lines stay byte for byte, except
 * that passwords in plain text are cleared, as the vendor's article promises ("not preserved").
 * @throws RunError NOT_CONFIGURED, FILE_UNREADABLE, CONFIG_INVALID (not a text file), FOLDER_READ_ONLY
 */
export function setProperty(path: string, key: OptionKey, value: string): ConfigurationChange {
  return setProperties(path, { [key]: value });
}

/** As {@link setProperty}, several at once: all of them or none. @throws RunError as {@link setProperty} */
export function setProperties(
  path: string,
  values: Readonly<Partial<Record<OptionKey, string>>>,
): ConfigurationChange {
  const file = new PropertiesFile(readConfiguration(path), EOL);
  for (const [key, value] of Object.entries(values) as [OptionKey, string][]) {
    for (const alias of (OPTIONS[key] as Option).aliases ?? []) file.remove(alias);
    file.set(key, value);
  }
  const clearedSecrets = clearPlainSecrets(file);
  replaceFile(path, file.toBytes());
  return { clearedSecrets };
}

function clearPlainSecrets(file: PropertiesFile): SecretKey[] {
  return SECRET_KEYS.filter((key) => {
    const entries = file.entries().filter((entry) => entry.key === key);
    const plain = entries.some(({ value }) => value.trim() !== '' && !isUsableSecret(value.trim()));
    if (!plain) return false;
    const last = entries.at(-1)?.value.trim() ?? '';
    // An earlier line in plain text goes, whatever the last one holds.
    file.set(key, isUsableSecret(last) ? last : '');
    return !isUsableSecret(last);
  });
}
