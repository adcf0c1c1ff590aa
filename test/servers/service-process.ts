/** The demo SCIM service in another process, and all that a test asks of it in one answer. */

import { startDemoServiceProcess } from './demo-process.ts';
import type { ServiceStart } from './demo-child.ts';

export interface ServiceSummary {
  readonly writes: number;
  readonly byMethod: Readonly<Record<string, number>>;
  readonly users: readonly {
    readonly id: string;
    readonly userName: string;
    readonly externalId: string | null;
    readonly active: boolean;
    readonly org: string;
    readonly roles: readonly string[];
    readonly manager: string | null;
    readonly title: string | null;
  }[];
  readonly orgs: readonly string[];
  readonly duplicateOrgs: readonly string[];
}

export interface ServiceProcess {
  readonly baseUrl: string;
  readonly username: string;
  readonly password: string;
  /** What the service holds and was asked since the last {@link reset}. */
  summary(): Promise<ServiceSummary>;
  reset(): Promise<void>;
  /** Removes a user behind the client's back, by id. */
  remove(id: string): Promise<void>;
  stop(): Promise<void>;
}

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

export async function startServiceProcess(options: ServiceStart = {}): Promise<ServiceProcess> {
  const service = await startDemoServiceProcess(options);
  return {
    baseUrl: service.baseUrl,
    username: service.username,
    password: service.password,
    async summary() {
      const { writes, byMethod } = await service.requests();
      const users = (await service.users()).map((user) => {
        const enterprise = user.resource[ENTERPRISE] as { manager?: { value?: string } } | undefined;
        const { id, userName, externalId, active, org, roles } = user;
        const manager = enterprise?.manager?.value ?? null;
        const title = (user.resource['title'] as string | undefined) ?? null;
        return { id, userName, externalId, active, org, roles, manager, title };
      });
      const orgs = (await service.orgs()).map(({ name }) => name);
      return { writes, byMethod, users, orgs, duplicateOrgs: await service.duplicateOrgs() };
    },
    reset: () => service.resetRequests(),
    remove: (id) => service.removeUser(id),
    stop: () => service.stop(),
  };
}
