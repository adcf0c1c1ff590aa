/** Reads the files that limit a run: the filter of `--filter`, the usernames of `--files`. */

import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileProblem } from '../lib/file-problem.ts';
import { RunError } from '../model/errors.ts';

const LARGEST_FILTER_BYTES = 1024 * 1024;
const LARGEST_LIST_BYTES = 64 * 1024 * 1024;

/**
 * The filter in the file of `--filter`: one LDAP filter (RFC 4515), which may span lines; lines that begin with `#` are
 * comments.
 * @param check throws RunError FILE_INVALID, naming the place, for what is no filter
 * @throws RunError FILE_UNREADABLE, FILE_INVALID
 */
export function readFilterFile(
  path: string,
  cwd: string,
  check: (filter: string, source: string) => void,
): string {
  const source = resolve(cwd, path);
  // A comment keeps its length in blanks, so that the place which `check` names is the place in the file.
  const text = readText(source, '--filter', LARGEST_FILTER_BYTES).replace(/^[ \t]*#.*$/gm, (comment) =>
    ' '.repeat(comment.length),
  );
  if (text.trim() === '') {
    throw new RunError('FILE_INVALID', `The --filter file ${source} is empty.`, {
      fix: 'Write one LDAP filter into it, for example (department=Sales).',
    });
  }
  check(text, `The --filter file ${source}`);
  return text.trim();
}

/**
 * The usernames in the files of `--files`, each once, in the order of the files: one a line, blanks around it
 * ignored, lines that begin with `#` are comments.
 * @throws RunError FILE_UNREADABLE, FILE_INVALID for a file that names nobody
 */
export function readNameFiles(paths: readonly string[], cwd: string): string[] {
  const names = new Map<string, string>();
  for (const path of paths) {
    const source = resolve(cwd, path);
    const lines = readText(source, '--files', LARGEST_LIST_BYTES)
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#'));
    if (lines.length === 0) {
      throw new RunError('FILE_INVALID', `The --files list ${source} names no user.`, {
        fix: 'Write one username a line into it.',
      });
    }
    // Directories compare names without case, so "Ada" and "ada" are one user.
    for (const line of lines) if (!names.has(line.toLowerCase())) names.set(line.toLowerCase(), line);
  }
  return [...names.values()];
}

function readText(path: string, flag: string, largestBytes: number): string {
  let bytes: Buffer;
  try {
    const { size } = statSync(path);
    if (size > largestBytes) {
      throw new RunError('FILE_INVALID', `The ${flag} file ${path} is too large (${size} bytes).`);
    }
    bytes = readFileSync(path);
  } catch (error) {
    if (error instanceof RunError) throw error;
    const message = `Cannot read the ${flag} file ${path}: ${fileProblem(error)}.`;
    throw new RunError('FILE_UNREADABLE', message, { cause: error });
  }
  return decoded(bytes, path, flag)
    .replace(/^\uFEFF/, '')
    .replace(/\r\n?/g, '\n');
}

/** Windows tools write "Unicode" as UTF-16 with a mark (`>` in PowerShell 5); everything else has to be UTF-8. */
function decoded(bytes: Buffer, path: string, flag: string): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString('utf16le');
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw new RunError('FILE_INVALID', `The ${flag} file ${path} is not a UTF-8 text.`, {
    fix: 'Save it as UTF-8.',
  });
}
