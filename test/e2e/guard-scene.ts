/** A company, a service that holds everybody of it, and the means to make an administrator's mistakes. */

import assert from 'node:assert/strict';
import { makeCompany, type Person } from '../../src/demo/company.ts';
import type { OptionKey } from '../../src/config/options.ts';
import { startDemoDirectoryProcess, type DemoDirectoryProcess } from '../servers/demo-process.ts';
import { startServiceProcess, type ServiceProcess } from '../servers/service-process.ts';
import type { Finished } from './command-line.ts';
import { assertExit, Installation, type Scripts } from './installation.ts';

const BIND = { bindDn: 'CN=reader,DC=example,DC=com', bindPassword: 'pw-of-the-reader' };
const COMPANY = { kind: 'OPENLDAP', size: 200 } as const;

const SCRIPTS: Scripts = {
  active: 'function (entry) { return true; }',
  org: 'function (entry) { return entry.department; }',
  role: 'function (entry) { return ["Desktop User"]; }',
};

type Properties = Partial<Record<OptionKey, string>>;

export interface Mistake {
  readonly properties?: Properties;
  readonly scripts?: Partial<Scripts>;
}

/** Directory and service are processes of their own; 200 people have been synchronized, and requests count from 0. */
export class GuardScene {
  readonly people: readonly Person[];
  readonly directory: DemoDirectoryProcess;
  readonly service: ServiceProcess;
  readonly installation: Installation;

  private constructor(directory: DemoDirectoryProcess, service: ServiceProcess, properties: Properties) {
    const company = makeCompany(COMPANY);
    this.people = company.people;
    this.directory = directory;
    this.service = service;
    this.installation = new Installation(
      {
        'ldap.baseurl': directory.url,
        'ldap.baseDn': company.peopleBase,
        'ldap.bind.user': BIND.bindDn,
        'scim.baseurl': service.baseUrl,
        'scim.username': service.username,
        'scim.client.threads': '4',
        'missed.user.check': 'true',
        ...properties,
      },
      SCRIPTS,
    );
  }

  static async start(properties: Properties = {}): Promise<GuardScene> {
    const directory = await startDemoDirectoryProcess({ ...COMPANY, ...BIND });
    const service = await startServiceProcess();
    const scene = new GuardScene(directory, service, properties);
    assertExit(await scene.installation.storePasswords(BIND.bindPassword, service.password), 0);
    assertExit(await scene.installation.run(['--sync-now']), 0);
    assert.equal((await service.summary()).users.length, COMPANY.size);
    await service.reset();
    return scene;
  }

  /** Makes the mistake, runs dry and live, puts everything back, and shows that the live run was stopped. */
  async stoppedBy(mistake: Mistake, defaults: Properties = {}): Promise<{ dry: Finished; live: Finished }> {
    this.installation.set(mistake.properties ?? {});
    this.installation.writeScripts(mistake.scripts ?? {});
    try {
      const dry = await this.installation.run([]);
      const live = await this.installation.run(['--sync-now']);
      assertExit(dry, 6);
      await this.assertUntouched(live);
      return { dry, live };
    } finally {
      this.installation.set(defaults);
      this.installation.writeScripts(SCRIPTS);
    }
  }

  /** Exit code 6, nothing but GET was sent, and everybody is active as before. */
  async assertUntouched(stopped: Finished): Promise<void> {
    assertExit(stopped, 6);
    const { byMethod, users } = await this.service.summary();
    assert.deepEqual(Object.keys(byMethod), ['GET']);
    assert.equal(users.filter((user) => user.active).length, COMPANY.size);
    assert.match(stopped.stdout, /Nothing was written/);
  }

  async stop(): Promise<void> {
    this.installation.remove();
    await this.service.stop();
    await this.directory.stop();
  }
}

/** What the run says of guards, in the words of a live run: a dry run says what would be, on another level. */
export function guardText({ stderr }: Finished): string {
  return stderr
    .split('\n')
    .filter((line) => /stopped by .*: |Users concerned/i.test(line) && !/ended with exit code/.test(line))
    .map((line) => line.replace(/^\[.*?\] /, '').replace('A live run would be stopped', 'Stopped'))
    .join('\n');
}
