/** The directory itself: bind, search base, users, paging, rights, and what is particular about the server. */

import type { Settings } from '../../config/options.ts';
import type { LoadedSettings } from '../../config/settings.ts';
import { DirectoryVisit } from '../../ldap/directory-visit.ts';
import { formatServer, type ServerAddress } from '../../ldap/server-url.ts';
import { countsIn } from '../../local/state-inspection.ts';
import type { Entry } from '../../model/entry.ts';
import { RunError } from '../../model/errors.ts';
import type { Directory, DirectoryFacts, DirectoryQuery } from '../../model/ports.ts';
import { counted } from '../../report/quantity.ts';
import type { TrialJudge } from '../../sandbox/judge.ts';
import { HANDFUL } from '../../sync/tally.ts';
import { openDirectoryOf } from '../adapters.ts';
import { Check, doubtful, fine, type AnyFinding, type Finding } from './check.ts';
import type { Consultation } from './consultation.ts';
import { absenceFinding } from './known-users.ts';
import { patiently } from './patience.ts';
import { serverChecks } from './directory-server-checks.ts';

export interface DirectoryChecks {
  readonly users: Check<SomeUsers>;
  readonly readOn: ReadOn;
  readonly all: readonly Check<unknown>[];
}

export interface DirectoryNeeds {
  readonly configuration: Check<LoadedSettings>;
  readonly bindPassword: Check<string | null>;
  readonly scripts: Check<TrialJudge>;
  readonly chosen: Check<ServerAddress>;
}

/** Some of the users whom the filter finds, with all that scripts may look at. */
export interface SomeUsers {
  readonly entries: readonly Entry[];
  readonly isEverybody: boolean;
}

/** Everybody, page by page, with what these scripts may look at; to be called after `users` has passed. */
export type ReadOn = (judge: TrialJudge) => AsyncIterable<readonly Entry[]>;

/** So many users show which attributes there are. */
const SAMPLE = 200;
/** Small enough for two pages in almost any directory. */
const TRIAL_PAGE = 2;
/** An unindexed filter over a large directory takes its time, and a run would wait for it. */
const SEARCH_LIMIT_MS = 60_000;
const CONNECT_LIMIT_MS = 45_000;
/** More users than these are not counted: a pre-check must not cost what the run does. */
const KNOWN_AT_MOST = 20_000;
const COUNT_LIMIT_MS = 15_000;

export function directoryChecks(consultation: Consultation, needs: DirectoryNeeds): DirectoryChecks {
  const { configuration, bindPassword, scripts, chosen } = needs;
  const stage = 'DIRECTORY';
  const bind = bindCheck(consultation, needs);
  const base = new Check({
    id: 'directory-base',
    stage,
    title: 'Search base',
    needs: [bind],
    limitMs: CONNECT_LIMIT_MS,
    examine: async () => {
      const { settings } = configuration.value;
      const directory = await openAt(settings['ldap.paging.size']);
      return baseFinding(directory, await directory.check(), settings);
    },
  });
  const users = new Check({
    id: 'directory-users',
    stage,
    title: 'Users',
    needs: [base],
    limitMs: SEARCH_LIMIT_MS,
    examine: async () => {
      const { directory, facts } = base.value;
      const also = scripts.passed ? (scripts.value.named?.reads ?? []) : [];
      const some = await sample(directory, { attributes: 'ALL', also }, SAMPLE);
      return heldToTheState(directory, some, usersFinding(some, facts), {
        settings: configuration.value.settings,
        facts,
      });
    },
  });
  const paging = new Check({
    id: 'directory-paging',
    stage,
    title: 'Paging',
    needs: [users],
    limitMs: SEARCH_LIMIT_MS,
    isAdvisory: true,
    examine: async () => {
      if (!bind.value.rootDse.paging) {
        const message = 'the server has no paged results (RFC 2696): its size limit may cut a read short';
        return doubtful(message, 'Raise the size limit for ldap.bind.user.', null);
      }
      const directory = await openAt(TRIAL_PAGE);
      await directory.check();
      return pagingFinding(await sample(directory, { attributes: 'IDENTITIES' }, TRIAL_PAGE + 1));
    },
  });
  /** The directory of a run, held to the server that has been looked at, and asked once. */
  async function openAt(pageSize: number): Promise<Directory> {
    const settings: Settings = {
      ...configuration.value.settings,
      'ldap.baseurl': formatServer(chosen.value),
      'ldap.max.attempts': 1,
      'ldap.paging.size': pageSize,
    };
    const directory = await openDirectoryOf(settings, bindPassword.value, consultation.session);
    consultation.atEnd(() => directory.close());
    return directory;
  }
  async function* readOn(judge: TrialJudge): AsyncIterable<readonly Entry[]> {
    const directory = await openAt(configuration.value.settings['ldap.paging.size']);
    await directory.check();
    const also = judge.named?.reads ?? [];
    const read = directory.read({ attributes: 'ALL', also, since: null, extraFilter: null, anyOf: null });
    for await (const { entries } of read.pages) yield entries;
  }
  const server = serverChecks({ configuration, bind, base, scripts });
  return { users, readOn, all: [bind, base, users, paging, ...server] };
}

