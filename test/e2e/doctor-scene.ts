/** A healthy installation between a demo directory and a demo service, for a doctor to look at and for tests to break. */

import assert from 'node:assert/strict';
import { statSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { OptionKey } from '../../src/config/options.ts';
import type { DemoDirectoryOptions, DemoDirectory } from '../../src/demo/ldap-server.ts';
import { startDemoDirectory } from '../../src/demo/ldap-server.ts';
import { makeCompany } from '../../src/demo/company.ts';
import { startDemoService, type DemoService } from '../../src/demo/scim-service.ts';
import type { ExaminationResult } from '../../src/report/examination-result.ts';
import { assertPublished } from '../report/published-schema.ts';
import { runProgram, type Finished } from './command-line.ts';
import { Installation, SCRIPTS } from './installation.ts';

export const BIND = {
  bindDn: 'CN=reader,OU=Service Accounts,DC=example,DC=com',
  bindPassword: 'bind-secret',
};
const COMPANY = makeCompany({ kind: 'ACTIVE_DIRECTORY', size: 40 });
export const PEOPLE = COMPANY.peopleBase;

/** A demo directory with the company, and what the test wants of it. */
export function startCompany(options: Partial<DemoDirectoryOptions> = {}): Promise<DemoDirectory> {
  const { suffix, entries } = COMPANY;
  return startDemoDirectory({ kind: 'ACTIVE_DIRECTORY', suffix, entries, ...BIND, ...options });
}

/** A directory whose search finds service accounts, who have no mail, before the people. */
export function startCrowd(serviceAccounts: number, people: number): Promise<DemoDirectory> {
  const { suffix, entries, peopleBase } = makeCompany({ kind: 'ACTIVE_DIRECTORY', size: people });
  const objectClass = ['top', 'person', 'organizationalPerson', 'user'];
  const objectCategory = 'CN=Person,CN=Schema,CN=Configuration,DC=example,DC=com';
  const accounts = Array.from({ length: serviceAccounts }, (_, n) => {
    const cn = `svc-${n}`;
    return {
      dn: `CN=${cn},${peopleBase}`,
      attributes: { objectClass, objectCategory, cn, sAMAccountName: cn },
    };
  });
  const first = entries.findIndex(({ dn }) => dn.startsWith('CN=') && dn.endsWith(`,${peopleBase}`));
  return startDemoDirectory({
    kind: 'ACTIVE_DIRECTORY',
    suffix,
    entries: [...entries.slice(0, first), ...accounts, ...entries.slice(first)],
    ...BIND,
  });
}

export interface Fault {
  readonly properties?: Partial<Record<OptionKey, string>>;
  readonly env?: NodeJS.ProcessEnv;
}

export class DoctorScene {
  readonly directory: DemoDirectory;
  readonly service: DemoService;

  private constructor(directory: DemoDirectory, service: DemoService) {
    this.directory = directory;
    this.service = service;
  }

  static async begin(): Promise<DoctorScene> {
    const scene = new DoctorScene(await startCompany(), await startDemoService());
    const { people } = COMPANY;
    // A service that nobody is in shows nothing of its pages and filters.
    const known = people.slice(0, 5).map(({ mail, account }) => ({ userName: mail, externalId: account }));
    await scene.service.seed(known);
    return scene;
  }

  async end(): Promise<void> {
    await this.service.stop();
    await this.directory.stop();
  }

  /** A folder of its own with everything as it should be, but for the fault. */
  installation({ properties = {} }: Fault = {}): Installation {
    return new Installation(
      {
        'ldap.baseurl': this.directory.url,
        'ldap.baseDn': PEOPLE,
        'ldap.bind.user': BIND.bindDn,
        'ldap.bind.password': '${env:LDAP_SECRET}',
        'ldap.delay.between.attempts': '10',
        'scim.baseurl': this.service.baseUrl,
        'scim.username': this.service.username,
        'scim.password': '${env:SCIM_SECRET}',
        ...properties,
      },
      SCRIPTS,
    );
  }

  run(
    installation: Installation,
    words: readonly string[],
    env: NodeJS.ProcessEnv = {},
    input = '',
  ): Promise<Finished> {
    const secrets = { LDAP_SECRET: BIND.bindPassword, SCIM_SECRET: this.service.password };
    return runProgram(words, { cwd: installation.folder, env: { ...secrets, ...env }, input });
  }

  /** What the doctor says, held against its schema; no secret is among it. */
  async diagnosis(installation: Installation, env: NodeJS.ProcessEnv = {}): Promise<ExaminationResult> {
    const run = await this.run(installation, ['doctor', '--json'], env);
    const result = JSON.parse(run.stdout) as ExaminationResult;
    assertPublished('doctor.json', result);
    assert.equal(run.exitCode, result.exitCode, run.stderr);
    for (const secret of [BIND.bindPassword, this.service.password])
      assert.ok(!(run.stdout + run.stderr).includes(secret), 'a secret is shown');
    return result;
  }
}

/** Every file of a folder with its size and the time of its last change. */
export function traces(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => {
      const { size, mtimeMs } = statSync(join(folder, name));
      return `${name} ${size} ${mtimeMs}`;
    })
    .sort();
}
