/** Demo servers in processes of their own: for benchmarks, and for tests that must not share a thread with a server. */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type {
  CallableOfDirectory,
  CallableOfService,
  DirectoryStart,
  Order,
  Reply,
  ServiceStart,
} from './demo-child.ts';
import type { DemoDirectory } from '../../src/demo/ldap-server.ts';
import type { DemoService } from '../../src/demo/scim-service.ts';

/** The same calls as on the server itself, each answered by a promise. */
type Remote<T, Names extends keyof T> = {
  readonly [Name in Names]: T[Name] extends (...args: infer Args) => infer Value
    ? (...args: Args) => Promise<Awaited<Value>>
    : never;
};

export type DemoServiceProcess = Pick<DemoService, 'baseUrl' | 'username' | 'password' | 'token'> &
  Remote<DemoService, CallableOfService> & { readonly pid: number; stop(): Promise<void> };

export type DemoDirectoryProcess = Pick<
  DemoDirectory,
  'url' | 'host' | 'port' | 'suffix' | 'bindDn' | 'bindPassword'
> &
  Remote<DemoDirectory, 'remove' | 'requests' | 'dropConnections'> & {
    readonly pid: number;
    add(...args: Parameters<DemoDirectory['add']>): Promise<null>;
    modify(...args: Parameters<DemoDirectory['modify']>): Promise<null>;
    rename(...args: Parameters<DemoDirectory['rename']>): Promise<null>;
    stop(): Promise<void>;
  };

/**
 * Starts a demo service in another process; it ends with this one at the latest.
 * @throws Error if it cannot be started
 */
export async function startDemoServiceProcess(options: ServiceStart = {}): Promise<DemoServiceProcess> {
  const names: readonly CallableOfService[] = [
    ...(['users', 'orgs', 'duplicateOrgs', 'requests', 'recorded', 'resetRequests', 'seed'] as const),
    'removeUser',
  ];
  return (await startChild({ kind: 'SERVICE', options }, names)) as DemoServiceProcess;
}

/**
 * Starts a demo directory with a company of `size` people in another process; it ends with this one at the latest.
 * @throws Error if it cannot be started
 */
export async function startDemoDirectoryProcess(options: DirectoryStart): Promise<DemoDirectoryProcess> {
  const names: readonly CallableOfDirectory[] = [
    'add',
    'modify',
    'remove',
    'rename',
    'requests',
    'dropConnections',
  ];
  return (await startChild({ kind: 'DIRECTORY', options }, names)) as DemoDirectoryProcess;
}

async function startChild(
  start: Order,
  names: readonly (CallableOfService | CallableOfDirectory)[],
): Promise<Record<string, unknown>> {
  const program = fileURLToPath(new URL('demo-child.ts', import.meta.url));
  const child = fork(program, {
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // Bytes and dates arrive as bytes and dates.
    serialization: 'advanced',
  });
  const waiting = new Map<number, (reply: Reply) => void>();
  let number = 0;
  child.on('message', (reply: Reply) => {
    waiting.get(reply.number)?.(reply);
    waiting.delete(reply.number);
  });
  child.on('exit', () => {
    for (const [of, settle] of waiting) settle({ number: of, error: 'The demo server has ended' });
    waiting.clear();
  });
  const order = async (what: Order): Promise<unknown> => {
    const mine = ++number;
    const reply = await new Promise<Reply>((resolve) => {
      waiting.set(mine, resolve);
      child.send({ number: mine, order: what }, (error) => {
        if (error !== null) resolve({ number: mine, error: error.message });
      });
    });
    waiting.delete(mine);
    if (reply.error !== undefined) throw new Error(reply.error);
    return reply.value;
  };
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    if (child.connected) child.disconnect();
    await ended;
  };
  try {
    const facts = (await order(start)) as Record<string, unknown>;
    const calls = names.map((method) => [
      method,
      (...args: readonly unknown[]) => order({ kind: 'CALL', method, args }),
    ]);
    return { ...facts, ...(Object.fromEntries(calls) as object), pid: child.pid, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
