/** What the scripts did with one user, and how that differs from what a case expects, as text. */

import { printable } from '../lib/printable.ts';
import type { ScriptAnswer, ScriptKind, ScriptTrial } from '../model/scripts.ts';
import type { Paint } from './palette.ts';

const LABELS: Readonly<Record<ScriptKind, string>> = { active: 'active', org: 'org', role: 'roles' };
const INDENT = ' '.repeat(9);

/** For each script its answer, how long it took, what it read and what it printed. */
export function trialLines(trials: readonly ScriptTrial[], paint: Paint): string[] {
  return trials.flatMap((trial) => {
    const { kind, name, durationMs, read, absent, prints } = trial;
    const answer =
      trial.failure === null ? answerText(trial.answer) : paint('RED', `FAILED ${printable(trial.failure)}`);
    const names = [
      ...(read.length === 0 ? [] : [`read ${read.map(printable).join(', ')}`]),
      ...(absent.length === 0 ? [] : [`absent ${absent.map(printable).join(', ')}`]),
    ];
    return [
      `  ${LABELS[kind].padEnd(6)} ${answer}`,
      paint('DIM', `${INDENT}${[`${name} ${durationMs.toFixed(2)} ms`, ...names].join('; ')}`),
      ...prints.map((line) => paint('DIM', `${INDENT}print ${printable(line)}`)),
    ];
  });
}

/** A text in quotes, so that blanks are seen; names of a list with commas; `none` where it is left to the service. */
export function answerText(answer: ScriptAnswer): string {
  if (answer === null) return 'none';
  if (typeof answer === 'boolean') return String(answer);
  if (typeof answer === 'string') return `"${printable(answer)}"`;
  return answer.length === 0 ? 'none' : answer.map((one) => `"${printable(one)}"`).join(', ');
}

/** One script's answer beside the expected one. */
export function mismatchLines(
  { kind, answer, failure, read }: ScriptTrial,
  expected: ScriptAnswer,
): string[] {
  const label = LABELS[kind].padEnd(6);
  const lines = [`    ${label} expected  ${answerText(expected)}`];
  lines.push(`    ${' '.repeat(6)} but got   ${failure === null ? answerText(answer) : printable(failure)}`);
  if (kind === 'role' && failure === null) lines.push(...roleDifference(expected, answer));
  if (read.length > 0) lines.push(`    ${' '.repeat(6)} by        ${read.map(printable).join(', ')}`);
  return lines;
}

function roleDifference(expected: ScriptAnswer, answer: ScriptAnswer): string[] {
  const missing = namesOf(expected).filter((name) => !holds(answer, name));
  const more = namesOf(answer).filter((name) => !holds(expected, name));
  const pad = `    ${' '.repeat(6)} `;
  return [
    ...(missing.length === 0 ? [] : [`${pad}missing   ${answerText(missing)}`]),
    ...(more.length === 0 ? [] : [`${pad}too many  ${answerText(more)}`]),
  ];
}

function namesOf(answer: ScriptAnswer): readonly string[] {
  return Array.isArray(answer) ? (answer as readonly string[]) : [];
}

function holds(answer: ScriptAnswer, name: string): boolean {
  return namesOf(answer).some((one) => one.toLowerCase() === name.toLowerCase());
}
