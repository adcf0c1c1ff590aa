/** The demo SCIM service in another process, so that a busy service and a busy client do not share one thread. */

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { DemoServiceOptions } from '../../src/demo/scim-options.ts';
import type { Question, ServiceSummary } from './service-child.ts';

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

export async function startServiceProcess(options: DemoServiceOptions = {}): Promise<ServiceProcess> {
  const program = fileURLToPath(new URL('service-child.ts', import.meta.url));
  const child = fork(program, [JSON.stringify(options)], { stdio: 'inherit' });
  const [started] = (await once(child, 'message')) as [
    { baseUrl: string; username: string; password: string },
  ];
  return {
    ...started,
    summary: () => ask(child, 'SUMMARY'),
    reset: async () => void (await ask(child, 'RESET')),
    remove: async (id) => void (await ask(child, { remove: id })),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.disconnect();
      await once(child, 'exit');
    },
  };
}

async function ask(child: ChildProcess, question: Question): Promise<ServiceSummary> {
  const answer = once(child, 'message');
  child.send(question);
  return ((await answer) as [ServiceSummary])[0];
}
