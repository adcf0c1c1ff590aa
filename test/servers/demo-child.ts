/** The program of a demo server in a process of its own: takes orders from its parent over IPC, and ends with it. */

import { makeCompany, type CompanyOptions } from '../../src/demo/company.ts';
import {
  startDemoDirectory,
  type DemoDirectory,
  type DemoDirectoryOptions,
} from '../../src/demo/ldap-server.ts';
import type { DemoServiceOptions } from '../../src/demo/scim-options.ts';
import { startDemoService, type DemoService } from '../../src/demo/scim-service.ts';

export type ServiceStart = Omit<DemoServiceOptions, 'faults'>;
export type DirectoryStart = Omit<DemoDirectoryOptions, 'entries' | 'misbehave' | 'now' | 'kind'> &
  CompanyOptions;

/** What a parent may ask, and what it gets. An order that fails is answered with its error. */
export type Order =
  | { readonly kind: 'SERVICE'; readonly options: ServiceStart }
  | { readonly kind: 'DIRECTORY'; readonly options: DirectoryStart }
  | {
      readonly kind: 'CALL';
      readonly method: CallableOfService | CallableOfDirectory;
      readonly args: readonly unknown[];
    };

export type CallableOfService =
  'users' | 'orgs' | 'duplicateOrgs' | 'requests' | 'recorded' | 'resetRequests' | 'seed' | 'removeUser';
export type CallableOfDirectory = 'add' | 'modify' | 'remove' | 'rename' | 'requests' | 'dropConnections';

export interface Reply {
  readonly number: number;
  readonly value?: unknown;
  readonly error?: string;
}

let server: DemoDirectory | DemoService | null = null;

async function obey(order: Order): Promise<unknown> {
  if (order.kind === 'CALL') {
    const call = (
      server as unknown as Record<string, ((...args: readonly unknown[]) => unknown) | undefined>
    )[order.method];
    if (call === undefined) throw new Error(`The demo server has no ${order.method}`);
    const value = await call(...order.args);
    // Entries of the directory are no plain values; whoever changes them from afar knows them already.
    return order.method === 'add' || order.method === 'modify' || order.method === 'rename' ? null : value;
  }
  server =
    order.kind === 'SERVICE'
      ? await startDemoService(order.options)
      : await startDemoDirectory({ ...order.options, entries: makeCompany(order.options).entries });
  return Object.fromEntries(Object.entries(server).filter(([, value]) => typeof value !== 'function'));
}

process.on('message', ({ number, order }: { number: number; order: Order }) => {
  obey(order)
    .then((value): Reply => ({ number, value }))
    .catch((error: unknown): Reply => ({ number, error: String(error) }))
    .then((reply) => process.send?.(reply))
    .catch(() => undefined);
});

// The parent is gone, or wants us gone: nothing of ours is worth keeping.
process.on('disconnect', () => {
  server?.stop().catch(() => undefined);
});
