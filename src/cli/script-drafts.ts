/** The scripts that a command of the workbench looks at: those in force, or edited copies in a folder of their own. */

import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Settings } from '../config/options.ts';
import { RunError } from '../model/errors.ts';
import { SCRIPT_KINDS, type ScriptKind, type ScriptSet } from '../model/scripts.ts';
import type { Session } from './session.ts';

/** Absolute paths of the scripts, and where their cases are looked for. */
export type ScriptPaths = Readonly<Record<ScriptKind, string>>;

export function configuredScripts(settings: Settings): ScriptPaths {
  return {
    active: settings['script.active.location'],
    org: settings['script.org.location'],
    role: settings['script.role.location'],
  };
}

/**
 * The scripts of the configuration, each replaced by the file of the same name in the folder of drafts, where there is
 * one.
 * @throws RunError FILE_UNREADABLE where the folder holds none of them: a misspelt folder must not look like "no change"
 */
export function scriptPaths(settings: Settings, draftFolder: string | null, session: Session): ScriptPaths {
  const inForce = configuredScripts(settings);
  if (draftFolder === null) return inForce;
  const folder = resolve(session.cwd, draftFolder);
  const drafted = SCRIPT_KINDS.filter((kind) => existsSync(join(folder, basename(inForce[kind]))));
  if (drafted.length === 0) {
    const names = SCRIPT_KINDS.map((kind) => basename(inForce[kind])).join(', ');
    throw new RunError('FILE_UNREADABLE', `The folder ${folder} holds none of the scripts ${names}.`, {
      fix: 'Copy the scripts there, edit the copies, and name the folder with --draft.',
    });
  }
  const choose = (kind: ScriptKind): string =>
    drafted.includes(kind) ? join(folder, basename(inForce[kind])) : inForce[kind];
  return { active: choose('active'), org: choose('org'), role: choose('role') };
}

export async function readScriptsAt(paths: ScriptPaths): Promise<ScriptSet> {
  const { readScripts } = await import('../sandbox/script-file.ts');
  return readScripts(paths);
}
