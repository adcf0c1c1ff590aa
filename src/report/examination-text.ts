/** What the doctor found, as a table: a row for each check, and below it what to do. */

import { printable } from '../lib/printable.ts';
import type { CheckResult, CheckStage, CheckStatus, Examination } from '../model/examination.ts';
import type { Colour, Paint } from './palette.ts';
import { counted, duration } from './quantity.ts';

const STAGES: Readonly<Record<CheckStage, string>> = {
  RUNTIME: 'Program',
  FILES: 'Files',
  STATE: 'State',
  SECRETS: 'Passwords',
  DIRECTORY: 'Directory',
  SCRIPTS: 'Scripts and users',
  SERVICE: 'SCIM service',
};

const WORDS: Readonly<Record<CheckStatus, { readonly word: string; readonly colour: Colour }>> = {
  OK: { word: 'ok', colour: 'GREEN' },
  WARNING: { word: 'WARNING', colour: 'YELLOW' },
  FAILURE: { word: 'FAILURE', colour: 'RED' },
  SKIPPED: { word: 'skipped', colour: 'DIM' },
};

const STATUS_WIDTH = 7;
const TIME_WIDTH = 8;
/** The longest title is `Filter externalId`. */
const TITLE_WIDTH = 18;
const INDENT = 2 + STATUS_WIDTH + 2 + TIME_WIDTH + 2 + TITLE_WIDTH + 1;
/** Narrower columns would be a ladder of words. */
const LEAST_TEXT = 30;

export function stageLine(stage: CheckStage): string {
  return STAGES[stage];
}

/** The lines of one check. @param width columns of the terminal; Infinity: nothing is folded */
export function checkLines(result: CheckResult, paint: Paint, width: number): string[] {
  const { word, colour } = WORDS[result.status];
  const time = result.status === 'SKIPPED' ? '' : `${result.durationMs} ms`;
  const head = [
    ' ',
    paint(colour, word.padEnd(STATUS_WIDTH)),
    ` ${time.padStart(TIME_WIDTH)} `,
    `${result.title.padEnd(TITLE_WIDTH)} `,
  ].join(' ');
  const [first = '', ...others] = folded(result.message, width);
  const fixes = result.fix === null ? [] : folded(`→ ${result.fix}`, width);
  const indent = ' '.repeat(INDENT);
  return [
    `${head}${first}`.trimEnd(),
    ...others.map((line) => indent + line),
    ...fixes.map((line) => indent + paint('CYAN', line)),
  ];
}

/** One sentence for the end: how many of what, and which failure came first. */
export function verdictSentence({ checks, exitCode, durationMs }: Examination): string {
  const number = (status: CheckStatus): number => checks.filter((check) => check.status === status).length;
  const parts = [
    `${number('OK')} of ${counted(checks.length, 'check')} ok`,
    ...[number('WARNING')].filter((n) => n > 0).map((n) => counted(n, 'warning')),
    ...[number('FAILURE')].filter((n) => n > 0).map((n) => counted(n, 'failure')),
    ...[number('SKIPPED')].filter((n) => n > 0).map((n) => `${n} skipped`),
  ];
  const first = checks.find(({ status }) => status === 'FAILURE');
  // The guards that look at a plan have not been asked.
  const end =
    first === undefined
      ? 'a run can begin. No plan was made; what a run would change: c42uds'
      : `first to mend: ${first.id} (exit code ${exitCode})`;
  return `c42uds doctor: ${parts.join(', ')} in ${duration(durationMs)}; ${end}.`;
}

function folded(text: string, width: number): string[] {
  const room = Math.max(width - INDENT, LEAST_TEXT);
  const lines: string[] = [];
  let line = '';
  for (const word of printable(text.replace(/\s+/g, ' ')).split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