/** The bind, and what the server says of itself then. */
function bindCheck(
  consultation: Consultation,
  { configuration, bindPassword, chosen }: DirectoryNeeds,
): Check<DirectoryVisit> {
  return new Check({
    id: 'directory-bind',
    stage: 'DIRECTORY',
    title: 'Bind',
    needs: [chosen, bindPassword],
    limitMs: CONNECT_LIMIT_MS,
    examine: async (signal) => {
      const { settings } = configuration.value;
      const { log } = consultation.session.openLog;
      const options = { settings, bindPassword: bindPassword.value, log, signal };
      const again = {
        attempts: settings['ldap.max.attempts'],
        delayMs: settings['ldap.delay.between.attempts'],
      };
      const visit = await patiently({ ...again, signal }, () => DirectoryVisit.begin(chosen.value, options));
      consultation.atEnd(() => visit.end());
      const method = settings['ldap.bind.authtype'];
      const who = method === 'SIMPLE' ? settings['ldap.bind.user'] : method;
      return fine(`as ${who}; ${kindInWords(visit.rootDse.kind)}`, visit);
    },
  });
}

function kindInWords(kind: DirectoryFacts['kind']): string {
  const names = {
    ACTIVE_DIRECTORY: 'Active Directory',
    OPENLDAP: 'OpenLDAP',
    '389_DIRECTORY_SERVER': '389 Directory Server',
    GENERIC: 'a directory of a kind that is not known',
  };
  return names[kind];
}

interface Opened {
  readonly directory: Directory;
  readonly facts: DirectoryFacts;
}

function baseFinding(directory: Directory, facts: DirectoryFacts, settings: Settings): Finding<Opened> {
  const tracking =
    facts.changeTracking === 'COMPARE'
      ? 'every run reads everything'
      : `changes by ${facts.changeTracking === 'USN_CHANGED' ? 'USN' : 'time'}`;
  const message = `${settings['ldap.baseDn']}; users known by ${facts.identityAttribute}, ${tracking}`;
  return fine(message, { directory, facts });
}

interface Sample {
  readonly entries: readonly Entry[];
  readonly unusable: readonly string[];
  /** Whether there may be more. */
  readonly cut: boolean;
  /** Why the read ended before its time; `null` where it did not. */
  readonly problem: string | null;
}

async function sample(
  directory: Directory,
  query: Pick<DirectoryQuery, 'attributes' | 'also'>,
  most: number,
  untilMs = Infinity,
): Promise<Sample> {
  const read = directory.read({ ...query, since: null, extraFilter: null, anyOf: null });
  const entries: Entry[] = [];
  const unusable: string[] = [];
  for await (const page of read.pages) {
    entries.push(...page.entries);
    unusable.push(...page.unusable.map(({ dn, message }) => `${dn}: ${message}`));
    if (entries.length >= most || performance.now() > untilMs)
      return { entries: entries.slice(0, most), unusable, cut: true, problem: null };
  }
  const verdict = read.verdict();
  return { entries, unusable, cut: false, problem: verdict.complete ? null : verdict.reason };
}

function usersFinding(
  { entries, unusable, cut, problem }: Sample,
  facts: DirectoryFacts,
): Finding<SomeUsers> {
  if (entries.length === 0 && problem !== null)
    throw new RunError('DIRECTORY_INCOMPLETE', `Nobody could be read: ${problem}.`);
  if (entries.length === 0) {
    const message = `The search finds nobody: no entry below ldap.baseDn matches ${facts.userFilter}, or ldap.bind.user may not see any. A guard stops every run that reads everybody, and no approval lifts it.`;
    throw new RunError('GUARD_TRIPPED', message, {
      fix: 'Check ldap.baseDn, ldap.search.filter and the rights of ldap.bind.user.',
    });
  }
  const users = { entries, isEverybody: !cut && problem === null };
  const found = `${cut ? 'at least ' : ''}${counted(entries.length, 'user')} by ${facts.userFilter}`;
  if (problem !== null)
    return doubtful(
      `${found}, but the read is incomplete: ${problem}. A run goes on with those it has read, and ends with exit code 4`,
      'Mend the named cause: nobody is counted absent until then.',
      users,
    );
  if (unusable.length === 0) return fine(found, users);
  const message = `${found}; ${counted(unusable.length, 'entry', 'entries')} cannot be used: ${unusable[0] ?? ''}. So no read is complete: a run goes on with the others, and ends with exit code 4`;
  return doubtful(message, 'Mend the entry, or the right of ldap.bind.user to read it whole.', users);
}

/** The finding, unless more known users are missing from everybody whom the search finds than a guard lets pass. */
async function heldToTheState(
  directory: Directory,
  some: Sample,
  finding: Finding<SomeUsers>,
  { settings, facts }: { readonly settings: Settings; readonly facts: DirectoryFacts },
): Promise<AnyFinding<SomeUsers>> {
  const known = countsIn(settings['state.location'])?.active ?? 0;
  if (finding.status !== 'OK' || known <= HANDFUL || known > KNOWN_AT_MOST) return finding;
  const query = { attributes: 'IDENTITIES' } as const;
  const untilMs = performance.now() + COUNT_LIMIT_MS;
  const all = some.cut ? await sample(directory, query, 2 * KNOWN_AT_MOST, untilMs) : some;
  if (all.cut || all.problem !== null || all.unusable.length > 0) return finding;
  const identities = new Set(all.entries.map(({ identity }) => identity));
  const found = `${counted(identities.size, 'user')} by ${facts.userFilter}`;
  return absenceFinding(found, identities, settings, finding.value);
}

function pagingFinding({ entries, problem }: Sample): Finding<null> {
  if (problem !== null) throw new RunError('DIRECTORY_INCOMPLETE', `Pages cannot be turned: ${problem}.`);
  if (entries.length > TRIAL_PAGE) return fine('the second page follows the first', null);
  return fine(`not tried: ${counted(entries.length, 'user')} fit on one page`, null);
}
