/** Where each property takes effect and which tests prove it: the hand-written half of `docs/properties.md`. */

import { DIRECTORY_EFFECTS } from './directory-effects.ts';
import { ACCOUNTS_SENT, effect, NEVER_IN_PLAIN_TEXT, provenIn, type Effect } from './effect.ts';
import type { OptionKey } from './options.ts';

const SERVICE = 'src/scim/service.ts';
const RULES = 'src/cli/run-rules.ts';
const ADAPTERS = 'src/cli/adapters.ts';
const CONFIGURATION = 'src/cli/configuration.ts';
const PASSWORDS = 'src/cli/passwords.ts';
const GUARD = 'src/sync/guard.ts';
const DEACTIVATION_GUARDS = 'src/sync/deactivation-guards.ts';
const CHANGE_GUARDS = 'src/sync/change-guards.ts';
const RUN = 'src/sync/run.ts';

const inService = provenIn('service');
const inMapping = provenIn('mapping');
const inScripts = provenIn('scripts');
const inRun = provenIn('run');
const inLocalFiles = provenIn('local-files');

const LAYOUT = effect(
  [SERVICE, 'src/scim/layout.ts'],
  inService('scim.org.attribute and scim.role.attribute name where the organization and the roles go'),
);
const SCRIPT_FILES = effect(
  [ADAPTERS, 'src/sandbox/script-file.ts', RULES],
  inScripts(
    'the three script.*.location properties name the files of the three functions, relative or absolute',
  ),
);
const MOST_DEACTIVATIONS = effect(
  [RULES, DEACTIVATION_GUARDS],
  inRun('deactivate.max.percent and deactivate.max.count stop a run that would deactivate more'),
);

