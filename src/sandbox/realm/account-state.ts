/** The state of an account in words, from whatever attributes the kind of directory keeps it in. */

/** The values of an attribute by its name in lower case; `undefined` where the entry has none. */
export type ValuesOf = (name: string) => readonly string[] | undefined;

/** [MS-ADTS] 2.2.16 */
const ACCOUNT_DISABLED = 0x2;
const TICKS_PER_MS = 10_000;
/** From 1601, where Active Directory counts from, to 1970. */
const FIRST_TICK_MS = 11_644_473_600_000;
const DAY_MS = 86_400_000;
/** The end of the year 9999; what lies beyond means "never". */
const LAST_MS = 253_402_300_799_000;

/** What each of our own names gives; `null` where the entry says nothing of it. Names are in lower case. */
const STATES: ReadonlyMap<string, (values: ValuesOf) => unknown> = new Map<
  string,
  (values: ValuesOf) => unknown
>([
  ['disabled', disabled],
  ['expired', expired],
  ['expires', (values) => dateOf(soonest(values, EXPIRIES))],
  ['lockedout', lockedOut],
  ['passwordlastset', (values) => dateOf(soonest(values, PASSWORD_CHANGES))],
]);

/** @param name in lower case */
export function accountState(name: string, values: ValuesOf): unknown {
  return STATES.get(name)?.(values) ?? null;
}

/** Attributes that say yes or no by a word. */
const DISABLED_WORDS = [
  'nsaccountlock',
  'msds-useraccountdisabled',
  'logindisabled',
  'ds-pwp-account-disabled',
];

/** The time stamp by which OpenLDAP's password policy means "by the administrator, for ever" (slapo-ppolicy). */
const LOCKED_FOR_EVER = /^0000010100/;

function disabled(values: ValuesOf): boolean | null {
  const answers: boolean[] = [];
  const control = values('useraccountcontrol')?.[0];
  if (control !== undefined) answers.push((Number(control) & ACCOUNT_DISABLED) !== 0);
  for (const name of DISABLED_WORDS) {
    const word = values(name)?.[0];
    if (word !== undefined) answers.push(word.toLowerCase() === 'true');
  }
  const locked = values('pwdaccountlockedtime')?.[0];
  if (locked !== undefined) answers.push(LOCKED_FOR_EVER.test(locked));
  return answers.length === 0 ? null : answers.includes(true);
}

/** A lock that ends by itself; whether it has ended is not in the entry. */
function lockedOut(values: ValuesOf): boolean | null {
  const since = values('lockouttime')?.[0];
  if (since !== undefined) return Number(since) > 0;
  if (values('pwdaccountlockedtime') !== undefined) return true;
  // Active Directory writes lockoutTime only when an account is locked for the first time.
  return values('useraccountcontrol') === undefined ? null : false;
}

function expired(values: ValuesOf): boolean | null {
  const ends = soonest(values, EXPIRIES);
  if (ends !== null) return ends <= Date.now();
  return EXPIRIES.some(([name]) => values(name) !== undefined) ? false : null;
}

type Moment = readonly [name: string, toMs: (value: string) => number];

const EXPIRIES: readonly Moment[] = [
  ['accountexpires', fromTicks],
  ['shadowexpire', fromDays],
  ['krbprincipalexpiration', fromGeneralizedTime],
  ['pwdendtime', fromGeneralizedTime],
];

const PASSWORD_CHANGES: readonly Moment[] = [
  ['pwdlastset', fromTicks],
  ['pwdchangedtime', fromGeneralizedTime],
  ['shadowlastchange', fromDays],
];

/** The first moment that the entry names; `null` where there is none, or it means "never". */
function soonest(values: ValuesOf, moments: readonly Moment[]): number | null {
  let first: number | null = null;
  for (const [name, toMs] of moments) {
    const value = values(name)?.[0];
    const ms = value === undefined ? NaN : toMs(value);
    if (ms > -FIRST_TICK_MS && ms < LAST_MS && (first === null || ms < first)) first = ms;
  }
  return first;
}

function dateOf(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms);
}

/** 0 is "never" for an expiry, and "to be changed at once" for a password: no moment either way. */
function fromTicks(value: string): number {
  return Number(value) > 0 ? Number(value) / TICKS_PER_MS - FIRST_TICK_MS : NaN;
}

/** shadow(5): days since 1970; 0 and -1 are no date. */
function fromDays(value: string): number {
  return Number(value) > 0 ? Number(value) * DAY_MS : NaN;
}

function fromGeneralizedTime(value: string): number {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:[.,]\d+)?Z$/.exec(value);
  if (parts === null) return NaN;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts
    .slice(1)
    .map((part: string | undefined) => Number(part ?? 0));
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** The names that {@link accountState} answers, and the attributes that it looks at for them; in lower case. */
export const STATE_NAMES: readonly string[] = [...STATES.keys()];
export const STATE_SOURCES: readonly string[] = [
  'useraccountcontrol',
  ...DISABLED_WORDS,
  'pwdaccountlockedtime',
  'lockouttime',
  ...EXPIRIES.map(([name]) => name),
  ...PASSWORD_CHANGES.map(([name]) => name),
];
