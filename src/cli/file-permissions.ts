/** Warns of files that other accounts can read or change, and with them whom the service lets in. */

import { statSync } from 'node:fs';
import { SCRIPT_KEYS } from './run-rules.ts';
import type { Settings } from '../config/options.ts';
import { openFileComplaint, openFileWarning, type LoadedSettings } from '../config/settings.ts';
import { isKeyOpen, keyFilePath } from '../local/secrets-key.ts';
import { type Machine, thisMachine } from '../local/secrets-machine.ts';

/** Group and all others. */
const WRITABLE_BY_OTHERS = 0o022;
const READABLE_BY_ALL = 0o004;

/** A file that other accounts may read or change. */
export interface OpenFile {
  readonly path: string;
  /** A sentence without its full stop, which names the file. */
  readonly complaint: string;
  /** What chmod is to be given. */
  readonly mode: string;
}

/** The sentences of {@link openFiles} for a log, without what the configuration warns of itself. */
export function permissionWarnings(loaded: LoadedSettings): string[] {
  return openFiles(loaded)
    .map(({ complaint, mode }) => `${complaint}; run chmod ${mode} on it.`)
    .filter((warning) => !loaded.warnings.includes(warning));
}

/**
 * Each file of the installation that is open to other accounts, once: the key of the passwords, the private key of the
 * client certificate, the configuration, and the three scripts, whose writer decides who is active.
 */
export function openFiles({ path, settings, warnings }: LoadedSettings): OpenFile[] {
  const scripts = new Set(SCRIPT_KEYS.map((name) => settings[name]));
  return [
    ...openKey(thisMachine(settings['secret.store']), path),
    ...openClientKey(settings),
    ...openConfiguration(path, warnings),
    ...[...scripts].filter(isWritableByOthers).map((script) => ({
      path: script,
      complaint: `Other accounts can change ${script} and so decide who is active`,
      mode: 'go-w',
    })),
  ];
}

function openKey(machine: Machine, configPath: string): OpenFile[] {
  const path = keyFilePath(configPath);
  const complaint = `Other accounts can read ${path}, the key of the passwords`;
  return isKeyOpen(machine, configPath) ? [{ path, complaint, mode: '600' }] : [];
}

/** Whoever may read a configuration with a password in it can do the most harm, and what cures that cures a change. */
function openConfiguration(path: string, warnings: readonly string[]): OpenFile[] {
  if (warnings.includes(openFileWarning(path)))
    return [{ path, complaint: openFileComplaint(path), mode: '600' }];
  const complaint = `Other accounts can change ${path}`;
  return isWritableByOthers(path) ? [{ path, complaint, mode: 'go-w' }] : [];
}

/** A group may be meant to read it; all accounts never are. */
function openClientKey(settings: Settings): OpenFile[] {
  const cert = settings['ldap.connection.client.cert'];
  // Without a file of its own the key stands in that of the certificate.
  const path = cert === '' ? '' : settings['ldap.connection.client.key'] || cert;
  if (path === '' || !hasMode(path, READABLE_BY_ALL)) return [];
  const complaint = `Every account can read ${path}, the private key by which c42uds binds to the directory`;
  return [{ path, complaint, mode: '600' }];
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
