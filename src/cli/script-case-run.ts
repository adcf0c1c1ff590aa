/** Runs every case beside the scripts, shows what differs, and asks a second time whether the scripts are stable. */

import { dirname, join } from 'node:path';
import type { Settings } from '../config/options.ts';
import { EXIT_CODES, RunError, type ExitCode } from '../model/errors.ts';
import type { Instability } from '../model/instability.ts';
import { SCRIPT_KINDS, type ScriptSet, type ScriptTrial } from '../model/scripts.ts';
import { COLOURED, PLAIN } from '../report/palette.ts';
import { SCHEMA_VERSION } from '../report/run-result.ts';
import { counted } from '../report/quantity.ts';
import { mismatchLines } from '../report/trial-text.ts';
import { mismatches, readCases, type CaseFolder, type ScriptCase } from '../sandbox/script-cases.ts';
import { findInstability, instabilitySentence, type Judged } from '../sync/instability.ts';
import { openJudgeOf, secondOpinionOf } from './adapters.ts';
import type { ScriptPaths } from './script-drafts.ts';
import type { Session } from './session.ts';

export interface CaseRun {
  readonly settings: Settings;
  readonly scripts: ScriptSet;
  /** The scripts' files, drafts before those in force: their cases are looked for in `cases/` beside them. */
  readonly paths: readonly ScriptPaths[];
  readonly session: Session;
}

/** @throws RunError FILE_INVALID where there are no cases, or one is not written as it must be; SCRIPT_INVALID */
export async function runCases(run: CaseRun): Promise<ExitCode> {
  const { terminal, openLog, results } = run.session;
  const { cases, skipped } = await casesOf(run);
  for (const sentence of skipped) openLog.log.warn('main', `Not run: ${sentence}.`);
  const started = performance.now();
  const told: CaseResult[] = [];
  const judged: Judged[] = [];
  for (const [todayMs, group] of Map.groupBy(cases, (one) => one.todayMs)) {
    const judge = await openJudgeOf(run.settings, run.scripts, run.session, todayMs ?? undefined);
    try {
      for (const one of group) {
        const trials = await judge.tryOn(one.entry);
        const wrong = mismatches(one, trials);
        told.push(caseResult(one, wrong));
        for (const line of failureLines(one, wrong)) terminal.say(line);
      }
      if (todayMs === null) {
        const judgements = await judge.judge(group.map(({ entry }) => entry));
        group.forEach(({ entry, file, name }, at) => {
          const judgement = judgements[at];
          if (judgement !== undefined) judged.push({ entry, user: `${file} "${name}"`, judgement });
        });
      }
    } finally {
      await judge.close();
    }
  }
  const instabilities = await tellInstability(run, judged);
  const unstable = instabilities.some(({ cause }) => cause !== 'TIME');
  const failed = told.filter(({ passed }) => !passed).length;
  const exitCode = failed === 0 && !unstable ? EXIT_CODES.DONE : EXIT_CODES.USERS_FAILED;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const paint = terminal.colours ? COLOURED : PLAIN;
  const result = failed === 0 ? paint('GREEN', 'all as expected') : paint('RED', `${failed} FAILED`);
  terminal.out(`${counted(cases.length, 'case')}, ${result} (${seconds} s)`);
  const facts = { exitCode, cases: told, notRun: skipped, instabilities };
  results.print({ type: 'scriptCases', schemaVersion: SCHEMA_VERSION, ...facts });
  return exitCode;
}

/** A case as docs/schemas/script-cases.json has it. */
interface CaseResult {
  readonly file: string;
  readonly name: string;
  readonly passed: boolean;
  readonly mismatches: readonly object[];
}

function caseResult({ file, name, expected }: ScriptCase, wrong: readonly ScriptTrial[]): CaseResult {
  const mismatches = wrong.map(({ kind, name: script, answer, failure, read }) => {
    return { kind, script, expected: expected[kind] ?? null, answer, failure, read };
  });
  return { file, name, passed: wrong.length === 0, mismatches };
}

async function casesOf({ paths, scripts }: CaseRun): Promise<CaseFolder> {
  const folders = new Set(
    paths.flatMap((files) => SCRIPT_KINDS.map((kind) => join(dirname(files[kind]), 'cases'))),
  );
  const found = new Map<string, ScriptCase[]>();
  const skipped: string[] = [];
  for (const folder of folders) {
    const read = await readCases(folder, scripts);
    skipped.push(...read.skipped);
    // A draft's file of cases stands for the one of the same name beside the scripts in force.
    for (const [file, cases] of Map.groupBy(read.cases, (one) => one.file)) {
      if (!found.has(file)) found.set(file, cases);
    }
  }
  const cases = [...found.values()].flat();
  if (cases.length > 0) return { cases, skipped };
  const why = skipped.length === 0 ? '' : ` (${skipped.join('; ')})`;
  throw new RunError(
    'FILE_INVALID',
    `There are no cases for these scripts in ${[...folders].join(', ')}${why}.`,
    {
      fix: 'Make one of a real user: c42uds script test --user NAME --save-case NAME.',
    },
  );
}

function failureLines({ file, name, expected }: ScriptCase, wrong: readonly ScriptTrial[]): string[] {
  if (wrong.length === 0) return [];
  return [
    `FAILED ${file}: ${name}`,
    ...wrong.flatMap((trial) => mismatchLines(trial, expected[trial.kind] ?? null)),
  ];
}

/** Returns them; TIME is one that may well be meant. */
async function tellInstability(run: CaseRun, judged: readonly Judged[]): Promise<readonly Instability[]> {
  const { settings, scripts, session } = run;
  const found = await findInstability(judged, secondOpinionOf(settings, scripts, session), Date.now());
  for (const one of found) {
    const advice = one.cause === 'TIME' ? ' In a case, "today" makes the clock stand still.' : '';
    session.openLog.log.warn('ScriptService', `${instabilitySentence(one)}${advice}`);
  }
  return found;
}
