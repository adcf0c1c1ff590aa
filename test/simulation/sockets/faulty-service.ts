/** The demo service behind a front that misbehaves: it takes, loses, bends and delays requests as it is told. */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_BEHAVIOUR, type ServiceBehaviour } from '../../../src/demo/scim-options.ts';
import { ScimRoutes, type ScimAnswer, type ScimRequest } from '../../../src/demo/scim-routes.ts';
import { errorBody, ScimFault, type Json } from '../../../src/demo/scim-schema.ts';
import { ScimStore } from '../../../src/demo/scim-store.ts';

export interface SeenRequest extends ScimRequest {
  /** From 1, over the life of the service. */
  readonly count: number;
  /** `CREATE`, `UPDATE` and `READ` of one user, `FIND` by a filter, `LIST` of a page, `OTHER`. */
  readonly what: 'CREATE' | 'UPDATE' | 'READ' | 'FIND' | 'LIST' | 'OTHER';
}

/** What happens to one exchange. `commit` says whether the service does what was asked. */
export type ServiceFault =
  | {
      readonly kind: 'ANSWER';
      readonly commit: boolean;
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly text?: string;
    }
  | { readonly kind: 'LOSE'; readonly commit: boolean }
  /** Half of the body: the connection ends with it, or it claims to be whole. */
  | { readonly kind: 'HALF'; readonly hangUp: boolean }
  | { readonly kind: 'SLOW'; readonly commit: 'AT_ONCE' | 'NEVER' | 'LATE' }
  /** Done, and answered in another form. The client can still know what happened. */
  | { readonly kind: 'TWIST'; readonly twist: (answer: ScimAnswer) => ScimAnswer }
  /** Another page than the one asked for. */
  | { readonly kind: 'BEND'; readonly bend: (query: URLSearchParams) => URLSearchParams };

export interface ServiceObserver {
  arrived(request: SeenRequest): void;
  /** Before and after are the user as the service holds it, `null` for none; both the same text: nothing changed. */
  written(request: SeenRequest, before: string | null, after: string | null, externalId: string | null): void;
  /** `told`: the client has been told the truth, and may believe it. */
  ended(request: SeenRequest, told: boolean, status: number | null): void;
}

const BASE_PATH = '/scim/v2';
const LONGEST_WAIT_MS = 5_000;
const LATE_MS = 100;

export class FaultyService {
  readonly store: ScimStore;
  readonly behaviour: ServiceBehaviour;
  draw: (request: SeenRequest) => ServiceFault | null = () => null;
  readonly #observer: ServiceObserver;
  readonly #server: Server;
  readonly #underWay = new Set<Promise<void>>();
  readonly #connections = new Set<Socket>();
  #routes: ScimRoutes | null = null;
  #count = 0;

