/** The scripts against real users: do the attributes that they read exist, and what do they say of a few people? */

import type { LoadedSettings } from '../../config/settings.ts';
import type { Judgement } from '../../model/decision.ts';
import { firstValueOf, valuesOf, type Entry } from '../../model/entry.ts';
import { RunError } from '../../model/errors.ts';
import { counted } from '../../report/quantity.ts';
import type { TrialJudge } from '../../sandbox/judge.ts';
import { GIVEN_NAMES } from '../../sandbox/script-file.ts';
import { Check, doubtful, fine, type Finding } from './check.ts';
import type { SomeUsers } from './directory-checks.ts';

interface Needs {
  readonly configuration: Check<LoadedSettings>;
  readonly scripts: Check<TrialJudge>;
  readonly users: Check<SomeUsers>;
}

/** People who are judged. */
const JUDGED = 5;
/** A guard stops a run in which more than this share of the users fails. */
const MOST_NAMELESS = 0.2;

export function scriptChecks({ configuration, scripts, users }: Needs): readonly Check<unknown>[] {
  const names = new Check({
    id: 'user-names',
    stage: 'SCRIPTS',
    title: 'User names',
    needs: [users],
    examine: () => namesFinding(users.value, configuration.value.settings['ldap.attrib.userName']),
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
    needs: [scripts, users],
    limitMs: 30_000,
    examine: () => sampleFinding(scripts.value, users.value),
  });
  return [names, attributes, sample];
}

function namesFinding({ entries: users, isEverybody }: SomeUsers, attribute: string): Finding<null> {
  const nameless = users.filter((user) => firstValueOf(user, attribute) === null);
  const of = `${nameless.length} of ${counted(users.length, 'user')} have no ${attribute} (ldap.attrib.userName)`;
  if (nameless.length === 0) return fine(`each of ${counted(users.length, 'user')} has ${attribute}`, null);
  const fix = `Name another attribute in ldap.attrib.userName, or leave them out by ldap.search.filter; the first is ${nameless[0]?.dn ?? ''}.`;
  // The first of many may be service accounts, who have no address: then a run can do its work all the same.
  if (nameless.length === users.length && isEverybody)
    throw new RunError('CONFIG_INVALID', `${of}: nobody can be sent.`, { fix });
  const message = nameless.length > MOST_NAMELESS * users.length ? `${of}: a guard may stop the run` : of;
  return doubtful(message, fix, null);
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
  for (const user of spread(users, JUDGED))
    for (const trial of await judge.tryOn(user)) names.push(...trial.read, ...trial.absent);
  return names;
}

async function sampleFinding(judge: TrialJudge, { entries, isEverybody }: SomeUsers): Promise<Finding<null>> {
  const { chosen, judgements } = await judgeSome(judge, entries);
  const decisions = judgements.flatMap((one) => (one.ok ? [one.decision] : []));
  const failures = judgements.flatMap((one, at) =>
    one.ok ? [] : [`${chosen[at]?.dn ?? ''}: ${one.failure.message}`],
  );
  const active = decisions.filter((decision) => decision.active);
  const orgs = [...new Set(active.map(({ org }) => org ?? 'left to the service'))];
  const roles = [...new Set(active.flatMap(({ roles: some }) => some ?? ['left to the service']))];
  const details = active.length === 0 ? '' : `; org ${orgs.join(', ')}; roles ${roles.join(', ')}`;
  const message = `${active.length} of ${counted(chosen.length, 'user')} active${details}`;
  if (failures.length === 0) return fine(message, null);
  const first = failures[0] ?? '';
  if (decisions.length === 0 && isEverybody)
    throw new RunError(
      'SCRIPT_INVALID',
      `The scripts fail for each of ${counted(chosen.length, 'user')}. ${first}.`,
    );
  return doubtful(`${message}; ${failures.length} fail: ${first}`, 'Correct the script.', null);
}

/** A few; all, where none of the few could be judged: they may be of one kind. */
async function judgeSome(
  judge: TrialJudge,
  users: readonly Entry[],
): Promise<{ chosen: readonly Entry[]; judgements: readonly Judgement[] }> {
  const few = spread(users, JUDGED);
  const judgements = await judge.judge(few);
  if (judgements.some(({ ok }) => ok)) return { chosen: few, judgements };
  return { chosen: users, judgements: await judge.judge(users) };
}

/** So many, from the whole list: the first ones are often of one kind. */
function spread(users: readonly Entry[], most: number): Entry[] {
  if (users.length <= most) return [...users];
  const at = Array.from({ length: most }, (_, n) => Math.floor((n * users.length) / most));
  return at.flatMap((index) => users[index] ?? []);
}
