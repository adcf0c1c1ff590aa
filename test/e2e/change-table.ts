/** The tables of docs/directory-changes.md: what each change in a directory sends, as the tests have seen it. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const DOCUMENT = fileURLToPath(new URL('../../docs/directory-changes.md', import.meta.url));
const WRITE = 'C42UDS_WRITE_TABLES';

export interface ChangeRow {
  readonly run: number;
  /** Users that the run read; `null` where that depends on the second in which they were changed. */
  readonly read: number | null;
  readonly what: string;
  /** Requests about this user, each with what it changes. */
  readonly sent: readonly string[];
}

/** Fails where the table below the heading `name` is another one; writes it with C42UDS_WRITE_TABLES=1 in the environment. */
export function holdTable(name: string, rows: readonly ChangeRow[], testFile: string): void {
  const text = readFileSync(DOCUMENT, 'utf8');
  const heading = `## ${name}\n\n`;
  const start = text.indexOf(heading) + heading.length;
  assert.ok(start > heading.length, `docs/directory-changes.md has a heading ${name}`);
  const end = text.indexOf('\n\n', start) + 1;
  const table = tableOf(rows);
  if (process.env[WRITE] === '1') writeFileSync(DOCUMENT, text.slice(0, start) + table + text.slice(end));
  else
    assert.equal(
      text.slice(start, end),
      table,
      `docs/directory-changes.md differs; to write it: ${WRITE}=1 npx node --test ${testFile}`,
    );
}

function tableOf(rows: readonly ChangeRow[]): string {
  const counts = rows.some(({ read }) => read !== null);
  const head = ['Run', ...(counts ? ['Users read'] : []), 'What has happened to somebody', 'Sent about him'];
  const lines = rows.map(({ run, read, what, sent }, index) => {
    const isFirst = rows[index - 1]?.run !== run;
    const begin = isFirst ? [String(run), ...(counts ? [String(read)] : [])] : ['', ...(counts ? [''] : [])];
    return [...begin, what, sent.map((one) => `\`${one}\``).join(', ') || 'nothing'];
  });
  const rule = head.map(() => '---');
  return [head, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}
