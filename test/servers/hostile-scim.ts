/** A real HTTP server that is a correct SCIM service except where a test's script makes it misbehave. */

import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { HostileScimStore, type Body, type StoreAnswer, type StoreRequest } from './hostile-scim-store.ts';

export interface Step {
  readonly seen: StoreRequest;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Does what was asked, without answering. */
  obey(): Promise<StoreAnswer>;
  /** Answers; a body that is a string goes out as it is. */
  send(status: number, body?: Body | string | Buffer | null, headers?: Record<string, string>): void;
  /** Drops the connection. */
  hangUp(): void;
}

export type Script = (step: Step) => void | Promise<void>;

export interface HostileScim {
  readonly url: string;
  readonly port: number;
  readonly store: HostileScimStore;
  /** Every request received, in order. */
  readonly seen: readonly StoreRequest[];
  /** Connections open now and the most there ever were. */
  readonly connections: { open: number; most: number };
  /** `GET`, `POST /Users`, `PATCH`… : the requests that the script answers, the first `times` of them. */
  on(pattern: string, script: Script, times?: number): void;
  /** Requests received whose method and path begin so. */
  count(pattern: string): number;
  close(): Promise<void>;
}

const BASE_PATH = '/scim/v2';

/** Starts it on a free port of 127.0.0.1; with a certificate it speaks TLS. */
export async function startHostileScim(
  tls: {
    readonly key: string;
    readonly cert: string;
    readonly requestCert?: boolean;
    readonly ca?: string;
  } | null = null,
): Promise<HostileScim> {
  const store = new HostileScimStore();
  const seen: StoreRequest[] = [];
  const rules: { readonly pattern: string; readonly script: Script; left: number }[] = [];
  const sockets = new Set<Socket>();
  const connections = { open: 0, most: 0 };

  const listener: RequestListener = (request, response) => {
    void answer(request, response).catch((problem: unknown) => {
      response.writeHead(599).end(String(problem));
    });
  };
  const server =
    tls === null
      ? createServer(listener)
      : createSecureServer({ ...tls, rejectUnauthorized: true }, listener);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const received = await storeRequest(request);
    seen.push(received);
    const step = stepFor(received, request, response);
    const rule = rules.find((each) => each.left > 0 && matches(received, each.pattern));
    if (rule !== undefined) {
      rule.left -= 1;
      await rule.script(step);
      return;
    }
    const result = await step.obey();
    step.send(result.status, result.body, result.headers);
  }

  function stepFor(received: StoreRequest, request: IncomingMessage, response: ServerResponse): Step {
    return {
      seen: received,
      request,
      response,
      obey: () => store.answer(received),
      send(status, body = null, headers = {}) {
        const text =
          body === null || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
        response.writeHead(status, { 'content-type': 'application/scim+json', ...headers }).end(text);
      },
      hangUp: () => request.socket.destroy(),
    };
  }

  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    connections.open += 1;
    connections.most = Math.max(connections.most, connections.open);
    socket.on('close', () => {
      sockets.delete(socket);
      connections.open -= 1;
    });
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === null ? 'http' : 'https'}://127.0.0.1:${port}${BASE_PATH}`,
    port,
    store,
    seen,
    connections,
    on: (pattern, script, times = 1) => void rules.push({ pattern, script, left: times }),
    count: (pattern) => seen.filter((each) => matches(each, pattern)).length,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function matches(request: StoreRequest, pattern: string): boolean {
  return `${request.method} ${request.path}`.startsWith(pattern);
}

async function storeRequest(request: IncomingMessage): Promise<StoreRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  // Through a plain HTTP proxy the target is absolute.
  const url = new URL(request.url ?? '/', 'http://service.invalid');
  return {
    method: request.method ?? '',
    path: url.pathname.startsWith(BASE_PATH) ? url.pathname.slice(BASE_PATH.length) : url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body: text === '' ? null : (JSON.parse(text) as Body),
  };
}
