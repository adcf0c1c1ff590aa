/** `c42uds explain USER`: everything about one user, by the rules of a run, and nothing is written. */

import { userNameAttributes } from '../../config/attribute-order.ts';
import type { LoadedSettings } from '../../config/settings.ts';
import { openState, type OpenState } from '../../local/state.ts';
import { readUserFacts } from '../../local/user-facts.ts';
import { firstValueAmong } from '../../model/entry.ts';
import { EXIT_CODES, type ExitCode } from '../../model/errors.ts';
import { managedAttributes } from '../../model/run.ts';
import type { ScriptSet } from '../../model/scripts.ts';
import { attributeSources } from '../../report/attribute-sources.ts';
import { hideSensitive } from '../../report/history-text.ts';
import { COLOURED, PLAIN } from '../../report/palette.ts';
import { SCHEMA_VERSION } from '../../report/run-result.ts';
import { userRecord } from '../../report/user-record.ts';
import type { TrialJudge } from '../../sandbox/judge.ts';
import { namedFor } from '../../sync/traceless.ts';
import { openDirectoryOf, openJudgeOf, openServiceOf, readScriptsOf } from '../adapters.ts';
import { configurationPath, openConfiguration } from '../configuration.ts';
import type { ExplainInvocation } from '../invocation.ts';
import { openPasswords } from '../passwords.ts';
import { populationKey, runRules, scopeKey } from '../run-rules.ts';
import type { Session } from '../session.ts';
import type { Explanation } from './explanation.ts';
import { desiredOf, directoryPart, servicePart, statePart, type Knowledge } from './explanation-parts.ts';
import { explanationLines } from './explanation-text.ts';
import { findingsOf } from './findings.ts';
import { addClaimants, judgeAbsence, judgeEntry } from './judging.ts';
import { whereIs, type Searching } from './search.ts';
import {
  ask,
  externalIdOf,
  find,
  knownElsewhere,
  MOST_CHANGES,
  nobody,
  type Finding,
} from './user-finding.ts';

/**
 * @returns USERS_FAILED where the user fails, or did when he was tried last
 * @throws RunError COMMAND_LINE where nobody or more than one is called so; DIRECTORY_UNREACHABLE and the like
 */
export async function explain(invocation: ExplainInvocation, session: Session): Promise<ExitCode> {
  const loaded = openConfiguration(configurationPath(invocation.configPath, session), session);
  const explanation = await explainUser(invocation.user.trim(), loaded, session);
  session.results.print({ type: 'explanation', schemaVersion: SCHEMA_VERSION, ...explanation });
  if (!invocation.json) {
    const { terminal } = session;
    const paint = terminal.colours ? COLOURED : PLAIN;
    const managed = managedAttributes(runRules(loaded.settings).mapping);
    for (const line of explanationLines(explanation, managed, paint, terminal.columns)) terminal.say(line);
  }
  const fails = (explanation.next?.failure ?? explanation.state?.failure ?? null) !== null;
  return fails ? EXIT_CODES.USERS_FAILED : EXIT_CODES.DONE;
}

interface Tools extends Searching, Finding, Knowledge {
  readonly judge: TrialJudge;
}

async function explainUser(user: string, loaded: LoadedSettings, session: Session): Promise<Explanation> {
  const { settings } = loaded;
  await using closing = new AsyncDisposableStack();
  const passwords = await openPasswords(loaded, session.openLog);
  const scripts = await readScriptsOf(settings);
  const judge = await openJudgeOf(settings, scripts, session);
  closing.defer(() => judge.close());
  const state = openStateOf(loaded, scripts);
  closing.defer(() => {
    state.close();
  });
  const directory = await openDirectoryOf(settings, passwords.bindPassword, session);
  closing.defer(() => directory.close());
  const service = await openServiceOf(settings, passwords.scimPassword, [], session);
  closing.defer(() => service.close());
  await directory.check();
  const { bindPassword } = passwords;
  const sources = attributeSources(settings);
  const also = namedFor(judge);
  const tools: Tools = { settings, state, directory, judge, also, service, sources, bindPassword, session };
  return await explainWith(user, tools);
}

function openStateOf({ settings }: LoadedSettings, scripts: ScriptSet): OpenState {
  return openState({
    path: settings['state.location'],
    mode: 'DRY',
    service: settings['scim.baseurl'],
    scopeKey: scopeKey(settings, scripts),
    populationKey: populationKey(settings),
    managed: managedAttributes(runRules(settings).mapping),
    scripts,
  });
}

async function explainWith(user: string, tools: Tools): Promise<Explanation> {
  const { sources, settings } = tools;
  const found = await find(user, tools);
  const { entry } = found;
  const sure = entry?.identity ?? found.standing?.identity ?? externalIdOf(found.held);
  const elsewhere = entry === null ? await whereIs(user, sure, tools) : null;
  const { standing, history, held } = knownElsewhere(found, elsewhere, settings['state.location']);
  const identity = entry?.identity ?? standing?.identity ?? null;
  const userName =
    (entry === null ? null : firstValueAmong(entry, userNameAttributes(settings))) ??
    standing?.userName ??
    elsewhere?.userName ??
    null;
  const scimId = standing?.scimId ?? null;
  const who = { scimId, externalId: identity ?? elsewhere?.identity ?? null, userName };
  const holding = held ?? (await ask(tools, who));
  if (identity === null && elsewhere?.place === 'MISSING' && holding.kind !== 'FOUND')
    throw nobody(user, tools);
  const facts = identity === null ? null : readUserFacts(settings['state.location'], identity);
  const judged =
    entry === null ? null : await judgeEntry(entry, holding.kind === 'FOUND' ? holding.user : null, tools);
  const absence = entry === null && identity !== null ? await absenceOf(identity, userName, tools) : null;
  const preview = judged?.preview ?? absence?.preview ?? null;
  const service = servicePart(holding, facts, tools);
  const parts = {
    asked: user,
    identity: identity ?? elsewhere?.identity ?? externalIdOf(held),
    userName: userName ?? (holding.kind === 'FOUND' ? (holding.user.resource.userName ?? null) : null),
    directory: directoryPart(entry, elsewhere),
    scripts: entry === null ? [] : await tools.judge.tryOn(entry),
    desired: desiredOf(judged, sources),
    state: standing === null ? null : statePart(standing, facts, tools),
    service,
    next: preview === null ? null : userRecord(preview, 'PLANNED', sources, 'INCREMENTAL'),
    changes: hideSensitive(history, sources.sensitive).changes.slice(0, MOST_CHANGES),
  };
  const hints = { isSpared: absence?.isSpared ?? false, isLearned: judged?.isLearned ?? false };
  return { ...parts, findings: findingsOf(parts, settings, hints) };
}

async function absenceOf(
  identity: string,
  userName: string | null,
  tools: Tools,
): Promise<ReturnType<typeof judgeAbsence>> {
  if (!tools.settings['missed.user.check']) return null;
  if (userName !== null) await addClaimants(userName, tools);
  return judgeAbsence(identity, tools);
}
