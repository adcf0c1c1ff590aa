/** Reading JSON of which nothing is certain: names in any case (RFC 7643 2.1), members missing or of another type. */

export type Json = unknown;
export type JsonObject = Readonly<Record<string, Json>>;

/** The value as an object, `null` where it is none. */
export function objectOf(value: Json): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
}

/** The value as a list: itself, one value as a list of one, nothing as an empty one. */
export function listOf(value: Json): readonly Json[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? (value as readonly Json[]) : [value];
}

/** The name under which the object holds a member, whatever its case; `undefined` where it has none. */
export function keyOf(object: JsonObject, name: string): string | undefined {
  if (Object.hasOwn(object, name)) return name;
  const wanted = name.toLowerCase();
  return Object.keys(object).find((key) => key.length === wanted.length && key.toLowerCase() === wanted);
}

/** A member by its name in any case; `undefined` where there is none. */
export function memberOf(object: JsonObject, name: string): Json {
  const key = keyOf(object, name);
  return key === undefined ? undefined : object[key];
}

/** The value as text: a number reads as its digits; `null` for anything else and for the empty string. */
export function textOf(value: Json): string | null {
  if (typeof value === 'string') return value === '' ? null : value;
  // A larger number has already lost digits: an id that reads wrong is worse than none.
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : null;
}

/**
 * The value as the id of a user; `null` for anything that cannot be one: it becomes part of paths and of the state, so
 * neither `..` nor broken text nor a page of it may pass.
 */
export function idOf(value: Json): string | null {
  const id = textOf(value);
  if (id === null || id.length > LONGEST_ID || !id.isWellFormed() || id === '.' || id === '..') return null;
  return /[\p{Cc}\p{Cf}]/u.test(id) ? null : id;
}

const LONGEST_ID = 256;

/** The value as a number: digits in a string count; `null` for anything else and for negative ones. */
export function countOf(value: Json): number | null {
  const number = typeof value === 'string' && /^\s*\d+\s*$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : null;
}

/** The value as a boolean: "True" and "false" in strings count; `null` for anything else. */
export function flagOf(value: Json): boolean | null {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string') return null;
  const text = value.trim().toLowerCase();
  return text === 'true' ? true : text === 'false' ? false : null;
}
