/** `c42uds doctor`: goes the way of a run, step by step, and says where it breaks off. Writes nothing anywhere. */

import { EXIT_CODES, type ExitCode } from '../../model/errors.ts';
import type { CheckResult, Examination } from '../../model/examination.ts';
import { examinationResult } from '../../report/examination-result.ts';
import { checkLines, stageLine, verdictSentence } from '../../report/examination-text.ts';
import { COLOURED, PLAIN } from '../../report/palette.ts';
import { configurationPath } from '../configuration.ts';
import type { DoctorInvocation } from '../invocation.ts';
import type { Session } from '../session.ts';
import type { Check } from './check.ts';
import { Consultation } from './consultation.ts';
import { directoryChecks } from './directory-checks.ts';
import { directoryRoute } from './directory-route-checks.ts';
import { fileChecks } from './file-checks.ts';
import { hookChecks } from './hook-checks.ts';
import { runtimeChecks } from './runtime-checks.ts';
import { scriptChecks } from './script-checks.ts';
import { secretChecks } from './secret-checks.ts';
import { serviceChecks } from './service-checks.ts';
import { stateChecks } from './state-checks.ts';

/** All checks together: whoever waits for a pre-check waits no longer. */
const WHOLE_LIMIT_MS = 120_000;

/** Carries every check out. @returns 0, or the exit code of the first failure */
export async function examine(invocation: DoctorInvocation, session: Session): Promise<ExitCode> {
  const consultation = new Consultation(session, configurationPath(invocation.configPath, session));
  const startedAt = new Date();
  const started = performance.now();
  const results: CheckResult[] = [];
  const shows = session.terminal.showsProgress && !invocation.quiet;
  const show = invocation.json || invocation.quiet ? null : table(session);
  try {
    for (const check of checksOf(consultation)) {
      session.signal.throwIfAborted();
      if (shows) session.terminal.progress(`Checking: ${check.title} …`);
      const found = await check.carryOut(WHOLE_LIMIT_MS - (performance.now() - started));
      const result = redacted(withWarnings(found, consultation.takeWarnings()), session);
      results.push(result);
      show?.(result);
      session.openLog.log.debug('main', `${result.id}: ${result.status} ${result.message}`);
    }
  } finally {
    session.terminal.progress(null);
    await consultation.end();
  }
  const failure = results.find(({ status }) => status === 'FAILURE');
  const examination: Examination = {
    startedAt: startedAt.toISOString(),
    durationMs: Math.round(performance.now() - started),
    checks: results,
    exitCode: failure?.exitCode ?? EXIT_CODES.DONE,
  };
  const head = { version: session.version, configuration: consultation.configPath };
  session.results.print(examinationResult(examination, head));
  if (invocation.quiet) tellQuietly(examination, session);
  else if (!invocation.json) session.terminal.out(verdictSentence(examination));
  return examination.exitCode;
}

/** Every check, in the order of a run. */
function checksOf(consultation: Consultation): readonly Check<unknown>[] {
  const files = fileChecks(consultation);
  const { configuration, scripts } = files;
  const secrets = secretChecks(consultation, configuration);
  const { bindPassword, scimPassword } = secrets;
  const route = directoryRoute(configuration);
  const { chosen } = route;
  const directory = directoryChecks(consultation, { configuration, bindPassword, scripts, chosen });
  return [
    ...runtimeChecks(consultation),
    ...files.all,
    ...stateChecks(configuration),
    ...secrets.all,
    ...route.all,
    ...directory.all,
    ...scriptChecks({ configuration, scripts, users: directory.users, readOn: directory.readOn }),
    ...serviceChecks(consultation, configuration, scimPassword),
    ...hookChecks(configuration),
  ];
}

/** The checks of TLS, of the port and of the configuration have said that before. */
const SAID_BEFORE =
  /^The certificate .* ends in \d+ days|^Port \d+ of .* is a global catalog|^scim\.baseurl is http:/;

/** What an adapter would warn of in a run's log belongs to the check in whose course it did. */
function withWarnings(result: CheckResult, warnings: readonly string[]): CheckResult {
  const news = warnings.filter((warning) => !SAID_BEFORE.test(warning));
  if (news.length === 0 || (result.status !== 'OK' && result.status !== 'WARNING')) return result;
  return { ...result, status: 'WARNING', message: `${result.message}. ${news.join(' ')}` };
}

/** Servers may send back what they were given. */
function redacted(result: CheckResult, { openLog }: Session): CheckResult {
  return {
    ...result,
    message: openLog.redacted(result.message),
    fix: result.fix === null ? null : openLog.redacted(result.fix),
  };
}

/** A row for each result as it comes. */
function table({ terminal }: Session): (result: CheckResult) => void {
  const paint = terminal.colours ? COLOURED : PLAIN;
  let stage: CheckResult['stage'] | null = null;
  return (result) => {
    if (result.stage !== stage) terminal.out(stageLine(result.stage));
    stage = result.stage;
    for (const line of checkLines(result, paint, terminal.columns)) terminal.out(line);
  };
}

/** In the form of the log, for whoever reads a journal; nothing where all is well, as cron likes it. */
function tellQuietly(examination: Examination, { openLog }: Session): void {
  const { log } = openLog;
  // What is skipped follows from a failure.
  const amiss = examination.checks.filter(({ status }) => status === 'WARNING' || status === 'FAILURE');
  for (const { id, status, message, fix } of amiss) {
    const text = `${id}: ${message}${fix === null ? '' : ` → ${fix}`}`;
    log[status === 'FAILURE' ? 'error' : 'warn']('main', text);
  }
  if (amiss.length === 0) return;
  log[examination.exitCode === EXIT_CODES.DONE ? 'warn' : 'error']('main', verdictSentence(examination));
}
