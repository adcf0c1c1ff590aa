/** Keeps secrets out of whatever a service or proxy sends back and we show or log. */

export type Mask = (text: string) => string;

/** Shorter "secrets" would blot out ordinary words; nobody is protected by hiding the letter a. */
const SHORTEST_SECRET = 4;

/** A function that replaces every occurrence of the secrets, and anything that looks like credentials, by `***`. */
export function maskFor(secrets: readonly string[]): Mask {
  const hidden = secrets.filter((secret) => secret.length >= SHORTEST_SECRET);
  return (text) => {
    let masked = text;
    for (const secret of hidden) masked = masked.replaceAll(secret, '***');
    // Asked first, because every answer passes here when it is traced and hardly any has the words.
    if (!/basic|bearer/i.test(masked)) return masked;
    return masked.replace(/\b(Basic|Bearer)\s+[\w+/=.~-]{8,}/gi, '$1 ***');
  };
}

const SECRET_NAME =
  'passw(?:or)?d|passphrase|secret|token|credential|authorization|api[-_]?key|private[-_]?key';
const SECRET_MEMBER = new RegExp(SECRET_NAME, 'i');
const SECRET_PAIR = new RegExp(`((?:${SECRET_NAME})[\\w-]*["']?\\s*[=:]\\s*["']?)[^\\s"'&,;<}]+`, 'gi');

/**
 * A body without the values of members that are named like secrets, at any depth, and of patches to them: RFC 7643
 * 4.1.1 knows `password`, and a service may send others. In what is no JSON, without what follows such a name.
 */
export function withoutSecretMembers(body: string): string {
  if (!SECRET_MEMBER.test(body)) return body;
  try {
    return JSON.stringify(JSON.parse(body), (name, value: unknown) => {
      if (SECRET_MEMBER.test(name) && value !== null) return '***';
      return isPatchOfSecret(value) ? { ...value, value: '***' } : value;
    });
  } catch {
    return body.replace(SECRET_PAIR, '$1***');
  }
}

function isPatchOfSecret(value: unknown): value is { readonly path: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'value' in value &&
    'path' in value &&
    typeof value.path === 'string' &&
    SECRET_MEMBER.test(value.path)
  );
}
