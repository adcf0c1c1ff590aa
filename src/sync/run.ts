/** One run, told in its order: check, collect, compare, guard, apply, remember. A newcomer reads this file first. */

import { EXIT_CODES, RunError, type ExitCode } from '../model/errors.ts';
import type { Instability } from '../model/instability.ts';
import type { ScriptImpact } from '../model/impact.ts';
import type { DirectoryFacts } from '../model/ports.ts';
import {
  managedAttributes,
  type AbsentUser,
  type FailedUser,
  type RunSummary,
  type TrippedGuard,
} from '../model/run.ts';
import type { KnownUser, State } from '../model/state.ts';
import { USER_ATTRIBUTES } from '../model/user.ts';
import { AbsenceReport } from './absence-report.ts';
import { apply, nothingApplied, type Applied } from './apply.ts';
import { judgePlan } from './approval.ts';
import { collect, isLimited, type Collected } from './collect.ts';
import { compare, type CompareOptions } from './compare.ts';
import { CostAccount } from './cost-account.ts';
import { impactOf, impactSentence } from './impact.ts';
import { findInstability, instabilitySentence } from './instability.ts';
import { estimate } from './estimate.ts';
import { learn, type Learned } from './learn.ts';
import { ClosureCheck } from './open-closures.ts';
import { overrun, usualIntervalMs } from './usual-interval.ts';
import { previewOf, previewOthers, previewUnusable } from './preview.ts';
import type { RunParts } from './run-parts.ts';

const KINDS: Readonly<Record<DirectoryFacts['kind'], string>> = {
  ACTIVE_DIRECTORY: 'Active Directory',
  OPENLDAP: 'OpenLDAP',
  '389_DIRECTORY_SERVER': '389 Directory Server',
  GENERIC: 'an LDAP directory',
};

/**
 * Runs once.
 * @throws RunError when the run itself fails or is interrupted; a user's failure is part of the summary
 */
export async function run(parts: RunParts): Promise<RunSummary> {
  const startedAt = new Date();
  const soFar: SoFar = { read: 0, applied: nothingApplied() };
  try {
    const summary = await runThrough(parts, soFar);
    record(parts, startedAt, summary.exitCode, {
      ...summary.confirmed,
      resent: summary.resent?.confirmed ?? 0,
      failed: summary.failures.length,
      read: summary.verdict.entryCount,
    });
    return summary;
  } catch (error) {
    const { read, applied } = soFar;
    record(parts, startedAt, error instanceof RunError ? error.exitCode : EXIT_CODES.UNEXPECTED, {
      ...applied.confirmed,
      failed: applied.failures.length,
      read,
    });
    throw error;
  }
}

/** What a run that ends early has done by then. */
interface SoFar {
  read: number;
  readonly applied: Applied;
}

