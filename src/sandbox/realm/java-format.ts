/** `java.lang.String.format`, in English. */

import { IllegalArgument } from './java-exceptions.ts';
import { toText } from './java-value.ts';

const MAX_WIDTH = 1_000;

/** `%1$-08.2f` in its parts. */
interface Conversion {
  readonly all: string;
  readonly flags: string;
  readonly width: number;
  readonly precision: number | null;
  readonly kind: string;
}

/** @throws IllegalArgument as Java does for missing arguments and for values of another kind, and for what is not known here */
export function format(pattern: unknown, ...values: unknown[]): string {
  let at = 0;
  let last = -1;
  return toText(pattern).replace(
    /%(?:(\d+)\$|(<))?([-#+ 0,(]*)(\d+)?(?:\.(\d+))?(.|$)/gs,
    (
      all: string,
      index: string | undefined,
      same: string | undefined,
      flags: string,
      width: string | undefined,
      precision: string | undefined,
      kind: string,
    ) => {
      const size = Math.min(Number(width ?? 0), MAX_WIDTH);
      const digits = precision === undefined ? null : Math.min(Number(precision), MAX_WIDTH);
      const conversion: Conversion = { all, flags, width: size, precision: digits, kind };
      if (kind === '%') return padded('%', conversion);
      if (kind === 'n') return '\n';
      last = same === undefined ? (index === undefined ? at++ : Number(index) - 1) : last;
      if (!(last >= 0 && last < values.length)) throw new IllegalArgument(`Format specifier '${all}'`);
      return shown(values[last] ?? null, conversion);
    },
  );
}

function shown(value: unknown, conversion: Conversion): string {
  const { kind, precision, flags } = conversion;
  const lower = kind.toLowerCase();
  const isNumeric = /^[dxofeg]$/.test(lower) && value !== null;
  if (/^[eg]$/.test(lower) || flags.includes('#')) return unknown(conversion);
  const text = isNumeric ? numeric(value, lower, conversion) : general(value, lower, conversion);
  const cut = isNumeric || precision === null ? text : text.slice(0, precision);
  if (!/^[a-zSBXC]$/.test(kind)) return unknown(conversion);
  return padded(kind === lower ? cut : cut.toUpperCase(), conversion);
}

function general(value: unknown, kind: string, conversion: Conversion): string {
  if (kind === 'b') return String(typeof value === 'boolean' ? value : value !== null);
  if (kind === 's') return toText(value);
  if (kind === 'c' && typeof value === 'number') return String.fromCodePoint(value);
  if (kind === 'c') {
    const text = toText(value);
    return value === null || [...text].length === 1 ? text : mismatch(conversion, value);
  }
  return /^[dxof]$/.test(kind) ? toText(value) : unknown(conversion);
}

function numeric(value: unknown, kind: string, conversion: Conversion): string {
  const { flags, precision, width } = conversion;
  if (typeof value !== 'number') return mismatch(conversion, value);
  if (kind !== 'f' && !Number.isInteger(value)) return mismatch(conversion, value);
  if (kind === 'x' || kind === 'o') {
    const radix = kind === 'x' ? 16 : 8;
    // A negative number shows the bits of its 32, or 64 where they are not enough.
    const bits = value < 0 ? BigInt.asUintN(value < -(2 ** 31) ? 64 : 32, BigInt(value)) : BigInt(value);
    return filled('', bits.toString(radix), flags, width);
  }
  const plain = kind === 'd' ? BigInt(Math.abs(value)).toString() : rounded(Math.abs(value), precision ?? 6);
  const [whole = '', part] = plain.split('.');
  const grouped = flags.includes(',') ? whole.replace(/\B(?=(?:\d{3})+$)/g, ',') : whole;
  const digits = part === undefined ? grouped : `${grouped}.${part}`;
  const isNegative = value < 0;
  if (isNegative && flags.includes('(')) return `${filled('(', digits, flags, width - 1)})`;
  const sign = isNegative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  return filled(sign, digits, flags, width);
}

/** Half up by the shortest decimal digits of the number, as Java 8 does it; JavaScript's own rounds what is stored. */
function rounded(value: number, digits: number): string {
  if (!Number.isFinite(value)) return String(value);
  const shortest = /^(\d+)(?:\.(\d+))?(?:e([-+]\d+))?$/.exec(String(value));
  const [, whole = '0', part = '', exponent = '0'] = shortest ?? [];
  const scale = part.length - Number(exponent);
  const wanted = scale - digits;
  const all = BigInt(whole + part);
  const unit = 10n ** BigInt(Math.abs(wanted));
  const scaled = wanted <= 0 ? all * unit : (all + unit / 2n) / unit;
  const text = scaled.toString().padStart(digits + 1, '0');
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** With zeros between the sign and the digits. */
function filled(sign: string, digits: string, flags: string, width: number): string {
  return sign + (flags.includes('0') ? digits.padStart(width - sign.length, '0') : digits);
}

function padded(text: string, { flags, width }: Conversion): string {
  return flags.includes('-') ? text.padEnd(width) : text.padStart(width);
}

function mismatch({ kind }: Conversion, value: unknown): never {
  throw new IllegalArgument(`${kind} != ${typeof value}`);
}

function unknown({ all }: Conversion): never {
  throw new IllegalArgument(`String.format knows no ${all} here`);
}
