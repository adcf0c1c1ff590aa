/** Distinguished names for the demo directory (RFC 4514): taken apart, compared, put together. */

interface Assertion {
  readonly type: string;
  readonly value: string;
}

/** One relative name; more than one assertion where the name is joined by `+`. */
type RelativeName = readonly Assertion[];

/** @throws TypeError for text that is not a distinguished name */
export function parseDn(dn: string): readonly RelativeName[] {
  if (dn.trim() === '') return [];
  return splitUnescaped(dn, ',').map((part) => splitUnescaped(part, '+').map(parseAssertion));
}

function parseAssertion(text: string): Assertion {
  const at = text.indexOf('=');
  const type = text.slice(0, at).trim();
  if (at < 1 || !/^([A-Za-z][\w-]*|\d+(\.\d+)*)$/.test(type)) throw new TypeError(`not a DN: ${text}`);
  return { type, value: unescapeValue(text.slice(at + 1)) };
}

function splitUnescaped(text: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === separator) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

function unescapeValue(text: string): string {
  const trimmed = text.replace(/^\s+/, '').replace(/(?<!\\)\s+$/, '');
  if (!trimmed.includes('\\')) return trimmed;
  // A run of hex pairs is one UTF-8 sequence: pair by pair it could not be decoded.
  return trimmed.replace(/((?:\\[0-9a-fA-F]{2})+)|\\(.)/gs, (_match, pairs?: string, single?: string) =>
    pairs === undefined ? (single ?? '') : Buffer.from(pairs.replaceAll('\\', ''), 'hex').toString('utf8'),
  );
}

/**
 * The form in which two spellings of one name are equal: types and values in lower case, blanks collapsed, separators
 * inside values as hex. A child's key ends with `,` and its parent's key.
 * @throws TypeError for text that is not a distinguished name
 */
export function dnKey(dn: string): string {
  return parseDn(dn)
    .map((name) =>
      name
        .map(({ type, value }) => `${type.toLowerCase()}=${keyValue(value)}`)
        .sort()
        .join('+'),
    )
    .join(',');
}

function keyValue(value: string): string {
  return value
    .normalize('NFC')
    .toLowerCase()
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/[,+\\=]/g, (char) => `\\${char.charCodeAt(0).toString(16)}`);
}

/** A value as it stands in a distinguished name (RFC 4514 2.4). */
export function escapeDnValue(value: string): string {
  return value
    .replace(/["+,;<>\\]/g, '\\$&')
    .replace(/^([ #])/, '\\$1')
    .replace(/ $/, '\\ ');
}

/** The name of the entry above; `''` for a name of one part. */
export function parentDn(dn: string): string {
  return splitUnescaped(dn, ',').slice(1).join(',').trim();
}

/** Whether the entry with that key is the base itself or below it; everything is below the empty base. */
export function isUnder(key: string, baseKey: string): boolean {
  return baseKey === '' || key === baseKey || key.endsWith(`,${baseKey}`);
}
