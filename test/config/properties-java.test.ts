import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PropertiesFile } from '../../src/config/properties-file.ts';
import { hasJava, type JavaReading, readWithJava } from './java-oracle.ts';

const FILES = 4_000;
const SEED = Number(process.env['C42UDS_SEED'] ?? 42);

const java = await hasJava();
const required = process.env['C42UDS_REQUIRE_SERVERS'] === '1';
const options = { skip: java || required ? false : 'no java on the PATH', timeout: 120_000 };

test('properties files are read and written as java.util.Properties does', options, async (t) => {
  const random = randomFrom(SEED);
  const files = Array.from({ length: FILES }, () => randomFile(random));
  const edits = files.map(() => randomEdits(random));
  const edited = files.map((bytes, index) => applyEdits(bytes, edits[index] ?? []));
  const readings = await readWithJava([...files, ...edited]);
  const originals = readings.slice(0, FILES);
  const rewritten = readings.slice(FILES);
  const at = (index: number): string =>
    `seed ${SEED}, file ${index}: ${JSON.stringify(files[index]?.toString('latin1'))}`;

  await t.test('we read what Java reads, and refuse what Java refuses', () => {
    originals.forEach((reading, index) => {
      assert.deepEqual(ourReading(files[index] as Buffer), reading?.pairs ?? null, at(index));
    });
    const refused = originals.filter((reading) => reading === null).length;
    const pairs = originals.reduce((sum, reading) => sum + (reading?.pairs.size ?? 0), 0);
    assert.ok(refused > FILES / 100 && refused < FILES / 2, `${refused} files refused`);
    assert.ok(pairs > FILES, `${pairs} pairs read`);
  });

  await t.test('we read what Java writes', () => {
    originals.forEach((reading, index) => {
      if (reading !== null) assert.deepEqual(ourReading(reading.stored), reading.pairs, at(index));
    });
  });

  await t.test('Java reads what we write: our changes, and everything else as before', () => {
    rewritten.forEach((reading, index) => {
      const before = originals[index] as JavaReading;
      if (before === null) return;
      const expected = new Map([...before.pairs, ...(edits[index] ?? [])]);
      const message = `${at(index)} -> ${JSON.stringify(edited[index]?.toString('latin1'))}`;
      assert.deepEqual(sorted(reading?.pairs ?? new Map<string, string>()), sorted(expected), message);
    });
  });
});

function ourReading(bytes: Buffer): Map<string, string> | null {
  const entries = new PropertiesFile(bytes).entries();
  if (entries.some(({ malformedEscape }) => malformedEscape !== null)) return null;
  return new Map(entries.map(({ key, value }) => [key, value] as const).sort(byKey));
}

function sorted(pairs: Map<string, string>): [string, string][] {
  return [...pairs].sort(byKey);
}

function byKey([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

type Random = <T>(choices: readonly T[]) => T;

/** Mulberry32: small, and the same on every machine. */
function randomFrom(seed: number): Random {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return (choices) => choices[Math.floor(next() * choices.length)] as (typeof choices)[number];
}

const LENGTHS = Array.from({ length: 41 }, (_, length) => length);
const WORDS = [
  'a',
  'b',
  'key',
  'scim.password',
  'ldap.baseurl',
  'wert',
  'u',
  '0',
  'ldaps\\://h\\:636',
  ' ',
  '=',
];
const SIGNS = [
  '=',
  ':',
  ' ',
  '\t',
  '\f',
  '\\',
  '\\\\',
  '\\ ',
  '\\=',
  '\\:',
  '\\#',
  '#',
  '!',
  '\\n',
  '\\t',
  '\\q',
  '\\f',
];
const ENDS = [
  '\n',
  '\r',
  '\r\n',
  '\n\n',
  '\\\n',
  '\\\r',
  '\\\r\n',
  '\\\n  ',
  '\\\r\n\t',
  '\n  ',
  '\n#',
  '\n !',
  '\n\\\n',
];
const ESCAPES = [
  '\\u00e9',
  '\\u65E5',
  '\\uD83D\\uDE00',
  '\\ud800',
  '\\u0000',
  '\\u000a',
  '\\u0020',
  '\\u0\\\n041',
];
const MALFORMED = ['\\u12', '\\uXYZW', '\\u', 'CORP\\user'];
const LATIN = ['é', 'ß', '\u0085', '\u00a0', '\u007f', '\u0001', '\0'];
const OTHER = ['日本', '\u2028', '😀', '\u00e9', '\ufeff'];

function randomFile(random: Random): Buffer {
  const encoding = random(['latin1', 'latin1', 'utf8'] as const);
  const extra = encoding === 'utf8' ? OTHER : LATIN;
  // Most files are well-formed, else one bad escape would hide everything else in them.
  const kinds =
    random([0, 0, 0, 0, 1]) === 1
      ? [WORDS, SIGNS, MALFORMED, ENDS]
      : [WORDS, WORDS, SIGNS, ENDS, ESCAPES, extra];
  const text = Array.from({ length: random(LENGTHS) }, () => random(random(kinds))).join('');
  // A byte order mark is ours to tolerate, not Java's; it has its own test.
  return Buffer.from(text.replace(/^\ufeff+/, ''), encoding);
}

function randomEdits(random: Random): [string, string][] {
  const texts = [...WORDS, ...SIGNS, ...LATIN, ...OTHER, '\n', '\r', '\ud800', ' x', 'C:\\tools'];
  return Array.from({ length: random([1, 2, 3]) }, () => {
    const value = Array.from({ length: random(LENGTHS) % 8 }, () => random(texts)).join('');
    return [random(['a', 'b', 'key', 'scim.password', 'neu er=schlüssel', '#c', '']), value];
  });
}

function applyEdits(bytes: Buffer, edits: readonly [string, string][]): Buffer {
  const file = new PropertiesFile(bytes);
  for (const [key, value] of edits) file.set(key, value);
  return file.toBytes();
}
