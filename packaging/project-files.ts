/** Which files of a folder belong to the project, and not to whoever has it on his disk. */

import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { runTool } from './tool.ts';

/**
 * Copies a file or folder of the project: what is under version control, and nothing else that lies there. A source tree
 * without history, as in a tarball, is taken as it is.
 * @param path relative to the project
 * @throws Error when nothing there is under version control, or some of it is missing
 */
export function copyTracked(project: string, path: string, target: string): void {
  if (!existsSync(join(project, '.git'))) {
    cpSync(join(project, path), target, { recursive: true });
    return;
  }
  const listed = runTool('git', ['ls-files', '-z', '--', path], { cwd: project });
  const files = listed.split('\0').filter((file) => file !== '');
  if (files.length === 0) throw new Error(`${path} is not under version control in ${project}`);
  for (const file of files) cpSync(join(project, file), join(target, file.slice(path.length)));
}
