/** The other side of `service-process.ts`: the demo SCIM service in a process of its own. */

import { startDemoService } from '../../src/demo/scim-service.ts';
import type { DemoServiceOptions } from '../../src/demo/scim-options.ts';

export type Question = 'SUMMARY' | 'RESET' | { readonly remove: string };

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
  }[];
  readonly orgs: readonly string[];
  readonly duplicateOrgs: readonly string[];
}

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const service = await startDemoService(JSON.parse(process.argv[2] ?? '{}') as DemoServiceOptions);
process.on('disconnect', () => process.exit(0));
process.on('message', (question: Question) => {
  if (question === 'RESET') service.resetRequests();
  else if (question !== 'SUMMARY') service.removeUser(question.remove);
  const { writes, byMethod } = service.requests();
  const users = service.users().map((user) => {
    const enterprise = user.resource[ENTERPRISE] as { manager?: { value?: string } } | undefined;
    const { id, userName, externalId, active, org, roles } = user;
    return { id, userName, externalId, active, org, roles, manager: enterprise?.manager?.value ?? null };
  });
  const summary: ServiceSummary = {
    writes,
    byMethod,
    users,
    orgs: service.orgs().map(({ name }) => name),
    duplicateOrgs: service.duplicateOrgs(),
  };
  process.send?.(summary);
});
const { baseUrl, username, password } = service;
process.send?.({ baseUrl, username, password });
