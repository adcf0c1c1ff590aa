/** A user as the directory holds it, after decoding and before any judgement. */

/**
 * One directory entry.
 *
 * `identity` never changes while the entry exists (objectGUID, entryUUID, nsUniqueId in lower case; the DN only
 * where the server has none of them). `attributes` is keyed by the attribute description as the server spelled it,
 * without options; no two keys differ only in case (RFC 4512 2.5: descriptions are case-insensitive). Values keep
 * the server's order and are never empty lists; a value that is not UTF-8 text is base64, objectGUID is in its
 * canonical string form and objectSid is `S-1-…`. Attributes named in `ldap.schema.attributes.sensitive` are not
 * there at all.
 */
export interface Entry {
  readonly identity: string;
  readonly dn: string;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
}

/** The values of an attribute by its name in any case; an empty list where the entry has none. */
export function valuesOf(entry: Entry, name: string): readonly string[] {
  // An own property only: `constructor` is a name that every record inherits.
  if (Object.hasOwn(entry.attributes, name)) return entry.attributes[name] ?? [];
  const wanted = name.toLowerCase();
  for (const key in entry.attributes) {
    // Comparing lengths first keeps this scan cheap: it runs for every absent attribute of every user.
    if (key.length === wanted.length && key.toLowerCase() === wanted) return entry.attributes[key] ?? [];
  }
  return [];
}

/** The first value of an attribute that is not blank, trimmed; `null` where there is none. */
export function firstValueOf(entry: Entry, name: string): string | null {
  for (const value of valuesOf(entry, name)) {
    const trimmed = value.trim();
    if (trimmed !== '') return trimmed;
  }
  return null;
}

/** As {@link firstValueOf}, of the first of several attributes that has one. */
export function firstValueAmong(entry: Entry, names: readonly string[]): string | null {
  for (const name of names) {
    const value = firstValueOf(entry, name);
    if (value !== null) return value;
  }
  return null;
}