export const EFFECTS: Readonly<Record<OptionKey, Effect>> = {
  ...DIRECTORY_EFFECTS,
  'driver.files.attribute.name': effect(
    [RULES, 'src/sync/collect.ts', 'src/ldap/search-plan.ts'],
    inMapping('driver.files.attribute.name is the attribute in which the names of --files are looked for'),
  ),
  'scim.baseurl': effect(
    SERVICE,
    inService('the service that scim.baseurl names gets the users, below its path'),
  ),
  'scim.username': effect(SERVICE, ACCOUNTS_SENT),
  'scim.password': effect([PASSWORDS, 'src/local/secrets.ts', SERVICE], ACCOUNTS_SENT, NEVER_IN_PLAIN_TEXT),
  'scim.client.threads': effect(
    [SERVICE, RULES, 'src/scim/throttle.ts', 'src/sync/apply.ts'],
    inService('scim.client.threads is the most requests that the service sees at once in a live run'),
    [
      'test/scim/transport.test.ts',
      'never more connections than scim.client.threads, however many users are sent at once',
    ],
    [
      'test/e2e/organizations.test.ts',
      '50 organizations that do not exist yet are each created exactly once',
    ],
  ),
  'scim.auth.type': effect(SERVICE, ACCOUNTS_SENT),
  'scim.org.attribute': LAYOUT,
  'scim.role.attribute': LAYOUT,
  'scim.update.method': effect(
    [SERVICE, 'src/scim/user-update.ts'],
    inService('scim.update.method decides between PATCH and PUT'),
    [
      'test/scim/update.test.ts',
      'case 42: a service without PATCH gets PUT for the rest of the run, and keeps what is not ours',
    ],
    ['test/scim/update.test.ts', 'case 42: scim.update.method=PATCH never falls back, and the user fails'],
  ),
  'scim.adopt.by': effect(
    [SERVICE, 'src/scim/outcome.ts', RULES, 'src/sync/learn.ts'],
    inService('scim.adopt.by decides in a run whether a user whom another tool provisioned becomes ours'),
    [
      'test/scim/create.test.ts',
      'case 7: a 409 for a user of another externalId is a conflict that names the userName',
    ],
    [
      'test/scim/create.test.ts',
      'case 7: with scim.adopt.by=USER_NAME the user of another externalId is adopted',
    ],
  ),
  'scim.connection.ca.file': effect(
    [SERVICE, 'src/scim/trust.ts'],
    ['test/scim/transport.test.ts', 'case 75: scim.connection.ca.file makes an own authority trusted'],
  ),
  'scim.connection.timeout.period': effect(
    [SERVICE, 'src/scim/line.ts'],
    inService('scim.connection.timeout.period bounds the connection, long before scim.read.timeout.period'),
  ),
  'scim.read.timeout.period': effect(
    [SERVICE, 'src/scim/exchange.ts'],
    [
      'test/scim/transport.test.ts',
      'cases 65, 66, 67: slow headers, a stalled body and a dribbling one all meet one deadline',
    ],
  ),
  'scim.max.attempts': effect(
    [SERVICE, 'src/scim/courier.ts'],
    inService('scim.max.attempts is how often a create is tried that never gets an answer'),
  ),
  'scim.requests.per.second': effect(
    [SERVICE, 'src/scim/throttle.ts'],
    inService('scim.requests.per.second sets the pace, and 0 sets none'),
  ),
  'script.active.location': SCRIPT_FILES,
  'script.org.location': SCRIPT_FILES,
  'script.role.location': SCRIPT_FILES,
  'script.timeout.period': effect(
    [ADAPTERS, 'src/sandbox/isolate.ts'],
    inScripts('script.timeout.period is the time that the scripts may take for one user'),
  ),
  'script.memory.limit': effect(
    [ADAPTERS, 'src/sandbox/isolate.ts'],
    inScripts('script.memory.limit is the memory that the scripts may use'),
  ),
  'workqueues.size': effect(
    [RULES, 'src/sync/reading.ts'],
    inRun('workqueues.size bounds the entries that are queued between the directory and the scripts'),
  ),
  'missed.user.check': effect(
    [RULES, 'src/sync/collect.ts', RUN],
    inRun('missed.user.check decides whether an absent user is counted and deactivated at all'),
  ),
  'deactivate.user.threshold': effect(
    [RULES, RUN],
    inRun('deactivate.user.threshold is the number of runs in a row that find a user absent'),
    inRun('deactivate.user.threshold below 2 is refused'),
  ),
  'deactivate.max.percent': MOST_DEACTIVATIONS,
  'deactivate.max.count': MOST_DEACTIVATIONS,
  'deactivate.org.max.percent': effect(
    [RULES, DEACTIVATION_GUARDS],
    inRun('deactivate.org.max.percent stops a run that would deactivate more of one organization'),
  ),
  'deactivate.unit.max.percent': effect(
    [RULES, DEACTIVATION_GUARDS, 'src/local/known-users.ts'],
    inRun('deactivate.unit.max.percent stops a run that would deactivate most of one unit for absence'),
  ),
  'guard.absent.max.percent': effect(
    [RULES, GUARD],
    inRun('guard.absent.max.percent stops a run that finds more of the known users absent'),
  ),
  'guard.created.max.percent': effect(
    [RULES, CHANGE_GUARDS, 'src/local/run-history.ts'],
    inRun(
      'guard.created.max.percent stops a run that would create many more users once everybody was synchronized',
    ),
    inRun(
      'a first synchronization that breaks off, or whose creations fail, is not taken for a search too wide',
    ),
  ),
  'guard.failed.max.percent': effect(
    [RULES, GUARD],
    inRun('guard.failed.max.percent stops a run whose scripts fail for more users'),
  ),
  'guard.cleared.max.percent': effect(
    [RULES, CHANGE_GUARDS],
    inRun('guard.cleared.max.percent stops a run that would clear an attribute of more users'),
  ),
  'guard.moved.max.percent': effect(
    [RULES, CHANGE_GUARDS],
    inRun('guard.moved.max.percent stops a run that would move more users to other organizations'),
  ),
  'deactivate.day.max.percent': effect(
    [RULES, DEACTIVATION_GUARDS, 'src/local/run-history.ts'],
    inRun(
      'deactivate.day.max.percent stops a run that deactivates too many together with the runs before it',
    ),
  ),
  'guard.replaced.max.percent': effect(
    [RULES, CHANGE_GUARDS],
    inRun('guard.replaced.max.percent stops a run that would give many another userName, email or manager'),
  ),
  'guard.reactivated.max.percent': effect(
    [RULES, CHANGE_GUARDS],
    inRun('guard.reactivated.max.percent stops a run that would make more deactivated users active again'),
  ),
  'state.location': effect(
    ['src/cli/sync-command.ts', 'src/local/state-file.ts'],
    inLocalFiles('state.location is where the state is kept, and another state knows nobody'),
  ),
  'state.keep': effect(
    ['src/cli/sync-command.ts', 'src/local/state-generations.ts'],
    inLocalFiles('state.keep is how many daily copies of the state file are kept'),
  ),
  'state.history.days': effect(
    ['src/cli/sync-command.ts', 'src/local/change-log.ts'],
    [
      'test/cli/history-command.test.ts',
      'state.history.days is how long confirmed changes are kept; 0 keeps none',
    ],
  ),
  'secret.store': effect(
    ['src/cli/passwords.ts', 'src/local/secrets-key.ts'],
    [
      'test/local/secrets.test.ts',
      'secret.store decides between key file and keychain, whatever the platform',
    ],
  ),
  'metrics.file': effect(
    'src/cli/run-end.ts',
    inLocalFiles('metrics.file gets the numbers of each live run, and no dry run touches it'),
    inLocalFiles('metrics.file says when the certificates of both servers end'),
    inLocalFiles('metrics.file tells of the certificate that ends first, be it that of the authority'),
  ),
  'notify.url': effect(
    ['src/cli/run-end.ts', 'src/report/notification.ts'],
    inLocalFiles('notify.url is told the end of each live run, signed with notify.secret, and fails none'),
    inLocalFiles(
      'notify.url, log lines, report and history of one run bear one id, under the names that run.json publishes',
    ),
  ),
  'notify.secret': effect(
    ['src/cli/run-end.ts', PASSWORDS, 'src/report/notification.ts'],
    inLocalFiles('notify.url is told the end of each live run, signed with notify.secret, and fails none'),
  ),
  'log.location': effect(
    [CONFIGURATION, 'src/local/log-files.ts'],
    inLocalFiles('log.location is the folder of the log, log.format its form'),
  ),
  'log.keep.days': effect(
    [CONFIGURATION, 'src/local/log-files.ts'],
    inLocalFiles('log.keep.days is for how many days log files are kept'),
  ),
  'log.keep.size': effect(
    [CONFIGURATION, 'src/local/log-files.ts', 'src/local/log-folder.ts'],
    inLocalFiles('log.file.size begins another file of the day, log.keep.size removes the oldest files'),
  ),
  'log.file.size': effect(
    [CONFIGURATION, 'src/local/log-files.ts'],
    inLocalFiles('log.file.size begins another file of the day, log.keep.size removes the oldest files'),
  ),
  'log.format': effect(
    [CONFIGURATION, 'src/local/log-files.ts'],
    inLocalFiles('log.location is the folder of the log, log.format its form'),
  ),
};
