/** The demo service: a SCIM service in this process that behaves like Code42's, for `c42uds demo`, tests and benchmarks. */

import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault, FaultPlan } from './fault-plan.ts';
import { RequestLog, TokenBucket, type RecordedRequest, type ServiceRequests } from './request-log.ts';
import { DEFAULT_BEHAVIOUR, type DemoServiceOptions, type ServiceBehaviour } from './scim-options.ts';
import { ScimRoutes, type ScimAnswer } from './scim-routes.ts';
import { errorBody, readUser, ScimFault, type Json } from './scim-schema.ts';
import { ScimStore, type DemoOrg, type DemoUser } from './scim-store.ts';

export interface DemoService {
  readonly baseUrl: string;
  readonly username: string;
  readonly password: string;
  readonly token: string;
  /** Users in the order of their creation. */
  users(): readonly DemoUser[];
  find(userName: string): DemoUser | null;
  orgs(): readonly DemoOrg[];
  /** Names of organizations that exist more than once. */
  duplicateOrgs(): readonly string[];
  /** What has been asked so far, by method, kind of path and status. */
  requests(): ServiceRequests;
  /** The latest requests with their bodies. */
  recorded(): readonly RecordedRequest[];
  /** Forgets the counts and records, not the users. */
  resetRequests(): void;
  /** Puts users there without a request, as an earlier provisioning would have; SCIM user resources. */
  seed(resources: readonly Json[]): Promise<readonly DemoUser[]>;
  /** Removes a user behind the client's back. */
  removeUser(id: string): void;
  setFaults(faults: FaultPlan | null): void;
  stop(): Promise<void>;
}

const BASE_PATH = '/scim/v2';
const MAX_BODY_BYTES = 1024 * 1024;

