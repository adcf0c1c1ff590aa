/** The Retry-After header (RFC 9110 10.2.3): seconds or a date. */

/**
 * How long the service asks us to wait, in milliseconds; `null` where it does not say so in a way that makes sense
 * (absent, garbage, nothing, negative, a date gone by). Dates are measured against the service's own `Date`, so that a
 * clock that is wrong on either side does not matter.
 */
export function retryAfterMs(
  header: string | undefined,
  dateHeader: string | undefined,
  now = Date.now(),
): number | null {
  const text = header?.trim() ?? '';
  if (/^\d{1,9}(\.\d+)?$/.test(text)) return positive(Number(text) * 1000);
  // Only what looks like an HTTP-date: Date.parse also takes "-5" for a year.
  if (!/^[A-Za-z]{3,9},? /.test(text)) return null;
  const until = Date.parse(text);
  if (Number.isNaN(until)) return null;
  const serverNow = Date.parse(dateHeader ?? '');
  return positive(until - (Number.isNaN(serverNow) ? now : serverNow));
}

function positive(delayMs: number): number | null {
  return delayMs > 0 ? delayMs : null;
}
