/** `java.util.Locale`, of which only English ones have names for months and days here. */

import { addProperties } from './java-properties.ts';

export class JavaLocale {
  static readonly ENGLISH = new JavaLocale('en');
  static readonly US = new JavaLocale('en', 'US');
  static readonly UK = new JavaLocale('en', 'GB');
  static readonly ROOT = new JavaLocale('');
  readonly #language: string;
  readonly #country: string;

  constructor(language: unknown, country: unknown = '') {
    this.#language = String(language).toLowerCase();
    this.#country = String(country).toUpperCase();
  }
  static getDefault(): JavaLocale {
    return JavaLocale.US;
  }
  getLanguage(): string {
    return this.#language;
  }
  getCountry(): string {
    return this.#country;
  }
  isEnglish(): boolean {
    return this.#language === 'en' || this.#language === '';
  }
  toString(): string {
    return this.#country === '' ? this.#language : `${this.#language}_${this.#country}`;
  }
}
addProperties(JavaLocale.prototype, ['language', 'country']);
for (const shared of [JavaLocale.ENGLISH, JavaLocale.US, JavaLocale.UK, JavaLocale.ROOT])
  Object.freeze(shared);
