/** Runs the command-line tools of a real server to their end. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** @throws Error with what the tool wrote to standard error, unless it ends with code 0 */
export async function runTool(
  program: string,
  args: readonly string[],
  input = '',
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const child = spawn(program, args, {
    stdio: ['pipe', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  // A tool that gives up early says why on standard error.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${errors}`);
}
