/** From the text of one property in the file to its value: one rule for each kind of the table. */

import { resolve } from 'node:path';
import type { Option } from './options.ts';

/** A value, perhaps with a warning about it; or what is wrong with the text, as the end of a sentence. */
export type OptionValue =
  | {
      readonly ok: true;
      readonly value: string | number | boolean | readonly string[];
      readonly warning?: string;
    }
  | { readonly ok: false; readonly problem: string };

/** Longer times would fire at once: the timers of Node.js hold 31 bits. */
const LARGEST_NUMBER = 2_147_483_647;

/**
 * Reads `text` as the row of the table says. A blank text means the default, except where an empty text, list or
 * path is itself an answer. PATHs are resolved relative to `folder`.
 */
export function readOptionValue(option: Option, text: string, folder: string): OptionValue {
  const trimmed = text.trim();
  switch (option.kind) {
    case 'TEXT':
    case 'SECRET':
      return { ok: true, value: trimmed };
    case 'LIST':
      return { ok: true, value: splitList(trimmed) };
    case 'PATH':
      return { ok: true, value: resolvePath(trimmed || option.default, folder) };
    case 'INTEGER':
    case 'MILLISECONDS':
      return readNumber(option, trimmed || option.default);
    case 'BOOLEAN':
      return readBoolean(option, trimmed || option.default);
    case 'CHOICE':
      return readChoice(option, trimmed || option.default);
    case 'URL':
      return readUrls(option, trimmed || option.default);
  }
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function resolvePath(path: string, folder: string): string {
  return path === '' ? '' : resolve(folder, path);
}

function readNumber(option: Option, text: string): OptionValue {
  if (!/^[+-]?\d+$/.test(text)) return wrong(option, text, 'is not a whole number');
  const value = Number(text);
  const { min = 0, max = LARGEST_NUMBER } = option;
  const unit = option.kind === 'MILLISECONDS' ? ' ms' : '';
  if (value < min) return wrong(option, text, `must be at least ${min}${unit}`);
  if (value <= max) return { ok: true, value };
  // The original sets no upper limits, and a file that it accepts has to load.
  if (option.origin === 'ARTICLE') {
    return { ok: true, value: max, warning: `${quoted(text)} is above the limit; ${max}${unit} is used` };
  }
  return wrong(option, text, `must be at most ${max}${unit}`);
}

function readBoolean(option: Option, text: string): OptionValue {
  const lower = text.toLowerCase();
  if (lower === 'true' || lower === 'false') return { ok: true, value: lower === 'true' };
  return wrong(option, text, 'is neither true nor false');
}

function readChoice(option: Option, text: string): OptionValue {
  const choices = option.choices ?? [];
  const upper = text.toUpperCase();
  if (choices.includes(upper)) return { ok: true, value: upper };
  return wrong(option, text, `is not one of ${choices.join(', ')}`);
}

/** Where several may stand, each is read for itself; the value is the text with single blanks. */
function readUrls(option: Option, text: string): OptionValue {
  // Where "none" is a choice, it is the default.
  if (text === '' && option.default === '') return { ok: true, value: '' };
  if (option.several !== true) return readUrl(option, text);
  const urls = text.split(/\s+/);
  const wrongOne = urls.map((url) => readUrl(option, url)).find((read) => !read.ok);
  return wrongOne ?? { ok: true, value: urls.join(' ') };
}

function readUrl(option: Option, text: string): OptionValue {
  const schemes = option.schemes ?? [];
  // Most often only the scheme is missing: "dc1.example.com:389" is then taken for a URL whose scheme is the host.
  const host = /^[a-z0-9][\w-]*(?:[.][\w-]+)*[.]?(?::\d{1,5})?(?:\/.*)?$/i.test(text) ? text : 'HOST';
  const example = `write ${schemes.map((scheme) => `${scheme}//${host}`).join(' or ')}`;
  // A URL may carry a password before the host, so a wrong one is never quoted when it holds an @.
  const shown = text.includes('@') || option.query === true ? 'the value' : quoted(text);
  const url = URL.parse(text);
  if (url === null) return { ok: false, problem: `${shown} is not a URL; ${example}` };
  if (!schemes.includes(url.protocol)) {
    return { ok: false, problem: `${shown} does not begin with a supported scheme; ${example}` };
  }
  if (url.username !== '' || url.password !== '') {
    return { ok: false, problem: 'the URL must not hold a user name or password' };
  }
  if ((url.search !== '' && option.query !== true) || url.hash !== '') {
    return { ok: false, problem: `${shown} must end with the path: no ? and no #` };
  }
  return { ok: true, value: text };
}

function wrong(option: Option, text: string, why: string): OptionValue {
  const hint = option.default === '' ? '' : ` (default ${option.default})`;
  return { ok: false, problem: `${quoted(text)} ${why}${hint}` };
}

function quoted(text: string): string {
  return `"${text.length > 80 ? `${text.slice(0, 80)}...` : text}"`;
}
