/** What a service says of its rate limits in the headers of any answer, in the spellings that are in use. */

import type { IncomingHttpHeaders } from 'node:http';

/** What is left of an allowance, and when it is renewed. */
export interface Quota {
  /** Requests that may still be sent. */
  readonly remaining: number;
  /** Milliseconds from now until there are more. */
  readonly resetMs: number;
  /** The whole allowance; `null` where the service does not say. */
  readonly limit: number | null;
  /** The time for which the whole allowance is; `null` where the service does not say. */
  readonly windowMs: number | null;
}

/** Headers of one family: the vendor's spellings of what the drafts call `RateLimit-*`. */
const FAMILIES = ['ratelimit', 'x-ratelimit', 'x-rate-limit'] as const;
const TELLING = ['ratelimit', ...FAMILIES.map((family) => `${family}-remaining`)];
/** Numbers from here on are moments (seconds, milliseconds since 1970) and no spans. */
const EPOCH_SECONDS = 1e9;
const EPOCH_MS = 1e12;

/**
 * The tightest allowance that the headers speak of; `null` where they speak of none that makes sense. Understood are
 * `RateLimit` and `RateLimit-Policy` as the drafts of the IETF's HTTPAPI group have spelled them (a list of items with
 * `r` and `t`, `q` and `w`; before that `limit=, remaining=, reset=`; before that one header for each), and
 * `X-RateLimit-*` and `X-Rate-Limit-*`, whose reset is a span in seconds or a moment, measured against the service's `Date`.
 */
export function quotaOf(headers: IncomingHttpHeaders, now = Date.now()): Quota | null {
  // Asked first, because every answer passes here and hardly any has them.
  if (!TELLING.some((name) => headers[name] !== undefined)) return null;
  const policies = policiesOf(headers);
  const quotas: Quota[] = [];
  for (const item of text(headers, 'ratelimit')?.split(/,(?=\s*"|\s*[A-Za-z_][\w-]*\s*;)/) ?? []) {
    const { name, values } = itemOf(item);
    const policy = policies.get(name) ?? policies.get('');
    add(quotas, {
      remaining: values.get('r') ?? values.get('remaining'),
      resetMs: seconds(values.get('t') ?? values.get('reset')),
      limit: values.get('limit') ?? policy?.limit,
      windowMs: policy?.windowMs,
    });
  }
  const date = Date.parse(text(headers, 'date') ?? '');
  for (const family of FAMILIES) {
    const remaining = number(text(headers, `${family}-remaining`));
    if (remaining === undefined) continue;
    add(quotas, {
      remaining,
      resetMs: resetMs(number(text(headers, `${family}-reset`)), Number.isNaN(date) ? now : date),
      limit: number(text(headers, `${family}-limit`)),
      windowMs: policies.get('')?.windowMs,
    });
  }
  return quotas.reduce<Quota | null>((tightest, each) => (isTighter(each, tightest) ? each : tightest), null);
}

function isTighter(quota: Quota, other: Quota | null): boolean {
  return other === null || quota.remaining / quota.resetMs < other.remaining / other.resetMs;
}

type Loose = { readonly [K in keyof Quota]: number | undefined };

function add(quotas: Quota[], { remaining, resetMs, limit, windowMs }: Loose): void {
  if (remaining === undefined || resetMs === undefined || resetMs <= 0) return;
  quotas.push({ remaining, resetMs, limit: limit ?? null, windowMs: windowMs ?? null });
}

/** By the policy's name, the only one also under the empty name: `"burst";q=100;w=60`, or `100;w=60` before. */
function policiesOf(headers: IncomingHttpHeaders): Map<string, { limit: number; windowMs: number }> {
  const policies = new Map<string, { limit: number; windowMs: number }>();
  const items = text(headers, 'ratelimit-policy')?.split(',') ?? [];
  for (const each of items) {
    const { name, values } = itemOf(each);
    const limit = values.get('q') ?? number(name);
    const windowMs = seconds(values.get('w'));
    if (limit === undefined || windowMs === undefined || windowMs === 0) continue;
    policies.set(name, { limit, windowMs });
    if (items.length === 1) policies.set('', { limit, windowMs });
  }
  return policies;
}

/** `"name";r=1;t=2` or `limit=10, remaining=1, reset=2`: what stands first without a value, and the named numbers. */
function itemOf(item: string): { name: string; values: Map<string, number> } {
  let name = '';
  const values = new Map<string, number>();
  for (const part of item.split(/[;,]/)) {
    const [key = '', value] = part.split('=').map((each) => each.trim());
    const parsed = number(value);
    if (value === undefined) name ||= key.replace(/"/g, '');
    else if (parsed !== undefined) values.set(key.toLowerCase(), parsed);
  }
  return { name, values };
}

function resetMs(value: number | undefined, dateMs: number): number | undefined {
  if (value === undefined || value < EPOCH_SECONDS) return seconds(value);
  return (value < EPOCH_MS ? value * 1000 : value) - dateMs;
}

function seconds(value: number | undefined): number | undefined {
  return value === undefined ? undefined : value * 1000;
}

function number(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,15}(\.\d+)?$/.test(value.trim()) ? Number(value) : undefined;
}

function text(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}
