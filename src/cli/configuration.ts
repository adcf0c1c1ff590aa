/** Finds the configuration of a command, loads it, and opens the log files that it asks for. */

import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { loadSettings } from '../config/settings.ts';
import type { LoadedSettings } from '../config/settings.ts';
import { openLogFiles } from '../local/log-files.ts';
import { permissionWarnings } from './file-permissions.ts';
import type { Session } from './session.ts';

const FILE_NAME = 'config.properties';

/**
 * Absolute path of the configuration: the one given, else that of the current folder, else that of the program's
 * folder, where the original kept it. Where there is none yet: where set-up is to write it, which is the program's
 * folder for somebody who stands in it or in its `bin` as the vendor's article says, and the current folder for all
 * others.
 */
export function configurationPath(
  given: string | null,
  place: Pick<Session, 'cwd' | 'programFolder'>,
  exists: (path: string) => boolean = existsSync,
): string {
  if (given !== null) return resolve(place.cwd, given);
  const here = join(place.cwd, FILE_NAME);
  const there = join(place.programFolder, FILE_NAME);
  if (exists(here)) return here;
  if (exists(there) || resolve(place.cwd) === join(place.programFolder, 'bin')) return there;
  return here;
}

/**
 * Loads the configuration, tells its warnings, and from then on writes the log to its files.
 * @throws RunError NOT_CONFIGURED, CONFIG_INVALID, FILE_UNREADABLE, FOLDER_READ_ONLY
 */
export function openConfiguration(path: string, session: Session): LoadedSettings {
  const loaded = loadSettings(path);
  const { log } = session.openLog;
  const warn = (message: string): void => {
    log.warn('main', message);
  };
  session.openLog.addDestination(
    openLogFiles({
      folder: loaded.settings['log.location'],
      keepDays: loaded.settings['log.keep.days'],
      keepBytes: loaded.settings['log.keep.size'] * 1e6,
      fileBytes: loaded.settings['log.file.size'] * 1e6,
      format: loaded.settings['log.format'],
      onLost: warn,
      onExposed: warn,
    }),
  );
  if (session.openLog.level === 'trace') {
    log.info(
      'main',
      `Every message of LDAP and SCIM goes to the log files in ${loaded.settings['log.location']} (lines of run ${session.openLog.runId}), and with them personal data, but no password: remove them when you are done.`,
    );
  }
  log.debug('main', `Configuration ${basename(path)} read from ${path}`);
  for (const warning of [...loaded.warnings, ...permissionWarnings(loaded)]) warn(warning);
  return loaded;
}