/** Starts the service on a loopback port, without users. @throws Error if the port is taken */
export async function startDemoService(options: DemoServiceOptions = {}): Promise<DemoService> {
  const behaviour: ServiceBehaviour = { ...DEFAULT_BEHAVIOUR, ...options };
  const host = options.host ?? '127.0.0.1';
  const store = new ScimStore(behaviour);
  const log = new RequestLog(behaviour.recordLimit);
  const bucket = options.rateLimit === undefined ? null : new TokenBucket(options.rateLimit);
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
  const origin = `http://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`;
  const baseUrl = origin + BASE_PATH;
  const routes = new ScimRoutes(store, behaviour, baseUrl);
  const front = new Front({ behaviour, routes, log, bucket, faults: options.faults ?? null });
  server.on('request', (request, response) => void front.serve(request, response));
  return {
    baseUrl,
    username: behaviour.username,
    password: behaviour.password,
    token: behaviour.token,
    users: () => store.all(),
    find: (userName) => store.byUserName(userName),
    orgs: () => store.orgs(),
    duplicateOrgs: () => duplicates(store.orgs()),
    requests: () => log.counts(),
    recorded: () => log.recorded(),
    resetRequests: () => log.reset(),
    seed: async (resources) => {
      const users: DemoUser[] = [];
      for (const resource of resources) users.push(await store.create(readUser(resource)));
      return users;
    },
    removeUser: (id) => store.remove(id),
    setFaults: (faults) => {
      front.faults = faults;
    },
    stop: async () => {
      if (!server.listening) return;
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

function duplicates(orgs: readonly DemoOrg[]): string[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const { name } of orgs) (seen.has(name) ? twice : seen).add(name);
  return [...twice];
}

interface FrontParts {
  readonly behaviour: ServiceBehaviour;
  readonly routes: ScimRoutes;
  readonly log: RequestLog;
  readonly bucket: TokenBucket | null;
  readonly faults: FaultPlan | null;
}

/** Everything between the socket and the routes: log-in, limits, faults, counting. */
class Front {
  faults: FaultPlan | null;
  readonly #parts: FrontParts;

  constructor(parts: FrontParts) {
    this.#parts = parts;
    this.faults = parts.faults;
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { behaviour, log } = this.#parts;
    const method = request.method ?? 'GET';
    const url = new URL(request.url ?? '/', 'http://demo');
    const path = url.pathname.startsWith(`${BASE_PATH}/`) ? url.pathname.slice(BASE_PATH.length) : null;
    const text = await readBody(request);
    const record = log.begin(method, path ?? url.pathname, url.search, text ?? '');
    const fault =
      this.faults?.({ count: log.total, method, path: `${path ?? url.pathname}${url.search}` }) ?? null;
    if (fault?.kind === 'LOSE_REQUEST') return void request.socket.destroy();
    if (behaviour.latencyMs > 0) await sleep(behaviour.latencyMs);
    if (fault?.kind === 'DELAY') await sleep(fault.delayMs);
    const idle = fault?.kind === 'ANSWER' && fault.commit !== true;
    const answer = idle ? null : await this.#answer(request, url, path, text);
    const status = fault?.kind === 'ANSWER' ? fault.status : (answer?.status ?? 500);
    if (fault?.kind === 'LOSE_ANSWER') return void request.socket.destroy();
    record(status);
    if (response.destroyed) return;
    send(response, answer, fault);
  }

  async #answer(
    request: IncomingMessage,
    url: URL,
    path: string | null,
    text: string | null,
  ): Promise<ScimAnswer> {
    try {
      this.#authenticate(request.headers.authorization);
      const waitSeconds = this.#parts.bucket?.take() ?? 0;
      if (waitSeconds > 0) {
        throw new ScimFault(429, null, 'Too many requests', { 'Retry-After': String(waitSeconds) });
      }
      if (path === null) throw new ScimFault(404, null, `There is no ${url.pathname}`);
      return await this.#parts.routes.answer({
        method: request.method ?? 'GET',
        path: path.replace(/\/+$/, ''),
        query: url.searchParams,
        ifMatch: request.headers['if-match'] ?? null,
        ifNoneMatch: request.headers['if-none-match'] ?? null,
        body: readJson(text, request.headers['content-type']),
      });
    } catch (error) {
      const fault = error instanceof ScimFault ? error : new ScimFault(500, null, String(error));
      return { status: fault.status, headers: fault.headers, body: errorBody(fault) };
    }
  }

  #authenticate(header: string | undefined): void {
    const { username, password, token } = this.#parts.behaviour;
    const basic = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    if (header !== undefined && (sameText(header, basic) || sameText(header, `Bearer ${token}`))) return;
    throw new ScimFault(401, null, 'The user name, password or token is wrong', {
      'WWW-Authenticate': 'Basic realm="demo", Bearer realm="demo"',
    });
  }
}

function sameText(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** The body as text; `null` where it is larger than anything a client should send. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) chunks.push(chunk);
    }
  } catch {
    // The client went away in the middle of its own request: there is nobody to answer.
  }
  return size > MAX_BODY_BYTES ? null : Buffer.concat(chunks).toString('utf8');
}

function readJson(text: string | null, contentType: string | undefined): Json | null {
  if (text === null) throw new ScimFault(413, null, `Bodies have at most ${MAX_BODY_BYTES} bytes`);
  if (text === '') return null;
  if (!/^application\/(scim\+)?json\b/i.test(contentType ?? '')) {
    throw new ScimFault(415, null, 'The body has to be application/scim+json');
  }
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Json;
  } catch {
    // said below
  }
  throw new ScimFault(400, 'invalidSyntax', 'The body is not a JSON object');
}

function send(response: ServerResponse, answer: ScimAnswer | null, fault: Fault | null): void {
  if (fault?.kind === 'ANSWER') {
    response.writeHead(fault.status, fault.headers);
    response.end(fault.body ?? '');
    return;
  }
  if (answer === null) return;
  const body = answer.body === null ? null : Buffer.from(JSON.stringify(answer.body));
  const headers: Record<string, string> = { ...answer.headers };
  if (body !== null) {
    headers['Content-Type'] = 'application/scim+json;charset=utf-8';
    headers['Content-Length'] = String(body.length);
  }
  response.writeHead(answer.status, headers);
  if (fault?.kind === 'CUT_ANSWER' && body !== null) {
    response.write(body.subarray(0, body.length >> 1), () => response.socket?.destroy());
  } else {
    response.end(body);
  }
}
