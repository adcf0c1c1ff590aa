/** Comparing distinguished names without knowing the schema, and the domains that some of them name. */

const TO_BE_NORMALIZED = /[\\;]| (?:[ ,=+]|$)|[,=+] |^ /;

/**
 * A key that is equal for two spellings of one DN (RFC 4514): attribute types and values in lower case, blanks around
 * separators gone, `\2c` and `\,` the same. Values are compared case-insensitively, as every naming attribute in use
 * is; a text that is no DN still gets a key of its own.
 */
export function dnKey(dn: string): string {
  // Nearly every DN that a server writes is its own key but for the letter case.
  if (!TO_BE_NORMALIZED.test(dn)) return dn.toLowerCase().normalize('NFC');
  let key = '';
  let blanks = '';
  for (let at = 0; at < dn.length; at += 1) {
    const char = dn.charAt(at);
    if (char === '\\') {
      const [text, length] = unescape(dn, at);
      key += blanks + text;
      blanks = '';
      at += length - 1;
    } else if (char === ' ') {
      blanks += char;
    } else if (char === ',' || char === '=' || char === '+' || char === ';') {
      key += char === ';' ? ',' : char;
      blanks = '';
      while (dn.charAt(at + 1) === ' ') at += 1;
    } else {
      key += blanks + char;
      blanks = '';
    }
  }
  return key.toLowerCase().normalize('NFC');
}

/** Of a {@link dnKey} the part behind its first name: the key of the entry above; `''` where there is none. */
export function parentKey(key: string): string {
  const separator = /(?<!\\)(?:\\\\)*,/.exec(key);
  return separator === null ? '' : key.slice(separator.index + separator[0].length);
}

/** The DNS domain that a DN of nothing but `dc` parts names (RFC 2247); `null` where it is no such DN. */
export function domainOf(dn: string): string | null {
  const labels = dn
    .split(',')
    .map((part) => /^\s*dc\s*=\s*([a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)\s*$/i.exec(part)?.[1]);
  return labels.every((label) => label !== undefined) ? labels.join('.') : null;
}

const HEX_PAIR = /^\\[0-9a-f]{2}/i;

/** The escape at `at` as the key writes it, and how many characters of the DN it takes. */
function unescape(dn: string, at: number): [string, number] {
  const bytes: number[] = [];
  let length = 0;
  // Consecutive hex pairs are the bytes of one UTF-8 text: `\C3\BC` is one ü.
  while (HEX_PAIR.test(dn.slice(at + length, at + length + 3))) {
    bytes.push(parseInt(dn.slice(at + length + 1, at + length + 3), 16));
    length += 3;
  }
  const text = length > 0 ? Buffer.from(bytes).toString('utf8') : dn.charAt(at + 1);
  // Separators stay marked, or `cn=a\,b` and `cn=a,b` would get one key.
  return [text.replace(/[,=+;\\]/g, '\\$&'), length > 0 ? length : 2];
}
