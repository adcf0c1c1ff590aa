/** What the entries of a `config.properties` mean, and all that is wrong or doubtful about them. */

import { basename, dirname } from 'node:path';
import { crossCheck } from './cross-checks.ts';
import { nearestName } from './nearest-name.ts';
import { readOptionValue } from './option-values.ts';
import { OPTIONS, type Option, type OptionKey, type Settings } from './options.ts';
import type { PropertyEntry } from './properties-file.ts';
import { isEncrypted, isUsableSecret, SECRET_KEYS, type SecretKey } from './secret-properties.ts';

const KEYS = Object.keys(OPTIONS) as OptionKey[];

/** A password in the file that is not encrypted by us: never used, and cleared by the next write. */
export interface PlainSecret {
  readonly key: SecretKey;
  readonly line: number;
  /** One sentence that names the file, line and property, and the command that sets the password properly. */
  readonly message: string;
}

interface Problem {
  readonly line: number | null;
  readonly text: string;
}

/** Gathers values, problems and warnings from the entries of one file, in one pass. */
export class SettingsReading {
  readonly warnings: string[] = [];
  readonly plainSecrets: PlainSecret[] = [];
  readonly #problems: Problem[] = [];
  readonly #path: string;
  readonly #entries: readonly PropertyEntry[];
  readonly #chosen = new Map<OptionKey, PropertyEntry>();
  readonly #values = new Map<OptionKey, unknown>();

  constructor(path: string, entries: readonly PropertyEntry[]) {
    this.#path = path;
    this.#entries = entries;
  }

  readAll(): void {
    for (const entry of this.#entries) this.#sort(entry);
    for (const key of KEYS) this.#readOne(key);
    // A value that could not be read has its own problem; checking it against others would only repeat it.
    const findings = crossCheck(this.settings(), (key) => this.#chosen.has(key));
    for (const { severity, key, message } of findings) {
      const line = this.#chosen.get(key)?.line ?? null;
      const text = `${this.#place(line)}: ${key}: ${message}`;
      if (severity === 'WARNING') this.warnings.push(text);
      else if (!this.#problems.some((known) => known.text.startsWith(`${this.#place(line)}: ${key}:`))) {
        this.#problems.push({ line, text });
      }
    }
  }

  /** One sentence for each problem, in the order of the lines. */
  problemsInOrder(): string[] {
    const sorted = [...this.#problems].sort((a, b) => (a.line ?? Infinity) - (b.line ?? Infinity));
    return sorted.map(({ text }) => text);
  }

  /** The settings as far as they could be read; the default stands in for a value that is wrong. */
  settings(): Settings {
    // The table's own types say which kind each key has; a Map cannot carry that, so it is said here once.
    return Object.fromEntries(KEYS.map((key) => [key, this.#values.get(key)])) as unknown as Settings;
  }

  holdsSecret(): boolean {
    // A reference to another place is no secret: a container's configuration may be open to all.
    return (
      this.plainSecrets.length > 0 || SECRET_KEYS.some((key) => isEncrypted(String(this.#values.get(key))))
    );
  }

  /** Finds out which property an entry is for, if any. */
  #sort(entry: PropertyEntry): void {
    const key = keyNamed(entry.key);
    if (key === null) {
      const near = nearestName(entry.key, KEYS);
      const hint = near === null ? '' : `; did you mean ${near}?`;
      this.#warn(entry.line, `${entry.key} is not a property that c42uds knows${hint}`);
      if (entry.malformedEscape !== null) this.#reportEscape(entry, entry.key);
      return;
    }
    if (isSecret(key) && entry.value.trim() !== '' && !isUsableSecret(entry.value.trim())) {
      const message = `${this.#place(entry.line)}: ${key} is not a password that c42uds has encrypted. It is not used.`;
      this.plainSecrets.push({ key, line: entry.line, message });
    } else if (entry.malformedEscape !== null) {
      this.#reportEscape(entry, key);
    }
    const earlier = this.#chosen.get(key);
    if (earlier === undefined) {
      this.#chosen.set(key, entry);
      return;
    }
    // Java's rule is "the last one wins"; a key under its own name wins over its alias wherever it stands.
    const wins = entry.key === earlier.key || entry.key === key;
    const [used, unused] = wins ? [entry, earlier] : [earlier, entry];
    this.#chosen.set(key, used);
    this.#warn(used.line, `${key} is set again; line ${unused.line} has no effect`);
  }

  #readOne(key: OptionKey): void {
    const option: Option = OPTIONS[key];
    const folder = dirname(this.#path);
    const entry = this.#chosen.get(key);
    const fallback = readOptionValue(option, option.default, folder);
    if (fallback.ok) this.#values.set(key, fallback.value);
    if (entry === undefined || entry.malformedEscape !== null) return;
    if (isSecret(key)) {
      const text = entry.value.trim();
      this.#values.set(key, isUsableSecret(text) ? text : '');
      return;
    }
    this.#warnOfLostBackslash(key, entry);
    const read = readOptionValue(option, entry.value, folder);
    if (!read.ok) {
      this.#problems.push({
        line: entry.line,
        text: `${this.#place(entry.line)}: ${key}: ${read.problem}`,
      });
      return;
    }
    this.#values.set(key, read.value);
    if (read.warning !== undefined) this.#warn(entry.line, `${key}: ${read.warning}`);
  }

  /** `CORP\reader` reads as "CORPreader" and `C:\tools` with a tab: right by the rules of the format, hardly ever meant. */
  #warnOfLostBackslash(key: OptionKey, entry: PropertyEntry): void {
    if (!/(?:^|[^\\])(?:\\\\)*\\(?!u)[A-Za-z0-9]/.test(entry.rawValue)) return;
    // A URL may hold a password.
    const shown = OPTIONS[key].kind === 'URL' ? 'otherwise than written' : JSON.stringify(entry.value);
    this.#warn(
      entry.line,
      `${key} reads as ${shown}, because a single backslash begins an escape; ` +
        'write \\\\ for a backslash',
    );
  }

  #reportEscape(entry: PropertyEntry, name: string): void {
    // The text itself is not shown: under a misspelled key it may be part of a password.
    const text =
      `${this.#place(entry.line)}: ${name}: \\u must be followed by four hexadecimal digits; ` +
      'write \\\\ for a backslash';
    this.#problems.push({ line: entry.line, text });
  }

  #warn(line: number, message: string): void {
    this.warnings.push(`${this.#place(line)}: ${message}`);
  }

  #place(line: number | null): string {
    const name = basename(this.#path);
    return line === null ? name : `${name} line ${line}`;
  }
}

/** The property that a key of the file stands for, aliases included; `null` where it is none of ours. */
export function keyNamed(name: string): OptionKey | null {
  return (
    KEYS.find((key) => key === name || (OPTIONS[key] as Option).aliases?.includes(name) === true) ?? null
  );
}

function isSecret(key: OptionKey): key is SecretKey {
  return OPTIONS[key].kind === 'SECRET';
}
