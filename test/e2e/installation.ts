/** A folder with a configuration, three scripts and stored passwords, and the program run in it. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { writeInitialConfig, setProperty } from '../../src/config/configuration-changes.ts';
import type { OptionKey } from '../../src/config/options.ts';
import { PROGRAM, runProgram, startProgram, type Finished } from './command-line.ts';

export interface Scripts {
  readonly active: string;
  readonly org: string;
  readonly role: string;
}

export const SCRIPTS: Scripts = {
  active: 'function (entry) { return entry.userAccountControl !== "514"; }',
  org: 'function (entry) { return entry.department; }',
  role: 'function (entry) { return entry.employeeType === "Contractor" ? null : ["Desktop User", "PROe User"]; }',
};

type Properties = Partial<Record<OptionKey, string>>;

export class Installation {
  readonly folder = mkdtempSync(join(tmpdir(), 'c42uds-e2e-'));

  constructor(properties: Properties, scripts: Scripts = SCRIPTS) {
    writeInitialConfig(this.configPath, properties);
    this.writeScripts(scripts);
  }

  get configPath(): string {
    return this.path('config.properties');
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  writeScripts(scripts: Partial<Scripts>): void {
    for (const [name, text] of Object.entries(scripts)) {
      writeFileSync(this.path(`${name}script.js`), String(text));
    }
  }

  set(properties: Properties): void {
    for (const [key, value] of Object.entries(properties)) {
      setProperty(this.configPath, key as OptionKey, String(value));
    }
  }

  /** Stores both passwords with the program's own commands; the second one tests both connections. */
  async storePasswords(ldap: string, scim: string): Promise<Finished> {
    await this.run(['--ldap-bind-password'], `${ldap}\n`);
    return this.run(['--scim-password'], `${scim}\n`);
  }

  run(words: readonly string[], input = ''): Promise<Finished> {
    return runProgram(words, { cwd: this.folder, input });
  }

  /** As {@link run}, for runs that take long; output is not kept. */
  async runLong(words: readonly string[]): Promise<{ exitCode: number | null; seconds: number }> {
    const started = performance.now();
    const child = spawn(process.execPath, [PROGRAM, ...words], { cwd: this.folder, stdio: 'ignore' });
    const [exitCode] = (await once(child, 'exit')) as [number | null];
    return { exitCode, seconds: (performance.now() - started) / 1000 };
  }

  /** Starts a run and kills it after so many milliseconds, or as soon as `when` says yes: it is asked again and again. */
  async runAndKill(words: readonly string[], when: number | (() => Promise<boolean>)): Promise<void> {
    const child = startProgram(words, { cwd: this.folder });
    child.stdout.resume();
    child.stderr.resume();
    const closed = once(child, 'close');
    while (child.exitCode === null && child.signalCode === null) {
      if (typeof when === 'number') await Promise.race([closed, delay(when)]);
      if (typeof when === 'number' || (await when())) child.kill('SIGKILL');
    }
    await closed;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function assertExit(finished: Finished, exitCode: number): void {
  assert.equal(finished.exitCode, exitCode, `${finished.stdout}\n${finished.stderr}`);
}
