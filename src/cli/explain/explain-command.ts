/** `c42uds explain USER`: everything about one user, by the rules of a run, and nothing is written. */

import type { LoadedSettings } from '../../config/settings.ts';
import { readUserHistory } from '../../local/history-reading.ts';
import { openState, type OpenState } from '../../local/state.ts';
import { readUserFacts, type UserFacts } from '../../local/user-facts.ts';
import { firstValueOf, type Entry } from '../../model/entry.ts';
import { EXIT_CODES, RunError, type ExitCode } from '../../model/errors.ts';
import type { UserHistory, UserStanding } from '../../model/history.ts';
import { managedAttributes } from '../../model/run.ts';
import type { ScriptSet } from '../../model/scripts.ts';
import { managedPart, sameValue, type UserAttribute } from '../../model/user.ts';
import { attributeSources, type AttributeSources } from '../../report/attribute-sources.ts';
import { hideSensitive } from '../../report/history-text.ts';
import { COLOURED, PLAIN } from '../../report/palette.ts';
import { SCHEMA_VERSION } from '../../report/run-result.ts';
import { userRecord } from '../../report/user-record.ts';
import type { TrialJudge } from '../../sandbox/judge.ts';
import type { Service } from '../../scim/service.ts';
import type { Asked, Holding } from '../../scim/user-inspector.ts';
import { namedFor } from '../../sync/traceless.ts';
import { openDirectoryOf, openJudgeOf, openServiceOf, readScriptsOf } from '../adapters.ts';
import { configurationPath, openConfiguration } from '../configuration.ts';
import type { ExplainInvocation } from '../invocation.ts';
import { openPasswords } from '../passwords.ts';
import { populationKey, runRules, scopeKey } from '../run-rules.ts';
import type { Session } from '../session.ts';
import { shown, type Explanation, type ServicePart, type StatePart } from './explanation.ts';
import { explanationLines } from './explanation-text.ts';
import { findingsOf } from './findings.ts';
import { addClaimants, judgeAbsence, judgeEntry, type Judged, type Rules } from './judging.ts';
import { entriesOf, several, whereIs, type Elsewhere, type Searching } from './search.ts';

const MOST_CHANGES = 10;

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
    const lines = explanationLines(explanation, terminal.colours ? COLOURED : PLAIN);
    for (const line of lines) terminal.out(line);
  }
  const fails = (explanation.next?.failure ?? explanation.state?.failure ?? null) !== null;
  return fails ? EXIT_CODES.USERS_FAILED : EXIT_CODES.DONE;
}

