/** Opens the adapters with what the configuration says. Each is loaded when it is needed: `--version` needs none. */

import type { Settings } from '../config/options.ts';
import type { Directory, Judge, UserReader, UserWriter } from '../model/ports.ts';
import type { Session } from './session.ts';

export interface Service {
  readonly reader: UserReader;
  openWriter(): UserWriter;
  close(): Promise<void>;
}

export async function openDirectoryOf(
  settings: Settings,
  bindPassword: string,
  session: Session,
): Promise<Directory> {
  const { openDirectory } = await import('../ldap/directory.ts');
  return openDirectory(settings, bindPassword, session.openLog.log);
}

export async function openServiceOf(
  settings: Settings,
  password: string,
  session: Session,
): Promise<Service> {
  const { openService } = await import('../scim/service.ts');
  return openService({ settings, password, environment: session.env, log: session.openLog.log });
}

export async function openJudgeOf(settings: Settings, session: Session): Promise<Judge> {
  const { openJudge } = await import('../sandbox/judge.ts');
  return openJudge({ settings, log: session.openLog.log });
}
