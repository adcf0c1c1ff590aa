/** Reads a script file and makes it ready to run: syntax, forms of functions, refusals, each with its line. */

import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileProblem } from '../lib/file-problem.ts';
import { RunError } from '../model/errors.ts';
import type { ScriptSet, ScriptText } from '../model/scripts.ts';
import { attributeNames } from './attribute-names.ts';
import { attributeUseOf, type AttributeUse } from './attribute-use.ts';
import { STATE_NAMES, STATE_SOURCES } from './realm/account-state.ts';
import { findEntryPoint, RESULT_VARIABLE } from './entry-point.ts';
import { javaRewrites } from './java-rewrites.ts';
import { ownMethods } from './own-methods.ts';
import { parseScript, type ParsedScript } from './legacy-parser.ts';
import { WORKED_OUT, type CompiledScript, type ScriptKind } from './protocol.ts';
import { findRefusals, type Refusal } from './refusals.ts';
import { singleValueEdits } from './single-values.ts';
import { applyEdits } from './source-edit.ts';
import type { TreeNode } from './syntax-tree.ts';

const MAX_SCRIPT_BYTES = 1024 * 1024;
const MAX_REFUSALS = 20;

const HINTS: Readonly<Record<ScriptKind, string>> = {
  active: 'To provision nobody, write: function (entry) { return false; }',
  org: "To leave the organization to the console's mapping, write: function (entry) { return null; }",
  role: "To leave the roles to the organization's defaults, write: function (entry) { return null; }",
};

/** Names, in lower case, under which scripts find something that no directory holds. */
export const GIVEN_NAMES: readonly string[] = [...WORKED_OUT, ...STATE_NAMES, 'dn'];

/** A script that is ready to run, and what its text says of the attributes that it may read. */
export interface ReadScript extends CompiledScript {
  readonly use: AttributeUse;
  /** The attributes that it looks at, as far as its text tells; `null`: it may look at any. */
  readonly reads: readonly string[] | null;
}

/** What all scripts together look at; `null`: they may look at any attribute. */
export function readsOf(scripts: readonly ReadScript[]): readonly string[] | null {
  const names = new Map<string, string>();
  for (const { reads } of scripts) {
    if (reads === null) return null;
    for (const name of reads) names.set(name.toLowerCase(), name);
  }
  // What says in words how an account stands is worked out from what the directory holds of it.
  if (STATE_NAMES.some((name) => names.has(name))) {
    for (const name of STATE_SOURCES) if (!names.has(name)) names.set(name, name);
  }
  return [...names.values()];
}

/** Absolute paths of the three scripts. */
export type ScriptFiles = Readonly<Record<ScriptKind, string>>;

/** The texts of the three scripts. @throws RunError FILE_UNREADABLE, SCRIPT_INVALID for one that is too large */
export async function readScripts(files: ScriptFiles): Promise<ScriptSet> {
  const [active, org, role] = await Promise.all([
    readScript('active', files.active),
    readScript('org', files.org),
    readScript('role', files.role),
  ]);
  return { active, org, role };
}

/**
 * Reads one script.
 * @throws RunError FILE_UNREADABLE, SCRIPT_INVALID for one that is too large
 */
export async function readScript(kind: ScriptKind, file: string): Promise<ScriptText> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    const message = `Unable to read ${file}, named by script.${kind}.location: ${fileProblem(cause)}`;
    throw new RunError('FILE_UNREADABLE', message, {
      fix: `Put the script there, or correct script.${kind}.location. ${HINTS[kind]}`,
      cause,
    });
  }
  if (bytes.length > MAX_SCRIPT_BYTES) {
    throw new RunError('SCRIPT_INVALID', `${basename(file)} is longer than 1 MB`, {
      fix: 'Shorten the script.',
    });
  }
  return { name: basename(file), text: bytes.toString('utf8') };
}

/**
 * Compiles the text of a script to one function expression that has the same line numbers, its first line apart.
 *
 * @param name how messages call the script: its file name
 * @throws RunError SCRIPT_INVALID
 */
export function compileScript(kind: ScriptKind, name: string, text: string): ReadScript {
  // A byte order mark would be no error to the parser, but it shifts the columns of the first line.
  const source = text.replace(/^\uFEFF/, '');
  const parsed = parse(name, source);
  const program = parsed.program as unknown as TreeNode;
  const own = ownMethods(program);
  const refusals = [...findRefusals(program), ...own.refused].sort((a, b) => a.at - b.at);
  if (refusals.length > 0) throw refused(name, source, refusals);
  const entryPoint = findEntryPoint(program, kind);
  if (!entryPoint.found) {
    if (entryPoint.at > 0) throw invalid(name, source, entryPoint.at, entryPoint.message);
    throw new RunError('SCRIPT_INVALID', `${name} ${entryPoint.message}. ${HINTS[kind]}`);
  }
  // Inner changes before outer ones.
  const edits = [...singleValueEdits(program, source), ...javaRewrites(program, source), ...parsed.edits];
  const body = applyEdits(source, [...edits, ...own.edits, ...entryPoint.edits]);
  // Each file has a scope of its own, so that helpers of one name in two files do not replace each other. The
  // parser has made sure that the text is whole, so it cannot close the function that is put around it.
  const code = `(function (module, exports, ${RESULT_VARIABLE}) {${own.prelude}\n${body}\nreturn ${entryPoint.expression};\n})`;
  const use = attributeUseOf(program, entryPoint.node);
  return { kind, name, code, use, reads: use.anyLine === null ? attributeNames(program) : null };
}

function parse(name: string, source: string): ParsedScript {
  try {
    return parseScript(source);
  } catch (error) {
    if (error instanceof RangeError) {
      throw new RunError('SCRIPT_INVALID', `${name} is nested too deeply to be read`, { cause: error });
    }
    if (!(error instanceof SyntaxError) || !('pos' in error)) throw error;
    const message = error.message.replace(/ \(\d+:\d+\)$/, '');
    throw invalid(name, source, Number(error.pos), message);
  }
}

/** All that is refused, a line for each, up to a bound. */
function refused(name: string, source: string, refusals: readonly Refusal[]): RunError {
  const lines = refusals.map(({ at, message }) => invalid(name, source, at, message).message);
  const all = [...new Set(lines)];
  const rest = all.length - MAX_REFUSALS;
  const more = rest > 0 ? [`${name}: and ${rest} more`] : [];
  return new RunError('SCRIPT_INVALID', [...all.slice(0, MAX_REFUSALS), ...more].join('\n'));
}

function invalid(name: string, source: string, at: number, message: string): RunError {
  const before = source.slice(0, at).split(/\r\n|[\n\r\u2028\u2029]/);
  const column = (before.at(-1)?.length ?? 0) + 1;
  return new RunError('SCRIPT_INVALID', `${name} line ${before.length}, column ${column}: ${message}`);
}
