/** The scripts against real users: do the attributes that they read exist, and could a run judge and name its users? */

import { userNameAttributes } from '../../config/attribute-order.ts';
import type { LoadedSettings } from '../../config/settings.ts';
import { countsIn, rememberedStages } from '../../local/state-inspection.ts';
import { firstValueAmong, valuesOf, type Entry } from '../../model/entry.ts';
import { RunError } from '../../model/errors.ts';
import { counted } from '../../report/quantity.ts';
import type { TrialJudge } from '../../sandbox/judge.ts';
import { GIVEN_NAMES } from '../../sandbox/script-file.ts';
import { runRules } from '../run-rules.ts';
import { Check, doubtful, failing, fine, type AnyFinding, type Finding } from './check.ts';
import type { ReadOn, SomeUsers } from './directory-checks.ts';
import { UserCensus } from './user-census.ts';

interface Needs {
  readonly configuration: Check<LoadedSettings>;
  readonly scripts: Check<TrialJudge>;
  readonly users: Check<SomeUsers>;
  /** Everybody, page by page. */
  readonly readOn: ReadOn;
}

/** What has been found out of some users, or of everybody. */
interface Taken {
  readonly census: UserCensus;
  readonly isEverybody: boolean;
}

/** People whom a script is watched with, where its text does not tell what it reads. */
const WATCHED = 5;
/** So many names of organizations and roles show what the scripts say. */
const NAMED = 5;
const NOBODY_FIX =
  'Correct the Active script: c42uds script test tries it on single users, c42uds shows what a run would change.';
const SAMPLE_LIMIT_MS = 10_000;
/** Long enough for some hundred thousand users; whoever comes after them is taken to be like them. */
const READ_ON_LIMIT_MS = 30_000;

export function scriptChecks(needs: Needs): readonly Check<unknown>[] {
  const { configuration, scripts, users } = needs;
  const names = new Check<Taken | null>({
    id: 'user-names',
    stage: 'SCRIPTS',
    title: 'User names',
    needs: [users],
    limitMs: SAMPLE_LIMIT_MS + READ_ON_LIMIT_MS + 10_000,
    examine: async (signal) => {
      const taken = scripts.passed ? await takeCensus(needs, signal) : null;
      return namesFinding(users.value, taken, userNameAttributes(configuration.value.settings));
    },
  });
  const attributes = new Check({
    id: 'script-attributes',
    stage: 'SCRIPTS',
    title: 'Attributes',
    needs: [scripts, users],
    isAdvisory: true,
    examine: async () => {
      const sensitive = configuration.value.settings['ldap.schema.attributes.sensitive'];
      return attributesFinding(scripts.value, users.value.entries, sensitive);
    },
  });
  const sample = new Check({
    id: 'script-sample',
    stage: 'SCRIPTS',
    title: 'Sample',
    needs: [scripts, users, names],
    examine: () => {
      const known = countsIn(configuration.value.settings['state.location'])?.active ?? 0;
      return sampleFinding(names.value, known);
    },
  });
  return [names, attributes, sample];
}

/** The users who were read anyway; everybody, where those speak for a guard and there are more. */
async function takeCensus(
  { configuration, scripts, users, readOn }: Needs,
  signal: AbortSignal,
): Promise<Taken> {
  const { settings } = configuration.value;
  const remembered = rememberedStages(settings['state.location']);
  const begin = (): UserCensus => new UserCensus(runRules(settings), remembered);
  const judge = scripts.value;
  const { entries, isEverybody } = users.value;
  const some = begin();
  await some.judge(judge, entries, performance.now() + SAMPLE_LIMIT_MS);
  const isWhole = isEverybody && some.judged === entries.length;
  if (isEverybody || !(some.stopsARun || some.everybodyFails || some.nobodyActive))
    return { census: some, isEverybody: isWhole };
  // The first of many may be service accounts, who have no address: then a run can do its work all the same.
  const all = begin();
  const untilMs = performance.now() + READ_ON_LIMIT_MS;
  for await (const page of readOn(judge)) {
    signal.throwIfAborted();
    await all.judge(judge, page, untilMs);
    if (performance.now() > untilMs) return { census: all, isEverybody: false };
  }
  return { census: all, isEverybody: true };
}

function namesFinding(
  { entries, isEverybody }: SomeUsers,
  taken: Taken | null,
  names: readonly string[],
): AnyFinding<Taken | null> {
  const nameless = entries.filter((user) => firstValueAmong(user, names) === null);
  const attribute = names.join(' and no ');
  const found =
    nameless.length === 0
      ? `each of ${counted(entries.length, 'user')} has ${names.join(' or ')}`
      : `${nameless.length} of ${counted(entries.length, 'user')} have no ${attribute} (ldap.attrib.userName)`;
  const example = taken?.census.examples.MAPPING?.dn ?? nameless[0]?.dn ?? '';
  const fix = `Name another attribute in ldap.attrib.userName, or a further one behind it, or leave them out by ldap.search.filter; the first is ${example}.`;
  const failed = taken?.census.failed('MAPPING') ?? 0;
  if (taken === null || failed === 0) {
    if (nameless.length === 0) return fine(found, taken);
    if (taken === null) return doubtful(found, fix, taken);
    return isEverybody || taken.isEverybody
      ? fine(`${found}; none of them is active by the Active script`, taken)
      : doubtful(`${found}; none of them is active by the Active script`, fix, taken);
  }
  const { census } = taken;
  const active = `${failed} of ${usersOf(taken)} are active by the Active script and have no ${attribute} (ldap.attrib.userName)`;
  // A run that is stopped for both together is told of with the scripts, unless there are these alone.
  const alone = census.failed('SCRIPT') === 0;
  if (alone && !taken.isEverybody && census.stopsARun)
    return doubtful(`${active}: ${stopped(census)}, if the others are like them`, fix, taken);
  if (alone && census.stopsARun)
    return failing(new RunError('GUARD_TRIPPED', `${active}: ${stopped(census)}.`, { fix }), taken);
  if (alone && census.everybodyFails && taken.isEverybody)
    return failing(new RunError('USERS_FAILED', `${active}: nobody can be sent.`, { fix }), taken);
  return doubtful(`${active}: they fail, and a run ends with exit code 3`, fix, taken);
}

