/** The whole program in this process: a folder with a configuration, real servers on both sides, and runs on demand. */

import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import { sealPassword } from '../../src/cli/passwords.ts';
import { openProgram } from '../../src/cli/program.ts';
import { setProperty, writeInitialConfig } from '../../src/config/configuration-changes.ts';
import type { OptionKey } from '../../src/config/options.ts';
import type { SecretKey } from '../../src/config/secret-properties.ts';
import { startDemoDirectory, type DemoDirectory } from '../../src/demo/ldap-server.ts';
import type { DemoAttributes } from '../../src/demo/ldap-tree.ts';
import { CapturedOutput } from '../cli/captured-output.ts';
import { ROOT } from '../house/source-tree.ts';
import { startHostileScim, type HostileScim } from '../servers/hostile-scim.ts';
import type { Body } from '../servers/hostile-scim-store.ts';

export type Properties = Partial<Record<OptionKey, string>>;

export const SUFFIX = 'dc=example,dc=com';
export const BASE = `OU=People,${SUFFIX}`;
export const BIND = { bindDn: `CN=reader,${SUFFIX}`, bindPassword: 'pw-of-the-reader' };
export const SCIM_PASSWORD = 'pw-of-the-provider';

/** Everybody is active, without organization and roles. */
const SCRIPTS = {
  active: 'function (entry) { return true; }',
  org: 'function (entry) { return null; }',
  role: 'function (entry) { return null; }',
};

export type Scripts = Partial<typeof SCRIPTS>;

export interface ProgramRun {
  readonly exitCode: number;
  /** Standard output and standard error. */
  readonly text: string;
  readonly stdout: string;
  readonly stderr: string;
}

export class ProgramFolder {
  readonly path = mkdtempSync(join(realpathSync(tmpdir()), 'c42uds-properties-'));
  readonly configPath = join(this.path, 'config.properties');

  constructor(properties: Properties, scripts: Scripts = {}) {
    writeInitialConfig(this.configPath, properties);
    for (const [name, text] of Object.entries({ ...SCRIPTS, ...scripts }))
      this.write(`${name}script.js`, text);
  }

  write(name: string, text: string): string {
    const path = join(this.path, name);
    writeFileSync(path, text);
    return path;
  }

  set(properties: Properties): void {
    for (const [key, value] of Object.entries(properties)) {
      setProperty(this.configPath, key as OptionKey, value);
    }
  }

  async seal(key: SecretKey, password: string): Promise<void> {
    setProperty(this.configPath, key, await sealPassword(key, password, this.configPath, 'AUTO'));
  }

  async run(...words: string[]): Promise<ProgramRun> {
    return this.runBefore({ isTTY: false }, ...words);
  }

  /** As {@link run}, with somebody who looks on or not. */
  async runBefore(
    { isTTY, env = {} }: { readonly isTTY: boolean; readonly env?: Record<string, string> },
    ...words: string[]
  ): Promise<ProgramRun> {
    const [stdout, stderr] = [new CapturedOutput({ isTTY }), new CapturedOutput()];
    const program = openProgram({
      words,
      env,
      cwd: this.path,
      programFolder: ROOT,
      stdin: Readable.from([]),
      stdout,
      stderr,
      signal: new AbortController().signal,
    });
    const exitCode = await program.run();
    await program.flush();
    return { exitCode, text: stdout.text + stderr.text, stdout: stdout.text, stderr: stderr.text };
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

export interface Scene {
  readonly directory: DemoDirectory;
  readonly service: HostileScim;
  readonly program: ProgramFolder;
  /** The user as the service holds him. */
  held(name: string): Body | undefined;
  /** The local parts of all userNames that the service holds, in order. */
  names(): string[];
}

/** A directory of Active Directory's kind with `ann@example.com` for `ann`. */
export async function startDirectory(
  t: TestContext,
  people: Readonly<Record<string, DemoAttributes>>,
): Promise<DemoDirectory> {
  const directory = await startDemoDirectory({
    ...BIND,
    kind: 'ACTIVE_DIRECTORY',
    suffix: SUFFIX,
    entries: [
      { dn: SUFFIX, attributes: { objectClass: ['top', 'domain'] } },
      { dn: BASE, attributes: { objectClass: ['top', 'organizationalUnit'] } },
      ...Object.entries(people).map(([name, attributes]) => ({
        dn: dnOf(name),
        attributes: { ...person(name), ...attributes },
      })),
    ],
  });
  t.after(() => directory.stop());
  return directory;
}

/** Both servers and a program that is configured for them, all gone when the test ends. */
export async function startScene(
  t: TestContext,
  people: Readonly<Record<string, DemoAttributes>>,
  properties: Properties = {},
  scripts: Scripts = {},
): Promise<Scene> {
  const directory = await startDirectory(t, people);
  const service = await startHostileScim();
  t.after(() => service.close());
  const program = new ProgramFolder(
    {
      'ldap.baseurl': directory.url,
      'ldap.baseDn': BASE,
      'ldap.bind.user': BIND.bindDn,
      'ldap.max.attempts': '1',
      'scim.baseurl': service.url,
      'scim.username': 'provider@cloud.example.com',
      ...properties,
    },
    scripts,
  );
  t.after(() => {
    program.remove();
  });
  await program.seal('ldap.bind.password', BIND.bindPassword);
  await program.seal('scim.password', SCIM_PASSWORD);
  const all = (): Body[] => [...service.store.users.values()].map(({ body }) => body);
  return {
    directory,
    service,
    program,
    held: (name) => all().find((body) => body['userName'] === `${name}@example.com`),
    names: () =>
      all()
        .map((body) => String(body['userName']).replace('@example.com', ''))
        .sort(),
  };
}

export function dnOf(name: string): string {
  return `CN=${name},${BASE}`;
}

export function person(name: string): DemoAttributes {
  return {
    objectClass: ['top', 'person', 'organizationalPerson', 'user'],
    objectCategory: `CN=Person,CN=Schema,CN=Configuration,${SUFFIX}`,
    cn: name,
    sn: name,
    sAMAccountName: name,
    mail: `${name}@example.com`,
  };
}
