/** Warns of files that other accounts can read or change, and with them whom the service lets in. */

import { statSync } from 'node:fs';
import { SCRIPT_KEYS } from './run-rules.ts';
import type { Settings } from '../config/options.ts';
import type { LoadedSettings } from '../config/settings.ts';
import { keyFileWarning } from '../local/secrets-key.ts';
import { thisMachine } from '../local/secrets-machine.ts';

/** Group and all others. */
const WRITABLE_BY_OTHERS = 0o022;
const READABLE_BY_ALL = 0o004;

/**
 * One sentence for each file of the installation that is open to other accounts: the key of the passwords, the
 * private key of the client certificate, the configuration, and the three scripts, whose writer decides who is active.
 */
export function permissionWarnings({ path, settings }: LoadedSettings): string[] {
  const key = keyFileWarning(thisMachine(settings['secret.store']), path);
  const scripts = new Set(SCRIPT_KEYS.map((name) => settings[name]));
  return [
    ...(key === null ? [] : [key]),
    ...clientKeyWarning(settings),
    ...(isWritableByOthers(path) ? [`Other accounts can change ${path}; run chmod go-w on it.`] : []),
    ...[...scripts]
      .filter(isWritableByOthers)
      .map(
        (script) => `Other accounts can change ${script} and so decide who is active; run chmod go-w on it.`,
      ),
  ];
}

/** A group may be meant to read it; all accounts never are. */
function clientKeyWarning(settings: Settings): string[] {
  const cert = settings['ldap.connection.client.cert'];
  // Without a file of its own the key stands in that of the certificate.
  const path = cert === '' ? '' : settings['ldap.connection.client.key'] || cert;
  if (path === '' || !hasMode(path, READABLE_BY_ALL)) return [];
  return [
    `Every account can read ${path}, the private key by which c42uds binds to the directory; run chmod 600 on it.`,
  ];
}

function isWritableByOthers(path: string): boolean {
  return hasMode(path, WRITABLE_BY_OTHERS);
}

/** A file that is not there is reported by whoever needs it. */
function hasMode(path: string, bits: number): boolean {
  // Windows has no such bits; its files inherit the permissions of the folder.
  if (process.platform === 'win32') return false;
  try {
    return (statSync(path).mode & bits) !== 0;
  } catch {
    return false;
  }
}