interface Tools extends Searching, Rules {
  readonly judge: TrialJudge;
  readonly service: Service;
  readonly sources: AttributeSources;
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

interface Found {
  readonly entry: Entry | null;
  readonly standing: UserStanding | null;
  readonly history: UserHistory;
  /** What the service holds under the name as it was typed, where nothing else knows it. */
  readonly held: Holding | null;
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
    (entry === null ? null : firstValueOf(entry, settings['ldap.attrib.userName'])) ??
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

/**
 * What is known of somebody whose entry was found beyond search base and filter. The state does not keep every name that
 * the directory has for him: asked by one of those it, and the service, have not yet been asked for him at all.
 */
function knownElsewhere(found: Found, elsewhere: Elsewhere | null, path: string): Found {
  const identity = elsewhere?.identity ?? null;
  if (identity === null || found.standing !== null) return found;
  const history = readUserHistory(path, identity, MOST_CHANGES);
  const standing = history.users.find((one) => one.identity === identity) ?? null;
  return { ...found, standing, history, held: found.held?.kind === 'FOUND' ? found.held : null };
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

/** The one user who is meant. @throws RunError COMMAND_LINE where several are */
async function find(user: string, tools: Tools): Promise<Found> {
  const { directory, settings, also } = tools;
  const path = settings['state.location'];
  const named = readUserHistory(path, user, MOST_CHANGES);
  const identities = [...new Set([...named.users, ...named.changes].map(({ identity }) => identity))];
  let entries = await entriesOf(directory, user, identities, settings, also);
  let held: Holding | null = null;
  if (entries.length === 0 && named.users.length === 0) {
    held = await ask(tools, { scimId: user, externalId: user, userName: user });
    // An id at the service of which the state knows nothing leads to an entry all the same.
    const identity = externalIdOf(held);
    if (identity !== null) entries = await entriesOf(directory, '', [identity], settings, also);
  }
  const candidates = new Map<string, string>();
  for (const { identity, dn } of [...named.users, ...entries]) candidates.set(identity, dn);
  if (candidates.size > 1) throw several(user, candidates);
  const [entry = null] = entries;
  const identity = entry?.identity ?? named.users[0]?.identity ?? null;
  const history = identity === null ? named : readUserHistory(path, identity, MOST_CHANGES);
  const standing = history.users.find((one) => one.identity === identity) ?? null;
  return { entry, standing, history, held };
}

function nobody(user: string, { settings }: Tools): RunError {
  const places = `the directory below ${settings['ldap.baseDn']}, the state file and the service`;
  return new RunError('COMMAND_LINE', `Nobody called "${user}" is in ${places}.`, {
    fix: 'Name a userName, a DN, an identity of the directory, or an id at the service.',
  });
}

/** A service that cannot be asked must not keep the rest from being told. */
async function ask({ service }: Tools, asked: Asked): Promise<Holding> {
  try {
    return await service.inspector.find(asked);
  } catch (error) {
    if (!(error instanceof RunError) || error.exitCode !== EXIT_CODES.SERVICE) throw error;
    return { kind: 'UNKNOWN', reason: error.message };
  }
}

function externalIdOf(held: Holding | null): string | null {
  return held?.kind === 'FOUND' ? (held.user.resource.externalId ?? null) : null;
}

function directoryPart(entry: Entry | null, elsewhere: Elsewhere | null): Explanation['directory'] {
  if (entry !== null) return { place: 'FOUND', dn: entry.dn, attributes: entry.attributes };
  return { place: elsewhere?.place ?? 'MISSING', dn: elsewhere?.dn ?? null, attributes: null };
}

/** As it would be sent: with the manager's id, where he has one. */
function desiredOf(judged: Judged | null, { sensitive }: AttributeSources): Explanation['desired'] {
  if (judged === null) return null;
  const { desired, manager } = judged.comparison;
  if (desired.resource === null) return null;
  return shown({ ...desired.resource, manager: manager.kind === 'KNOWN' ? manager.scimId : null }, sensitive);
}

function statePart(standing: UserStanding, facts: UserFacts | null, tools: Tools): StatePart {
  const { settings, state, sources } = tools;
  const { sensitive } = sources;
  const confirmed = facts?.confirmed ?? null;
  const deviation = facts?.deviation ?? null;
  const retryAt = state.failureOf(standing.identity)?.retryAt ?? '';
  return {
    ...standing,
    missed: Math.max(0, standing.missed),
    threshold: settings['deactivate.user.threshold'],
    countsAbsence: settings['missed.user.check'],
    confirmed: confirmed === null ? null : shown(confirmed, sensitive),
    confirmedAt: facts?.confirmedAt ?? null,
    unsettled: facts?.unsettled ?? [],
    failure: standing.failure === null ? null : { ...standing.failure, retryAt },
    deviation: deviation === null ? null : { ...deviation, holds: shown(deviation.holds, sensitive) },
    trace: facts?.trace ?? null,
  };
}

function servicePart(holding: Holding, facts: UserFacts | null, { sources, settings }: Tools): ServicePart {
  const nothing = { by: null, scimId: null, holds: null, reason: null, otherwise: [] };
  if (holding.kind === 'NONE') return { ...nothing, kind: 'NONE' };
  if (holding.kind === 'UNKNOWN') return { ...nothing, kind: 'UNKNOWN', reason: holding.reason };
  const { by, user } = holding;
  const { resource, scimId } = user;
  const managed = managedAttributes(runRules(settings).mapping);
  const confirmed = facts?.confirmed ? managedPart(facts.confirmed, managed) : null;
  // What the service does not show is no difference.
  const seen = Object.keys(resource) as UserAttribute[];
  const otherwise = confirmed === null ? [] : seen.filter((name) => differs(name, resource, confirmed));
  return { kind: 'FOUND', by, scimId, holds: shown(resource, sources.sensitive), reason: null, otherwise };
}

function differs(
  name: UserAttribute,
  held: Explanation['desired'] & object,
  confirmed: Explanation['desired'] & object,
): boolean {
  return !sameValue(name, held[name] ?? null, confirmed[name] ?? null);
}