async function runThrough(parts: RunParts, soFar: SoFar): Promise<RunSummary> {
  const startedMs = performance.now();
  const { observer, state } = parts;
  const account = new CostAccount();

  account.enter('CHECK', observer);
  const facts = await check(parts);

  account.enter('COLLECT', observer);
  const collected = await collect(parts, facts);
  soFar.read = collected.verdict.entryCount;
  parts.signal.throwIfAborted();

  // Under way while the plan is made: two more script processes have nothing to do with it.
  const unstable = askAgain(parts, collected);
  account.enter('COMPARE', observer);
  if (parts.openWriter !== null) state.beginWriting();
  const learned = await learn(parts, collected);
  const closures = await ClosureCheck.make(parts, collected);
  const absence = new AbsenceReport();
  const options = compareOptions(parts, collected, absence);
  const shows = showsPreviews(parts);
  if (shows) previewUnusable(parts, collected);
  compare(state, options);
  const scriptImpact = scriptImpactOf(parts, collected, options);

  account.enter('GUARD', observer);
  const { guards, headroom, planId, stopped } = judgePlan(parts, collected, facts.userFilter);
  await absence.tell(parts, !stopped || parts.openWriter === null);
  parts.exportPlan?.({
    planId,
    stopped,
    changes: () => state.changes(['CREATE', 'UPDATE', 'REACTIVATE', 'DEACTIVATE']),
    absent: () => absentUsers(state, options.absenceThreshold),
  });

  let applied: Applied | null = null;
  if (parts.openWriter === null) {
    if (shows) previewOthers(parts);
  } else if (!stopped) {
    account.enter('APPLY', observer);
    applied = await apply(parts, parts.openWriter(), absenceIsProven(collected), soFar.applied);
    account.enter('REMEMBER', observer);
    remember(parts, collected, learned, guards);
  }

  const failures = [
    ...collected.unusable,
    ...failuresBeforeSending(state),
    ...(applied?.failures ?? []),
    ...learned.failures.concat(closures.failures()),
  ];
  const waiting = isLimited(parts) ? [] : [...state.waitingFailures()];
  return {
    request: parts.request,
    verdict: collected.verdict,
    planned: state.planned(),
    ...carriedOut(applied ?? nothingApplied(), state.plannedResends()),
    deviating: parts.openWriter === null ? 0 : state.deviations.count(),
    unclaimed: learned.unclaimed,
    failures,
    waiting,
    guards,
    ...(scriptImpact === null ? {} : { scriptImpact }),
    instabilities: await unstable,
    headroom,
    planId,
    namesNotFound: collected.namesNotFound,
    namesLookedUpBy: parts.rules.filesAttributeName,
    requests: parts.reader.requests(),
    durationMs: performance.now() - startedMs,
    estimate: parts.openWriter === null ? estimate(state.planned(), parts.reader.pace?.()) : null,
    cost: account.finish(parts),
    exitCode: exitCodeOf(stopped, collected, failures.length + waiting.length),
  };
}

async function check(parts: RunParts): Promise<DirectoryFacts> {
  const facts = await parts.directory.check(parts.state.watermark());
  await parts.reader.check();
  parts.log.info(
    'LdapService',
    `${facts.url} is ${KINDS[facts.kind]}: users are ${facts.userFilter}, known by ${facts.identityAttribute}, changes by ${facts.changeTracking}.`,
  );
  tellUnmanaged(parts);
  return facts;
}

function tellUnmanaged({ rules, log }: RunParts): void {
  const managed = managedAttributes(rules.mapping);
  const left = USER_ATTRIBUTES.filter((name) => !managed.includes(name));
  if (left.length === 0) return;
  log.info(
    'SyncService',
    `Left as the service holds them, because their ldap.attrib properties are empty: ${left.join(', ')}.`,
  );
}

/** The one place that decides what an incomplete read may not do: nobody is absent from what was not read. */
function absenceIsProven({ verdict, wholeBase }: Collected): boolean {
  return wholeBase && verdict.complete;
}

function absenceCounts({ rules }: RunParts, collected: Collected): boolean {
  return rules.missedUserCheck && absenceIsProven(collected);
}

function showsPreviews({ openWriter, observer }: RunParts): boolean {
  return openWriter === null && observer.wantsPreviews !== false;
}

function compareOptions(parts: RunParts, collected: Collected, absence: AbsenceReport): CompareOptions {
  const { rules, request, log, observer } = parts;
  const threshold = rules.deactivateUserThreshold;
  return {
    scope: request.scope,
    managed: managedAttributes(rules.mapping),
    dependents: collected.readEverybody ? 'NONE' : collected.wholeBase ? 'PRESENT' : 'ALL',
    absenceIsProven: absenceIsProven(collected),
    keepUnknownManagers: !collected.verdict.complete || isLimited(parts),
    absenceThreshold: absenceCounts(parts, collected) ? threshold : null,
    // Shown as they are compared: a second look at everybody would take as long as the first.
    onCompared: showsPreviews(parts)
      ? (comparison, change) => {
          observer.preview(previewOf(comparison, change));
        }
      : null,
    onAbsent: (known) => {
      absence.add(absentUser(known, threshold));
    },
    onSpared: ({ confirmed, dn }) =>
      log.warn(
        'SyncService',
        `${confirmed?.userName ?? dn} is absent, but another entry claims this userName: not deactivated. If it is the same person, set scim.adopt.by=USER_NAME for one run.`,
      ),
  };
}

function* absentUsers(state: State, threshold: number | null): Iterable<AbsentUser> {
  if (threshold === null) return;
  for (const known of state.absentees()) yield absentUser(known, threshold);
}

