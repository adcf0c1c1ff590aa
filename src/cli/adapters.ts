/** Opens the adapters with what the configuration says. Each is loaded when it is needed: `--version` needs none. */

import type { Settings } from '../config/options.ts';
import type { Directory, Judge } from '../model/ports.ts';
import type { Service } from '../scim/service.ts';
import type { Session } from './session.ts';

/**
 * An interruption closes it at once, whatever it waits for: reading is never worth waiting for.
 * @param bindPassword `null` where the configuration binds anonymously
 */
export async function openDirectoryOf(
  settings: Settings,
  bindPassword: string | null,
  session: Session,
): Promise<Directory> {
  const { openDirectory } = await import('../ldap/directory.ts');
  session.signal.throwIfAborted();
  const directory = openDirectory(settings, bindPassword, session.openLog.log);
  session.signal.addEventListener('abort', () => void directory.close(), { once: true });
  return directory;
}

/** @param knownOrgs organizations that the service has confirmed before: nobody waits for a first user of theirs */
export async function openServiceOf(
  settings: Settings,
  password: string,
  knownOrgs: Iterable<string>,
  session: Session,
): Promise<Service> {
  const { openService } = await import('../scim/service.ts');
  return openService({
    settings,
    password,
    log: session.openLog.log,
    signal: session.signal,
    knownOrgs,
    environment: session.env,
    userAgent: `c42uds/${session.version}`,
  });
}

export async function openJudgeOf(settings: Settings, session: Session): Promise<Judge> {
  const { openJudge } = await import('../sandbox/judge.ts');
  return openJudge({
    activeFile: settings['script.active.location'],
    orgFile: settings['script.org.location'],
    roleFile: settings['script.role.location'],
    timeoutMs: settings['script.timeout.period'],
    memoryLimitMb: settings['script.memory.limit'],
    log: session.openLog.log,
  });
}
