/** `c42uds history` and `c42uds history USER`: what live runs did, and what became of one user. */

import { EXIT_CODES, RunError, type ExitCode } from '../model/errors.ts';
import { readRuns, readUserHistory } from '../local/history-reading.ts';
import { attributeSources } from '../report/attribute-sources.ts';
import { hideSensitive, runsText, userHistoryText } from '../report/history-text.ts';
import { pastRun, SCHEMA_VERSION } from '../report/run-result.ts';
import { configurationPath, openConfiguration } from './configuration.ts';
import type { HistoryInvocation } from './invocation.ts';
import type { Session } from './session.ts';

/** @throws RunError COMMAND_LINE where nobody is known by the name; STATE_DAMAGED and the like */
export function showHistory(invocation: HistoryInvocation, session: Session): ExitCode {
  const { settings } = openConfiguration(configurationPath(invocation.configPath, session), session);
  const path = settings['state.location'];
  const { user, last, json } = invocation;
  const head = { schemaVersion: SCHEMA_VERSION, state: path };
  if (user === null) {
    const runs = readRuns(path, last).map(pastRun);
    session.results.print({ type: 'history', ...head, runs });
    if (!json) show(session, runsText(runs, path, session.terminal.columns));
    return EXIT_CODES.DONE;
  }
  const history = hideSensitive(readUserHistory(path, user, last), attributeSources(settings).sensitive);
  if (history.users.length + history.changes.length === 0) {
    throw new RunError('COMMAND_LINE', `Nobody called "${user}" is in the state file ${path}.`, {
      fix: 'Name a userName, a DN, an identity of the directory, or an id at the service. c42uds explain looks in the directory and at the service, too.',
    });
  }
  session.results.print({ type: 'userHistory', ...head, ...history });
  if (!json) show(session, userHistoryText(history, settings['state.history.days']));
  return EXIT_CODES.DONE;
}

function show({ terminal }: Session, lines: readonly string[]): void {
  for (const line of lines) terminal.say(line);
}