function absentUser({ identity, dn, confirmed, missedCount }: KnownUser, threshold: number): AbsentUser {
  const user = confirmed?.userName ?? dn;
  return { identity, dn, user, missed: Math.min(missedCount + 1, threshold), threshold };
}

/** Never rejects: a check that cannot be made must not end a run. */
async function askAgain(
  { secondOpinion, log, signal }: RunParts,
  { sample, startedMs }: Collected,
): Promise<Instability[]> {
  if (secondOpinion === undefined) return [];
  try {
    const found = await findInstability(sample, secondOpinion, startedMs);
    for (const one of found) {
      log[one.cause === 'TIME' ? 'info' : 'warn']('ScriptService', instabilitySentence(one));
    }
    return found;
  } catch (error) {
    if (!signal.aborted) log.debug('ScriptService', `The scripts could not be asked again: ${String(error)}`);
    return [];
  }
}

/** What edited scripts change, told before anything is sent; `null` where they are those of the last live run. */
function scriptImpactOf(
  { state, former, log }: RunParts,
  { judged, judgedByFormer }: Collected,
  options: CompareOptions,
): ScriptImpact | null {
  if (former === undefined || !judgedByFormer) return null;
  const { changedScripts, since } = former;
  const impact = impactOf(state, { changedScripts, since }, judged, options);
  log.info('ScriptService', impactSentence(impact));
  return impact;
}

function* failuresBeforeSending(state: State): Iterable<FailedUser> {
  for (const { identity, userName, dn, failure } of state.failures()) {
    const { since, attempts } = state.failureOf(identity) ?? {};
    const age = since === undefined || attempts === undefined ? {} : { since, attempts };
    yield { user: userName ?? dn, dn, identity, failure, ...age };
  }
}

function remember(
  parts: RunParts,
  collected: Collected,
  learned: Learned,
  guards: readonly TrippedGuard[],
): void {
  const { state, request } = parts;
  const { verdict } = collected;
  const wholeRun = verdict.complete && !isLimited(parts);
  state.remember({
    failures: [...state.failures()],
    watermark: wholeRun && verdict.complete ? verdict.watermark : null,
    absence: !parts.rules.missedUserCheck ? 'FORGET' : absenceIsProven(collected) ? 'COUNT' : 'LEAVE',
    sawEverybody: absenceIsProven(collected),
    linkedBy: verdict.complete && collected.readEverybody ? collected.linkedBy : null,
    retriedEverybody: verdict.complete && collected.retriedEverybody,
    learned: learned.everybody,
    shortWalk: learned.shortWalk,
    showsDoubles: learned.showsDoubles,
    notFound: learned.notFound,
    sentEverybody: wholeRun && request.scope === 'FULL',
    wholeRun,
  });
  if (wholeRun) state.runs.noteWholeRun();
  if (guards.length === 0 || (request.approve ?? null) === null) return;
  // Only who has reviewed deactivations has approved them.
  state.runs.noteApproval(guards.some(({ property }) => property.startsWith('deactivate.')));
}

function carriedOut(
  { confirmed, adopted, resent }: Applied,
  planned: number,
): Pick<RunSummary, 'confirmed' | 'adopted' | 'resent'> {
  return { confirmed, adopted, resent: { planned, confirmed: resent } };
}

/** Every live run leaves a row, however it ends. */
function record(
  parts: RunParts,
  startedAt: Date,
  exitCode: ExitCode,
  counts: Readonly<Record<string, number>>,
): void {
  if (parts.openWriter === null) return;
  const { state, request, log } = parts;
  const durationMs = Date.now() - startedAt.getTime();
  const warning = overrun(durationMs, usualIntervalMs([startedAt, ...state.runs.starts()]));
  if (warning !== null) log.warn('SyncService', warning);
  const { mode, scope } = request;
  state.runs.add({ mode, scope, startedAt: startedAt.toISOString(), durationMs, exitCode, counts });
}

function exitCodeOf(stopped: boolean, collected: Collected, failed: number): ExitCode {
  if (stopped) return EXIT_CODES.GUARD;
  if (!collected.verdict.complete) return EXIT_CODES.DIRECTORY;
  if (failed > 0 || collected.namesNotFound.length > 0) return EXIT_CODES.USERS_FAILED;
  return EXIT_CODES.DONE;
}
