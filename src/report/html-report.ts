/** A report for people: one page that holds everything it needs, opens from a disk and asks the network for nothing. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { printable } from '../lib/printable.ts';
import { USER_ATTRIBUTES, type UserAttribute } from '../model/user.ts';
import type { ReportWriter } from './report.ts';
import type { RunHead } from './run-result.ts';
import type { UserRecord, Value } from './user-record.ts';

/** Beside `src` and beside `dist` alike. */
const PAGE_FOLDER = new URL('../../assets/report/', import.meta.url);
const PAGE_SCRIPTS = ['format.js', 'charts.js', 'impact.js', 'user-list.js', 'page.js'];
/** Users without a change are in the page as long as they do not make it slow; changes and failures always are. */
const MOST_UNCHANGED = 100_000;
/** Reasons that are told once and referred to by number. */
const MOST_SHARED_TEXTS = 1000;

/** What the page's scripts read of a user, as an array because there are so many; `assets/report/format.js` names them. */
type Row = readonly [
  action: string,
  status: string,
  userName: string,
  active: boolean | null,
  org: string | null,
  roles: readonly string[] | null,
  reason: string | number,
  changes: readonly (readonly [attribute: UserAttribute, from: Value, to: Value])[],
  withheld: readonly string[],
  dn: string | null,
  identity: string | null,
  scimId: string | null,
];

export function htmlReport(head: RunHead, emit: (text: string) => void): ReportWriter {
  const shared = new Map<string, number>();
  const sources = new Map<string, string>();
  let separator = '\n';
  let unchanged = 0;
  emit(pageBeginning(head));
  emit('<script type="application/json" id="users">[');
  const reasonOf = (text: string): string | number => {
    const number = shared.get(text);
    if (number !== undefined) return number;
    if (shared.size >= MOST_SHARED_TEXTS) return text;
    shared.set(text, shared.size);
    return shared.size - 1;
  };
  return {
    user(record) {
      if (record.action === 'unchanged' || record.action === 'skip' || record.action === 'resend') {
        unchanged += 1;
        if (unchanged > MOST_UNCHANGED) return;
      }
      // Told by attribute for all users; why somebody is deactivated stands in his reason.
      const told = record.cause === 'ABSENT' ? {} : record.attributes;
      for (const [name, { source }] of Object.entries(told)) sources.set(name, source);
      emit(separator + dataText(rowOf(record, reasonOf(printable(record.reason)))));
      separator = ',\n';
    },
    end(result, history) {
      emit('\n]</script>\n<script type="application/json" id="run">');
      const leftOut = Math.max(0, unchanged - MOST_UNCHANGED);
      const names = { reasons: [...shared.keys()], sources: Object.fromEntries(sources), leftOut };
      emit(dataText(printableThroughout({ result, history, ...names })));
      emit(
        `</script>\n<script>${chartLibrary()}</script>\n<script>${pageScript()}</script>\n</body>\n</html>\n`,
      );
    },
  };
}

function rowOf(record: UserRecord, reason: string | number): Row {
  const { action, status, userName, active, org, roles, withheld, dn, identity, scimId } = record;
  const changes = USER_ATTRIBUTES.flatMap((name) => {
    const change = record.attributes[name];
    return change === undefined ? [] : [[name, safe(change.from), safe(change.to)] as const];
  });
  const who = [dn, identity, scimId].map(safe) as [string | null, string | null, string | null];
  return [
    action,
    status,
    printable(userName),
    active,
    safe(org) as string | null,
    safe(roles) as readonly string[] | null,
    reason,
    changes,
    withheld,
    ...who,
  ];
}

function safe(value: Value): Value {
  if (typeof value === 'string') return printable(value);
  return value === null || typeof value === 'boolean' ? value : value.map((item) => printable(item));
}

function printableThroughout(value: object): object {
  const text = JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'string' ? printable(member) : member,
  );
  return JSON.parse(text) as object;
}

/** JSON in which no `</script>` and no `<!--` can be: to the HTML parser it is one text. */
function dataText(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

function pageBeginning(head: RunHead): string {
  const style = chartStyle() + pageFile('page.css');
  const scripts = [chartLibrary(), pageScript()].map(sourceOf).join(' ');
  // Nothing may be loaded, sent or framed, and no script may run but these two.
  const policy = `default-src 'none'; script-src ${scripts}; style-src ${sourceOf(style)}; base-uri 'none'; form-action 'none'`;
  const mode = head.mode === 'DRY' ? 'dry run' : 'live run';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>c42uds ${mode} of ${head.startedAt.slice(0, 16).replace('T', ' ')} UTC</title>
<style>${style}</style>
</head>
${pageFile('body.html')}`;
}

function sourceOf(inlined: string): string {
  return `'sha256-${createHash('sha256').update(inlined, 'utf8').digest('base64')}'`;
}

function pageScript(): string {
  return `'use strict';\n{\n${PAGE_SCRIPTS.map(pageFile).join('\n')}\n}\n`;
}

function pageFile(name: string): string {
  return readFileSync(new URL(name, PAGE_FOLDER), 'utf8');
}

function chartLibrary(): string {
  return libraryFile('uPlot.iife.min.js');
}

function chartStyle(): string {
  return libraryFile('uPlot.min.css');
}

function libraryFile(name: string): string {
  const path = createRequire(import.meta.url).resolve(`uplot/dist/${name}`);
  return readFileSync(path, 'utf8');
}