  constructor(behaviour: Partial<ServiceBehaviour>, observer: ServiceObserver) {
    this.behaviour = { ...DEFAULT_BEHAVIOUR, ...behaviour };
    this.store = new ScimStore(this.behaviour);
    this.#observer = observer;
    this.#server = createServer((request, response) => {
      const serving = this.#serve(request, response).finally(() => this.#underWay.delete(serving));
      this.#underWay.add(serving);
    });
    this.#server.on('connection', (socket) => {
      this.#connections.add(socket);
      socket.on('close', () => this.#connections.delete(socket));
    });
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#routes = new ScimRoutes(this.store, this.behaviour, this.baseUrl);
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${BASE_PATH}`;
  }

  /** Resolves when the client is gone and nothing that it has sent is under way any more, late commits included. */
  async settle(): Promise<void> {
    while (this.#underWay.size > 0 || this.#connections.size > 0) {
      await Promise.all(this.#underWay);
      if (this.#connections.size > 0) await sleep(1);
    }
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const closed = new Promise<void>((resolve) => response.on('close', resolve));
    let seen: SeenRequest;
    try {
      seen = await this.#seen(request);
    } catch {
      return void request.socket.destroy();
    }
    this.#observer.arrived(seen);
    const arrivedAt = performance.now();
    const fault = this.draw(seen);
    const told = fault === null || fault.kind === 'TWIST' || fault.kind === 'BEND';
    let status: number | null = null;
    try {
      const answer = await this.#answer(seen, fault, closed);
      if (answer === null) request.socket.destroy();
      else {
        status = answer.status;
        send(response, answer, fault);
      }
    } finally {
      if (told && status !== null) await closed;
      // Given up by the client in the meantime, or perhaps so on a busy machine: he may not have been told either.
      const isInTime = performance.now() - arrivedAt < LATE_MS;
      this.#observer.ended(seen, told && response.writableFinished && isInTime, status);
    }
  }

  async #answer(
    seen: SeenRequest,
    fault: ServiceFault | null,
    closed: Promise<void>,
  ): Promise<ScimAnswer | null> {
    switch (fault?.kind) {
      case undefined:
      case 'HALF':
        return this.#obey(seen);
      case 'TWIST':
        return fault.twist(await this.#obey(seen));
      case 'BEND':
        return this.#obey({ ...seen, query: fault.bend(seen.query) });
      case 'ANSWER':
        if (fault.commit) await this.#obey(seen);
        return { status: fault.status, headers: fault.headers ?? {}, body: null };
      case 'LOSE':
        if (fault.commit) await this.#obey(seen);
        return null;
      case 'SLOW':
        if (fault.commit === 'AT_ONCE') await this.#obey(seen);
        await Promise.race([closed, sleep(LONGEST_WAIT_MS)]);
        if (fault.commit === 'LATE') await this.#obey(seen);
        return null;
    }
  }

  async #obey(seen: SeenRequest): Promise<ScimAnswer> {
    const id = seen.path.split('/')[2];
    const before = id === undefined ? null : this.#text(id);
    const answer = await this.#routed(seen);
    if (seen.what !== 'CREATE' && seen.what !== 'UPDATE') return answer;
    if (answer.status >= 300) return answer;
    const now = id ?? answer.headers['Location']?.split('/').at(-1) ?? '';
    this.#observer.written(seen, before, this.#text(now), this.#find(now)?.externalId ?? null);
    return answer;
  }

  async #routed(seen: SeenRequest): Promise<ScimAnswer> {
    try {
      const answer = await this.#routes?.answer(seen);
      if (answer === undefined) throw new Error('not started');
      return answer;
    } catch (error) {
      const fault = error instanceof ScimFault ? error : new ScimFault(500, null, String(error));
      return { status: fault.status, headers: fault.headers, body: errorBody(fault) };
    }
  }

  #find(id: string): ReturnType<ScimStore['get']> | null {
    try {
      return this.store.get(id);
    } catch {
      return null;
    }
  }

  #text(id: string): string | null {
    const user = this.#find(id);
    return user === null ? null : JSON.stringify(user.resource);
  }

  async #seen(request: IncomingMessage): Promise<SeenRequest> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const url = new URL(request.url ?? '/', 'http://lab');
    const method = request.method ?? 'GET';
    const path = url.pathname.slice(BASE_PATH.length);
    const isUser = /^\/Users\/[^/]+$/.test(path);
    return {
      count: ++this.#count,
      what: whatOf(method, path, isUser, url.searchParams),
      method,
      path,
      query: url.searchParams,
      ifMatch: request.headers['if-match'] ?? null,
      ifNoneMatch: null,
      body: text === '' ? null : (JSON.parse(text) as Json),
    };
  }
}

function whatOf(method: string, path: string, isUser: boolean, query: URLSearchParams): SeenRequest['what'] {
  if (method === 'POST') return 'CREATE';
  if (method !== 'GET') return 'UPDATE';
  if (isUser) return 'READ';
  if (path !== '/Users') return 'OTHER';
  return query.has('filter') ? 'FIND' : 'LIST';
}

function send(response: ServerResponse, answer: ScimAnswer, fault: ServiceFault | null): void {
  if (fault?.kind === 'ANSWER') {
    response.writeHead(answer.status, answer.headers).end(fault.text ?? '');
    return;
  }
  const body = answer.body === null ? null : Buffer.from(JSON.stringify(answer.body));
  const headers: Record<string, string> = { ...answer.headers };
  if (body !== null) headers['Content-Type'] = 'application/scim+json';
  if (fault?.kind !== 'HALF' || body === null) {
    response.writeHead(answer.status, headers).end(body);
    return;
  }
  const half = body.subarray(0, body.length >> 1);
  if (!fault.hangUp) {
    response.writeHead(answer.status, headers).end(half);
    return;
  }
  response.writeHead(answer.status, { ...headers, 'Content-Length': String(body.length) });
  response.write(half, () => response.socket?.destroy());
}
