/** Warns of files that other accounts can read or change, and with them whom the service lets in. */

import { statSync } from 'node:fs';
import { SCRIPT_KEYS } from './run-rules.ts';
import type { LoadedSettings } from '../config/settings.ts';
import { keyFileWarning } from '../local/secrets-key.ts';
import { thisMachine } from '../local/secrets-machine.ts';

/** Group and all others. */
const WRITABLE_BY_OTHERS = 0o022;

/**
 * One sentence for each file of the installation that is open to other accounts: the key of the passwords, the
 * configuration, and the three scripts, whose writer decides who is active.
 */
export function permissionWarnings({ path, settings }: LoadedSettings): string[] {
  const key = keyFileWarning(thisMachine(settings['secret.store']), path);
  const scripts = new Set(SCRIPT_KEYS.map((name) => settings[name]));
  return [
    ...(key === null ? [] : [key]),
    ...(isWritableByOthers(path) ? [`Other accounts can change ${path}; run chmod go-w on it.`] : []),
    ...[...scripts]
      .filter(isWritableByOthers)
      .map(
        (script) => `Other accounts can change ${script} and so decide who is active; run chmod go-w on it.`,
      ),
  ];
}

/** A file that is not there is reported by whoever needs it. */
function isWritableByOthers(path: string): boolean {
  // Windows has no such bits; its files inherit the permissions of the folder.
  if (process.platform === 'win32') return false;
  try {
    return (statSync(path).mode & WRITABLE_BY_OTHERS) !== 0;
  } catch {
    return false;
  }
}
