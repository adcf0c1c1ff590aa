/** `c42uds state check` and `c42uds state rebuild`: the way out when the state file is in doubt. */

import { EXIT_CODES, RunError, type ExitCode } from '../model/errors.ts';
import type { Settings } from '../config/options.ts';
import { openServiceOf } from './adapters.ts';
import { configurationPath, openConfiguration } from './configuration.ts';
import type { StateInvocation } from './invocation.ts';
import { openPasswords } from './passwords.ts';
import type { Session } from './session.ts';

/** @throws RunError STATE_DAMAGED and the like for a check; LOCKED, SERVICE_UNREACHABLE and the like for a rebuild */
export async function lookAfterState(invocation: StateInvocation, session: Session): Promise<ExitCode> {
  const loaded = openConfiguration(configurationPath(invocation.configPath, session), session);
  if (invocation.action === 'CHECK') return check(loaded.settings, session);
  const { scimPassword } = await openPasswords(loaded, session.openLog);
  return rebuild(loaded.settings, scimPassword, session);
}

async function check(settings: Settings, { openLog }: Session): Promise<ExitCode> {
  const { inspectState } = await import('../local/state-inspection.ts');
  const path = settings['state.location'];
  const say = (text: string): void => openLog.log.info('main', text);
  const report = inspectState(path);
  if (report === null) {
    say(`There is no state file at ${path} yet: the next run reads everybody.`);
    return EXIT_CODES.DONE;
  }
  say(`The state file ${path} is whole (${(report.sizeBytes / 1e6).toFixed(1)} MB).`);
  say(`  service          ${report.service ?? 'none yet'}`);
  say(`  latest live run  ${report.latestRun ?? 'none yet'}`);
  say(`  users known      ${report.known}, ${report.active} of them active`);
  say(`  failing          ${report.failed}`);
  say(`  absent           ${report.absent}`);
  for (const copy of report.copies) say(`  copy             ${copy}`);
  return EXIT_CODES.DONE;
}

async function rebuild(settings: Settings, password: string, session: Session): Promise<ExitCode> {
  const { log } = session.openLog;
  const { acquireRunLock } = await import('../local/run-lock.ts');
  const { setStateAside } = await import('../local/state-inspection.ts');
  const path = settings['state.location'];
  const lock = acquireRunLock(`${path}.lock`);
  const service = await openServiceOf(settings, password, [], session);
  try {
    // First that the service answers: without it nothing could be learned, and the old file is better than none.
    await service.reader.check();
    const held = await service.reader.count();
    if (held === null) {
      throw new RunError('SERVICE_REFUSED', `${settings['scim.baseurl']} does not list its users.`, {
        fix: 'Delete the state file yourself: each user is then found one by one when he is created again.',
      });
    }
    const aside = setStateAside(path, new Date());
    log.info(
      'main',
      aside === null ? `There was no state file at ${path}.` : `The state file was moved to ${aside}.`,
    );
    log.info(
      'main',
      `The service holds ${held} users. The next run, dry or live, learns them from its list.`,
    );
    return EXIT_CODES.DONE;
  } finally {
    lock.release();
    await service.close();
  }
}
