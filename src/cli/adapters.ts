/** Opens the adapters with what the configuration says. Each is loaded when it is needed: `--version` needs none. */

import type { Settings } from '../config/options.ts';
import type { Directory } from '../model/ports.ts';
import { managedAttributes } from '../model/run.ts';
import type { ScriptSet } from '../model/scripts.ts';
import type { TrialJudge } from '../sandbox/judge.ts';
import type { Service } from '../scim/service.ts';
import type { SecondOpinion } from '../sync/instability.ts';
import { runRules } from './run-rules.ts';
import type { Session } from './session.ts';

/**
 * An interruption closes it at once, whatever it waits for: reading is never worth waiting for.
 * @param bindPassword `null` where the configuration binds anonymously
 * @param onCertificate told when the first certificate of the server's chain ends, where there is one
 */
export async function openDirectoryOf(
  settings: Settings,
  bindPassword: string | null,
  session: Session,
  onCertificate?: (endsMs: number) => void,
): Promise<Directory> {
  const { openDirectory } = await import('../ldap/directory.ts');
  session.signal.throwIfAborted();
  const directory = openDirectory(
    settings,
    bindPassword,
    session.openLog.log,
    onCertificate === undefined ? {} : { onCertificate },
  );
  session.signal.addEventListener('abort', () => void directory.close(), { once: true });
  return directory;
}

/** @param knownOrgs organizations that the service has confirmed before: nobody waits for a first user of theirs */
export async function openServiceOf(
  settings: Settings,
  password: string,
  knownOrgs: Iterable<string>,
  session: Session,
  onCertificate?: (endsMs: number) => void,
): Promise<Service> {
  const { openService } = await import('../scim/service.ts');
  return openService({
    settings,
    managed: managedAttributes(runRules(settings).mapping),
    password,
    log: session.openLog.log,
    signal: session.signal,
    knownOrgs,
    environment: session.env,
    userAgent: `c42uds/${session.version}`,
    ...(onCertificate === undefined ? {} : { onCertificate }),
  });
}

/** The texts of the three scripts as they are now. @throws RunError FILE_UNREADABLE, SCRIPT_INVALID */
export async function readScriptsOf(settings: Settings): Promise<ScriptSet> {
  const { readScripts } = await import('../sandbox/script-file.ts');
  return readScripts({
    active: settings['script.active.location'],
    org: settings['script.org.location'],
    role: settings['script.role.location'],
  });
}

/** @param clockMs what the scripts are to take for now; absent: the real time */
export async function openJudgeOf(
  settings: Pick<Settings, 'script.timeout.period' | 'script.memory.limit'>,
  scripts: ScriptSet,
  session: Session,
  clockMs?: number,
): Promise<TrialJudge> {
  const { openJudge } = await import('../sandbox/judge.ts');
  return openJudge({
    scripts,
    timeoutMs: settings['script.timeout.period'],
    memoryLimitMb: settings['script.memory.limit'],
    log: session.openLog.log,
    ...(clockMs === undefined ? {} : { clockMs }),
  });
}

/** The same scripts in fresh processes, for whoever asks a second time. */
export function secondOpinionOf(settings: Settings, scripts: ScriptSet, session: Session): SecondOpinion {
  return {
    names: { active: scripts.active.name, org: scripts.org.name, role: scripts.role.name },
    openAt: (clockMs) => openJudgeOf(settings, scripts, session, clockMs),
  };
}
