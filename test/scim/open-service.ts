/** Opens the SCIM client against a test's server, with short waits, and closes both when the test ends. */

import type { TestContext } from 'node:test';
import type { Log, UserReader, UserWriter } from '../../src/model/ports.ts';
import type { Outcome } from '../../src/model/plan.ts';
import type { UserAttribute, UserResource } from '../../src/model/user.ts';
import { openService, type ServiceOptions, type ServiceSettings } from '../../src/scim/service.ts';
import { startHostileScim, type HostileScim } from '../servers/hostile-scim.ts';

export const PASSWORD = 'correct horse battery';

/** A writer that may adopt anybody, unless a test says otherwise. */
export interface TestWriter {
  create(user: UserResource, mayAdopt?: (scimId: string) => boolean): Promise<Outcome>;
  update(
    scimId: string,
    user: UserResource,
    attributes: readonly UserAttribute[],
    mayAdopt?: (scimId: string) => boolean,
    isRead?: boolean,
    externalIds?: readonly string[],
  ): Promise<Outcome>;
}

function lenient(writer: UserWriter): TestWriter {
  const anybody = (): boolean => true;
  return {
    create: (user, mayAdopt = anybody) => writer.create(user, mayAdopt),
    update: (scimId, user, attributes, mayAdopt = anybody, isRead = true, externalIds = []) =>
      writer.update(scimId, user, attributes, mayAdopt, isRead, externalIds),
  };
}

export interface Opened {
  readonly server: HostileScim;
  readonly reader: UserReader;
  /** Opened at first use, as a live run does. */
  readonly writer: TestWriter;
  /** `warn message`, in order. */
  readonly lines: readonly string[];
  readonly close: () => Promise<void>;
}

export function settingsFor(url: string, overrides: Partial<ServiceSettings> = {}): ServiceSettings {
  return {
    'scim.baseurl': url,
    'scim.username': 'provider@cloud.example.com',
    'scim.password': 'ENC(not looked at)',
    'scim.client.threads': 4,
    'scim.auth.type': 'BASIC',
    'scim.org.attribute': 'c42OrgName',
    'scim.role.attribute': 'roles',
    'scim.update.method': 'AUTO',
    'scim.adopt.by': 'EXTERNAL_ID',
    'scim.connection.ca.file': '',
    'scim.connection.timeout.period': 500,
    'scim.read.timeout.period': 400,
    'scim.max.attempts': 4,
    'scim.requests.per.second': 0,
    ...overrides,
  };
}

/** A client of the URL; whoever calls closes it. */
export function openAt(
  url: string,
  settings: Partial<ServiceSettings> = {},
  options: Partial<ServiceOptions> = {},
): Omit<Opened, 'server'> {
  const lines: string[] = [];
  const to = (level: string) => (_component: string, message: string) =>
    void lines.push(`${level} ${message}`);
  const log: Log = {
    error: to('error'),
    warn: to('warn'),
    info: to('info'),
    debug: to('debug'),
    trace: to('trace'),
  };
  const service = openService({
    settings: settingsFor(url, settings),
    password: PASSWORD,
    log,
    signal: new AbortController().signal,
    knownOrgs: [],
    environment: {},
    userAgent: 'c42uds/test',
    pace: { baseDelayMs: 10, maxDelayMs: 40, maxHoldMs: 300 },
    ...options,
  });
  let writer: TestWriter | null = null;
  return {
    reader: service.reader,
    get writer() {
      return (writer ??= lenient(service.openWriter()));
    },
    lines,
    close: () => service.close(),
  };
}

/** A hostile server and a client of it. */
export async function open(
  t: TestContext,
  settings: Partial<ServiceSettings> = {},
  options: Partial<ServiceOptions> = {},
): Promise<Opened> {
  const server = await startHostileScim();
  const opened = openAt(server.url, settings, options);
  t.after(async () => {
    await opened.close();
    await server.close();
  });
  return Object.assign(opened, { server });
}

/** A user with a value for everything but manager and roles. */
export function userNamed(userName: string, overrides: Partial<UserResource> = {}): UserResource {
  return {
    userName,
    externalId: `id-of-${Buffer.from(userName.normalize('NFC').toLowerCase()).toString('hex').slice(0, 40)}`,
    active: true,
    givenName: 'Ada',
    familyName: 'Lovelace',
    email: userName,
    title: 'Analyst',
    userType: 'Employee',
    country: 'GB',
    department: 'Engines',
    division: 'Research',
    manager: null,
    org: null,
    roles: null,
    ...overrides,
  };
}