function usersOf({ census: { judged }, isEverybody }: Taken): string {
  return isEverybody ? counted(judged, 'user') : `the first ${counted(judged, 'user')}`;
}

function stopped({ limitPercent }: UserCensus): string {
  return `guard.failed.max.percent (${limitPercent} %) stops every run that reads them before its first write`;
}

async function attributesFinding(
  judge: TrialJudge,
  users: readonly Entry[],
  sensitive: readonly string[],
): Promise<Finding<null>> {
  const read = new Map<string, string>();
  for (const name of await namesRead(judge, users)) {
    // What c42uds works out itself is on no entry.
    if (!GIVEN_NAMES.includes(name.toLowerCase()) && judge.names(name) !== null)
      read.set(name.toLowerCase(), name);
  }
  const hidden = new Set(sensitive.map((name) => name.toLowerCase()));
  const absent = [...read].filter(([, name]) => users.every((user) => valuesOf(user, name).length === 0));
  if (absent.length === 0)
    return fine(`the ${counted(read.size, 'attribute')} that scripts read are there`, null);
  const told = absent.map(([key, name]) =>
    hidden.has(key)
      ? `${judge.names(name) ?? name}, which ldap.schema.attributes.sensitive hides from scripts`
      : `${judge.names(name) ?? name}, which none of ${counted(users.length, 'user')} has`,
  );
  const fix =
    'Correct the name in the script; if it is right, give ldap.bind.user the right to read the attribute.';
  return doubtful(told.join('; '), fix, null);
}

/** By the text of the scripts where it tells, else by what they ask for while they judge a few. */
async function namesRead(judge: TrialJudge, users: readonly Entry[]): Promise<readonly string[]> {
  const named = judge.named ?? null;
  if (named !== null) return named.reads;
  const names: string[] = [];
  for (const user of spread(users, WATCHED))
    for (const trial of await judge.tryOn(user)) names.push(...trial.read, ...trial.absent);
  return names;
}

/** @param known how many are active in the service as far as the state knows */
function sampleFinding(taken: Taken | null, known: number): AnyFinding<null> {
  if (taken === null) throw new RunError('SCRIPT_INVALID', 'The scripts could not be tried.');
  const { census } = taken;
  const details = census.active === 0 ? '' : `; org ${someOf(census.orgs)}; roles ${someOf(census.roles)}`;
  const message = `${census.active} of ${usersOf(taken)} active${details}`;
  const failed = census.failed('SCRIPT');
  if (census.nobodyActive) return doubtful(`${message}: ${withNobody(taken, known)}`, NOBODY_FIX, null);
  if (failed === 0) return fine(message, null);
  const { dn, message: why } = census.examples.SCRIPT ?? { dn: '', message: '' };
  const fix = 'Correct the script at the named line; c42uds script test tries it on single users.';
  const share = failed === census.judged ? `each of ${usersOf(taken)}` : `${failed} of ${usersOf(taken)}`;
  const nameless = census.failed('MAPPING');
  const others = nameless === 0 ? '' : ` (and ${nameless} have no userName)`;
  const told = `The scripts fail for ${share}${others}`;
  if (census.stopsARun && !taken.isEverybody)
    return doubtful(`${told}: ${stopped(census)}, if the others are like them. ${dn}: ${why}`, fix, null);
  if (census.stopsARun)
    return failing(
      new RunError('GUARD_TRIPPED', `${told}: ${stopped(census)}. ${dn}: ${why}`, { fix }),
      null,
    );
  if (census.everybodyFails && taken.isEverybody)
    return failing(new RunError('USERS_FAILED', `${told}. ${dn}: ${why}`, { fix }), null);
  return doubtful(`${message}; ${failed} fail, and a run ends with exit code 3: ${dn}: ${why}`, fix, null);
}

function withNobody({ isEverybody }: Taken, known: number): string {
  const like = isEverybody ? '' : ', if the others are like them';
  const deactivated =
    known === 0
      ? ''
      : `; ${counted(known, 'known active user')} would be deactivated, or a guard stops the run`;
  return `nobody would be provisioned${deactivated}${like}`;
}

function someOf(names: ReadonlySet<string>): string {
  const more = names.size - NAMED;
  return [...names].slice(0, NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** So many, from the whole list: the first ones are often of one kind. */
function spread(users: readonly Entry[], most: number): Entry[] {
  if (users.length <= most) return [...users];
  const at = Array.from({ length: most }, (_, n) => Math.floor((n * users.length) / most));
  return at.flatMap((index) => users[index] ?? []);
}
