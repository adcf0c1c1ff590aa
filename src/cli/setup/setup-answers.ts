/** The answers of a set-up: those given so far, over those of an unfinished one, over the configuration that is there. */

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { setProperties, writeInitialConfig } from '../../config/configuration-changes.ts';
import { replaceFile } from '../../config/file-replacement.ts';
import type { OptionKey, Settings } from '../../config/options.ts';
import { PropertiesFile } from '../../config/properties-file.ts';
import { secretReference, type SecretKey } from '../../config/secret-properties.ts';
import { readConfiguration, type LoadedSettings } from '../../config/settings.ts';
import { keyNamed, SettingsReading } from '../../config/settings-reading.ts';
import { RunError } from '../../model/errors.ts';
import { keepSecret, openPassword, sealPassword } from '../passwords.ts';
import type { Session } from '../session.ts';

type Texts = Partial<Record<OptionKey, string>>;

export class SetupAnswers {
  /** Absolute path of the configuration. */
  readonly path: string;
  /** Whether there is a configuration already. */
  readonly again: boolean;
  /** Whether an earlier set-up has been stopped before its end. */
  readonly unfinished: boolean;
  readonly #session: Session;
  readonly #before: Texts;
  readonly #secrets = new Map<SecretKey, string>();
  #texts: Texts;

  constructor(path: string, session: Session) {
    this.path = path;
    this.#session = session;
    this.again = existsSync(path);
    this.unfinished = existsSync(this.draftPath);
    this.#before = this.again ? textsIn(readConfiguration(path)) : {};
    this.#texts = this.unfinished ? textsIn(readFileSync(this.draftPath)) : {};
  }

  get draftPath(): string {
    return `${this.path}.unfinished`;
  }

  /** What has been answered or stands in the configuration; `undefined`: nothing. */
  text(key: OptionKey): string | undefined {
    const text = this.#texts[key] ?? this.#before[key];
    return text === '' ? undefined : text;
  }

  set(key: OptionKey, text: string): void {
    this.#texts[key] = text;
  }

  /** Takes back what {@link set} has said. */
  unset(key: OptionKey): void {
    this.#texts = { ...this.#texts };
    delete this.#texts[key];
  }

  setSecret(key: SecretKey, secret: string): void {
    this.#secrets.set(key, secret);
    keepSecret(key, secret, this.settings(), this.#session.openLog);
  }

  /** What the answers so far mean; properties that nobody was asked for as they stand, or by default. */
  settings(): Settings {
    return this.#loaded().settings;
  }

  /** The password in the clear: typed in, or stored; `null` where there is none that can be read. */
  async secret(key: SecretKey): Promise<string | null> {
    const typed = this.#secrets.get(key);
    if (typed !== undefined) return typed;
    const loaded = this.#loaded();
    if (loaded.settings[key] === '') return null;
    try {
      return await openPassword(key, loaded, this.#session.openLog);
    } catch (error) {
      if (!(error instanceof RunError)) throw error;
      this.#session.openLog.log.warn('main', error.message);
      return null;
    }
  }

  /** Whether the password lives outside the configuration, where set-up must leave it. */
  isElsewhere(key: SecretKey): boolean {
    return secretReference(this.text(key) ?? '') !== null;
  }

  /** Writes the configuration, and forgets the unfinished one. @throws RunError FOLDER_READ_ONLY, FILE_INVALID */
  async save(locations: Texts): Promise<void> {
    await this.#seal();
    if (this.again) setProperties(this.path, this.#texts);
    else writeInitialConfig(this.path, { ...locations, ...this.#texts });
    rmSync(this.draftPath, { force: true });
  }

  /** Keeps the answers so far beside the configuration, which stays as it is. @throws RunError FOLDER_READ_ONLY */
  async saveUnfinished(): Promise<void> {
    await this.#seal();
    const file = new PropertiesFile(new Uint8Array());
    for (const [key, text] of Object.entries(this.#texts)) file.set(key, text);
    replaceFile(this.draftPath, file.toBytes());
  }

  async #seal(): Promise<void> {
    const store = this.settings()['secret.store'];
    for (const [key, secret] of this.#secrets) {
      this.#texts[key] = await sealPassword(key, secret, this.path, store);
    }
  }

  #loaded(): LoadedSettings {
    const file = new PropertiesFile(new Uint8Array());
    for (const [key, text] of Object.entries({ ...this.#before, ...this.#texts })) file.set(key, text);
    const reading = new SettingsReading(this.path, file.entries());
    reading.readAll();
    const { warnings, plainSecrets } = reading;
    return { path: this.path, settings: reading.settings(), warnings, plainSecrets };
  }
}

/** The last line of each property, under its own name. */
function textsIn(bytes: Uint8Array): Texts {
  const texts: Texts = {};
  for (const { key, value } of new PropertiesFile(bytes).entries()) {
    const known = keyNamed(key);
    if (known !== null) texts[known] = value;
  }
  return texts;
}
