/** GeneralizedTime (RFC 4517 3.3.13), the notation of every time in a directory. */

const PATTERN = /^(\d{4})(\d{2})(\d{2})(\d{2})(?:(\d{2})(\d{2})?)?(?:[.,](\d+))?(Z|[+-]\d{2}(?:\d{2})?)$/;

/** Milliseconds since 1970, fractions of a millisecond cut off; `null` where the text is no time. */
export function parseGeneralizedTime(text: string): number | null {
  const parts = PATTERN.exec(text.trim());
  if (parts === null) return null;
  const [, year, month, day, hour, minute, second, fraction, zone = 'Z'] = parts;
  const whole = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute ?? 0),
    Number(second ?? 0),
  );
  if (Number.isNaN(whole) || Number(month) < 1 || Number(month) > 12 || Number(day) < 1 || Number(day) > 31)
    return null;
  // The fraction is one of the smallest unit that is written.
  const unitMs = minute === undefined ? 3_600_000 : second === undefined ? 60_000 : 1000;
  const fractionMs = fraction === undefined ? 0 : Math.floor(Number(`0.${fraction}`) * unitMs);
  return whole + fractionMs - zoneMs(zone);
}

function zoneMs(zone: string): number {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3, 5) || '0');
  return (zone.startsWith('-') ? -1 : 1) * minutes * 60_000;
}

/** UTC, to the second, rounded down: `20260131235959Z`. */
export function formatGeneralizedTime(timeMs: number): string {
  const text = new Date(Math.floor(timeMs / 1000) * 1000).toISOString();
  return `${text.slice(0, 19).replace(/[-:T]/g, '')}Z`;
}
