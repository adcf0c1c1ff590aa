/** A demo directory and a demo service in this process, and an installation of the program between them. */

import { makeCompany, type Company } from '../../src/demo/company.ts';
import type { OptionKey } from '../../src/config/options.ts';
import {
  startDemoDirectory,
  type DemoDirectory,
  type DemoDirectoryOptions,
} from '../../src/demo/ldap-server.ts';
import type { DemoServiceOptions } from '../../src/demo/scim-options.ts';
import { startDemoService, type DemoService } from '../../src/demo/scim-service.ts';
import { assertExit, Installation } from '../e2e/installation.ts';

const BIND = { bindDn: 'CN=reader,DC=example,DC=com', bindPassword: 'pw-of-the-reader' };

export interface SceneOptions {
  readonly people?: number;
  readonly suffix?: string;
  readonly kind?: DemoDirectoryOptions['kind'];
  readonly now?: () => Date;
  readonly service?: DemoServiceOptions;
  readonly properties?: Partial<Record<OptionKey, string>>;
}

export class TrapScene implements AsyncDisposable {
  readonly company: Company;
  readonly directory: DemoDirectory;
  readonly service: DemoService;
  readonly installation: Installation;

  private constructor(
    company: Company,
    directory: DemoDirectory,
    service: DemoService,
    properties: SceneOptions['properties'],
  ) {
    this.company = company;
    this.directory = directory;
    this.service = service;
    this.installation = new Installation({
      'ldap.baseurl': directory.url,
      'ldap.baseDn': company.peopleBase,
      'ldap.bind.user': BIND.bindDn,
      'ldap.delay.between.attempts': '10',
      'ldap.max.attempts': '2',
      'scim.baseurl': service.baseUrl,
      'scim.username': service.username,
      'scim.client.threads': '4',
      ...properties,
    });
  }

  static async start(options: SceneOptions = {}): Promise<TrapScene> {
    const { kind = 'OPENLDAP', people = 40, suffix, now, service: serviceOptions, properties } = options;
    const company = makeCompany({ kind, size: people, ...(suffix === undefined ? {} : { suffix }) });
    const directory = await startDemoDirectory({
      ...BIND,
      kind,
      suffix: company.suffix,
      entries: company.entries,
      ...(now === undefined ? {} : { now }),
    });
    const service = await startDemoService(serviceOptions);
    const scene = new TrapScene(company, directory, service, properties);
    assertExit(await scene.installation.storePasswords(BIND.bindPassword, service.password), 0);
    service.resetRequests();
    return scene;
  }

  /** The mail addresses of everybody whose account is not disabled, sorted. */
  get wanted(): string[] {
    return this.company.people
      .filter(({ enabled }) => enabled)
      .map(({ mail }) => mail)
      .sort();
  }

  /** The userNames of all active users that the service holds, sorted: one that is there twice is named twice. */
  get held(): string[] {
    return this.service
      .users()
      .filter(({ active }) => active)
      .map(({ userName }) => userName)
      .sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.installation.remove();
    await this.service.stop();
    await this.directory.stop();
  }
}
