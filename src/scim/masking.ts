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
