/** `c42uds script impact`: the edited scripts against those of the last live run, over the whole directory. */

import { latestLiveScripts } from '../local/live-scripts.ts';
import { EXIT_CODES, RunError, type ExitCode } from '../model/errors.ts';
import type { RunRequest, RunSummary } from '../model/run.ts';
import { changedScripts, type ScriptSet } from '../model/scripts.ts';
import { attributeSources } from '../report/attribute-sources.ts';
import { impactLines } from '../report/impact-text.ts';
import { SCHEMA_VERSION, type RunResult } from '../report/run-result.ts';
import { summaryLines } from '../report/summary-text.ts';
import { RunAccount } from './run-account.ts';
import { configurationPath, openConfiguration } from './configuration.ts';
import type { ScriptImpactInvocation } from './invocation.ts';
import { openPasswords } from './passwords.ts';
import { openProgress } from './progress.ts';
import { configuredScripts, readScriptsAt, scriptPaths } from './script-drafts.ts';
import type { Session } from './session.ts';
import { runOnce } from './sync-command.ts';

const REQUEST: RunRequest = { mode: 'DRY', scope: 'INCREMENTAL', extraFilter: null, userNames: null };

/**
 * A dry run of the next live run, with both sets of scripts.
 * @returns the exit code of that dry run
 * @throws RunError NO_LIVE_SCRIPTS, and as a dry run
 */
export async function showImpact(
  { configPath, draftFolder, run }: ScriptImpactInvocation,
  session: Session,
): Promise<ExitCode> {
  const { log } = session.openLog;
  const loaded = openConfiguration(configurationPath(configPath, session), session);
  const { settings } = loaded;
  const scripts = await readScriptsAt(scriptPaths(settings, draftFolder, session));
  if (changedScripts(liveScripts(settings['state.location']), scripts).length === 0) {
    log.info('main', 'The scripts are those of the last live run: nobody would be treated otherwise.');
    print(EXIT_CODES.DONE, false, null, session);
    return EXIT_CODES.DONE;
  }
  const progress = openProgress(session.terminal);
  const sources = attributeSources(settings);
  // The run is a part of this command's result.
  const account = new RunAccount(run, settings, sources, session, () => undefined);
  try {
    const passwords = await openPasswords(loaded, session.openLog);
    const observer = {
      ...progress,
      preview: () => undefined,
      // Nobody is shown one by one here; a report shows everybody.
      wantsPreviews: run.reportFiles.length > 0,
    };
    const output = { observer };
    const task = { invocation: run, request: REQUEST, scripts, settings, sources, passwords, session };
    const summary = await runOnce({ ...task, output, account });
    progress.end();
    const inForce = await readScriptsAt(configuredScripts(settings));
    const areDrafts = changedScripts(inForce, scripts).length > 0;
    tell(summary, areDrafts, session);
    print(summary.exitCode, areDrafts, account.result, session);
    return summary.exitCode;
  } catch (error) {
    account.endedEarly(session.signal.aborted ? session.signal.reason : error);
    throw error;
  } finally {
    progress.end();
    account.discard();
  }
}

/** As docs/schemas/script-impact.json has it. */
function print(exitCode: ExitCode, areDrafts: boolean, run: RunResult | null, { results }: Session): void {
  const facts = { exitCode, changed: run !== null, areDrafts, run };
  results.print({ type: 'scriptImpact', schemaVersion: SCHEMA_VERSION, ...facts });
}

function liveScripts(statePath: string): ScriptSet {
  const live = latestLiveScripts(statePath);
  if (live !== null) return live.scripts;
  throw new RunError(
    'NO_LIVE_SCRIPTS',
    `${statePath} holds no scripts of an earlier live run to compare with.`,
  );
}

/** @param isDraft whether the scripts have to be put in force before a live run uses them */
function tell(summary: RunSummary, isDraft: boolean, { terminal, openLog }: Session): void {
  const { log } = openLog;
  const { scriptImpact } = summary;
  if (scriptImpact !== undefined) for (const line of impactLines(scriptImpact)) terminal.say(line);
  terminal.out('');
  for (const { level, component, text } of summaryLines(summary, [])) log[level](component, text);
  if (isDraft) log.info('main', 'These are drafts: copy them over the scripts in force first.');
}
