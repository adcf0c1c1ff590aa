/** Rhino, the engine before Nashorn, as an oracle for legacy scripts: one Java process for all of them. */

import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export interface RhinoJob {
  /** A whole script file. */
  readonly source: string;
  /** The function to call; `null` for the value of the file. */
  readonly name: string | null;
  readonly entries: readonly Readonly<Record<string, string | readonly string[]>>[];
}

export type RhinoAnswer = boolean | number | string | null | readonly string[] | { readonly error: string };

/** The answers for each entry: with Java's strings as objects, then with strings bridged as Nashorn does. */
export type RhinoResult = readonly [asObjects: readonly RhinoAnswer[], bridged: readonly RhinoAnswer[]];

const JARS = ['/usr/share/java/js.jar', '/usr/share/java/rhino.jar'];
const TIMEOUT_MS = 60_000;

/**
 * What Nashorn has and Rhino has not. Where strings are bridged they get those methods of the real java.lang.String
 * that JavaScript does not have itself.
 */
const PRELUDE = `
  var Java = {
    type: function (name) { return name.split('.').reduce(function (at, part) { return at[part]; }, Packages); },
    from: function (list) { var out = []; for each (var one in list) out.push(one); return out; }
  };
  function print() {}
  function load() {}
  if (bridged) ['contains', 'contentEquals', 'isEmpty', 'matches', 'replaceAll', 'replaceFirst', 'compareTo',
    'compareToIgnoreCase', 'equalsIgnoreCase', 'hashCode', 'regionMatches', 'getClass'].forEach(function (name) {
      Object.defineProperty(String.prototype, name, { value: function () {
        var text = new java.lang.String(this);
        return text[name].apply(text, arguments);
      } });
    });
  function $show(value) {
    if (value === null || value === undefined) return 'null';
    if (typeof value === 'boolean' || typeof value === 'number') return JSON.stringify(value);
    if (value instanceof java.util.Collection || Array.isArray(value)) {
      var out = [];
      if (Array.isArray(value)) for each (var one in value) out.push(String(one));
      else for (var it = value.iterator(); it.hasNext();) out.push(String(it.next()));
      return JSON.stringify(out);
    }
    return JSON.stringify(String(value));
  }`;

/** Why the oracle cannot be asked here; `null` where it can. */
export function whyNoRhino(): string | null {
  if (spawnSync('java', ['-version'], { stdio: 'ignore' }).status !== 0) return 'there is no Java';
  return JARS.some((jar) => existsSync(jar)) ? null : `there is no Rhino: ${JARS.join(', ')}`;
}

export async function runInRhino(jobs: readonly RhinoJob[]): Promise<readonly RhinoResult[]> {
  const jar = JARS.find((one) => existsSync(one)) ?? '';
  const source = join(import.meta.dirname, 'rhino-oracle.java');
  const child = spawn(
    'java',
    [`-Dprelude=${PRELUDE}`, '-Xshare:auto', '-XX:TieredStopAtLevel=1', '-cp', jar, source],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: TIMEOUT_MS,
    },
  );
  const pieces: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
  child.stderr.on('data', (piece: Buffer) => errors.push(piece));
  child.stdin.on('error', () => {});
  child.stdin.end(JSON.stringify(jobs));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const output = Buffer.concat(pieces).toString('utf8');
  const start = output.lastIndexOf('\n[[[') + 1;
  if (code !== 0) throw new Error(`Rhino ended with ${code}: ${Buffer.concat(errors).toString('utf8')}`);
  return JSON.parse(output.slice(start)) as readonly RhinoResult[];
}
