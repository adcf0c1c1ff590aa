/** Opens the SCIM service: one set of connections, a reader over it, and a writer for those who may write. */

import { setMaxListeners } from 'node:events';
import type { Settings } from '../config/options.ts';
import { expiryWarning, firstToEnd } from '../lib/certificate-chain.ts';
import { SYSTEM_CLOCK, type Clock } from '../lib/clock.ts';
import { RunError } from '../model/errors.ts';
import type { Log, UserReader, UserWriter } from '../model/ports.ts';
import type { UserAttribute } from '../model/user.ts';
import { Courier, type Getter } from './courier.ts';
import { Exchange, type Request } from './exchange.ts';
import { layoutFor } from './layout.ts';
import { openLine, type CertificateSight, type Line } from './line.ts';
import { Lookup } from './lookup.ts';
import { maskFor } from './masking.ts';
import { OrganizationGate } from './organization-gate.ts';
import { ownershipBy } from './outcome.ts';
import { proxyFor, type Environment } from './proxy.ts';
import { ServiceInquiry } from './service-inquiry.ts';
import { DEFAULT_PACE, Throttle, type Pace } from './throttle.ts';
import { trustedAuthorities } from './trust.ts';
import { UserInspector } from './user-inspector.ts';
import { walkUsers } from './user-list.ts';
import { ScimUserReader } from './user-reader.ts';
import { UserUpdate } from './user-update.ts';
import { ScimUserWriter } from './user-writer.ts';

export type ServiceSettings = Pick<Settings, Extract<keyof Settings, `scim.${string}`>>;

export interface ServiceOptions {
  /** `scim.password` among them is not looked at: it may be encrypted. */
  readonly settings: ServiceSettings;
  /** The attributes of a user that may be looked at and written; absent: all. */
  readonly managed?: readonly UserAttribute[];
  /** In the clear. */
  readonly password: string;
  readonly log: Log;
  /** Aborts every request and wait of the run. */
  readonly signal: AbortSignal;
  /** Organizations that the service has already confirmed: nobody waits for a first user of theirs. */
  readonly knownOrgs: Iterable<string>;
  /** The variables that may name a proxy. */
  readonly environment: Environment;
  readonly userAgent: string;
  /** Shorter waits, for tests. */
  readonly pace?: Partial<Pace>;
  /** By which requests wait for their turn and for another attempt; a time-out always runs on the real one. */
  readonly clock?: Clock;
  /** Told when the first certificate of the service's chain ends, in ms since 1970; never called without TLS. */
  readonly onCertificate?: (endsMs: number) => void;
}

export interface Service {
  readonly reader: UserReader;
  /** For people who ask what the service holds of one user. */
  readonly inspector: UserInspector;
  /** For live runs only; until it is called, nothing but GET can be sent. */
  openWriter(): UserWriter;
  /** For whoever examines the service instead of working with it; sends nothing but GET. */
  openInquiry(): ServiceInquiry;
  /** Drops all connections; may be called twice. */
  close(): Promise<void>;
}

/** Attempts at the first request of a run: whoever started it is waiting to hear that the address is wrong. */
const CHECK_ATTEMPTS = 3;

/**
 * Prepares the connection to the SCIM service; nothing is sent yet.
 * @throws RunError FILE_UNREADABLE, FILE_INVALID for `scim.connection.ca.file`, CONFIG_INVALID for a proxy variable
 */
export function openService(options: ServiceOptions): Service {
  const { settings, log } = options;
  const baseUrl = new URL(settings['scim.baseurl']);
  const pace = { ...DEFAULT_PACE, ...options.pace };
  const signal = interruption(options.signal);
  const mask = maskFor(secretsOf(options));
  const line = lineFor(options, baseUrl);
  warnOfCleartext(baseUrl, options);

  const connections = settings['scim.client.threads'];
  const requestsPerSecond = settings['scim.requests.per.second'];
  const clock = options.clock ?? SYSTEM_CLOCK;
  const throttle = new Throttle({ pace, requestsPerSecond, connections, signal, clock });
  const exchange = new Exchange({
    line,
    throttle,
    baseUrl,
    userName: settings['scim.auth.type'] === 'BEARER' ? 'the bearer token' : settings['scim.username'],
    authorization: authorizationOf(options),
    userAgent: options.userAgent,
    requestTimeoutMs: settings['scim.read.timeout.period'],
    mask,
    log,
    maxFinishMs: pace.maxFinishMs,
    signal,
  });
  const maxAttempts = settings['scim.max.attempts'];
  const { origin } = baseUrl;
  const courier = new Courier({ exchange, throttle, pace, clock, maxAttempts, origin, mask, log, signal });
  const layout = layoutFor(settings['scim.org.attribute'], settings['scim.role.attribute'], options.managed);
  const getter = getterOver(courier, maxAttempts, { isOptional: true });
  const briefGetter = (kind: Partial<Request>): Getter =>
    getterOver(courier, Math.min(CHECK_ATTEMPTS, maxAttempts), kind);
  const walk = () => walkUsers({ getter, courier, layout, log });

  const lookup = new Lookup({ getter, layout, walk });
  const reader = new ScimUserReader({
    getter,
    checkGetter: briefGetter({ isProbe: true }),
    courier,
    baseUrl,
    userName: settings['scim.username'],
    walk,
    lookup,
    counts: () => exchange.counts(),
    purposes: () => exchange.purposes(),
    pace: () => ({ requestsPerSecond: throttle.perSecond, latencyMs: throttle.latencyMs, connections }),
  });
  return {
    reader,
    inspector: new UserInspector({ lookup, describe: (reply) => courier.describe(reply) }),
    openWriter: () => {
      exchange.permitWrites();
      return new ScimUserWriter({
        courier,
        lookup,
        update: new UserUpdate({ courier, layout, method: settings['scim.update.method'], log }),
        gate: new OrganizationGate(options.knownOrgs),
        layout,
        isOurs: ownershipBy(settings['scim.adopt.by']),
      });
    },
    openInquiry: () => new ServiceInquiry({ getter: briefGetter({ isOptional: true }), courier, layout }),
    close: () => line.close(),
  };
}

function getterOver(courier: Courier, attempts: number, kind: Partial<Request>): Getter {
  return { get: (path) => courier.repeatedly({ ...kind, method: 'GET', path }, attempts) };
}

function lineFor(options: ServiceOptions, baseUrl: URL): Line {
  const { settings, environment } = options;
  const proxy = proxyFor(baseUrl, environment);
  return openLine({
    origin: baseUrl.origin,
    connections: settings['scim.client.threads'],
    connectTimeoutMs: settings['scim.connection.timeout.period'],
    requestTimeoutMs: settings['scim.read.timeout.period'],
    authorities: trustedAuthorities(settings['scim.connection.ca.file']),
    proxy,
    onCertificate: certificateWatch(options, proxy !== null),
  });
}

/** Warns of a certificate that ends soon, once for each host however many connections show it. */
function certificateWatch({ log, onCertificate }: ServiceOptions, isProxied: boolean): CertificateSight {
  const warnedOf = new Set<string>();
  return (holder, host, chain) => {
    const ends = firstToEnd(chain, Date.now());
    if (holder === 'SERVICE' && ends !== null) onCertificate?.(ends.endsMs);
    const warning = expiryWarning(chain, host, Date.now());
    if (warning === null || warnedOf.has(host)) return;
    warnedOf.add(host);
    const where = holder === 'PROXY' ? 'Of the proxy: ' : isProxied ? 'Behind the proxy: ' : '';
    log.warn('ScimService', where + warning);
  };
}

function authorizationOf({ settings, password }: ServiceOptions): string {
  if (settings['scim.auth.type'] === 'BEARER') return `Bearer ${password}`;
  return `Basic ${Buffer.from(`${settings['scim.username']}:${password}`).toString('base64')}`;
}

function secretsOf(options: ServiceOptions): string[] {
  const [, credentials = ''] = authorizationOf(options).split(' ');
  return [options.password, credentials, encodeURIComponent(options.password)];
}

function warnOfCleartext(baseUrl: URL, { log }: ServiceOptions): void {
  const isLoopback = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(baseUrl.hostname);
  if (baseUrl.protocol === 'https:' || isLoopback) return;
  log.warn('ScimService', `scim.baseurl is http://: the password goes to ${baseUrl.host} unencrypted.`);
}

/** The signal for all that we wait for; its reason is always an error that the engine understands. */
function interruption(signal: AbortSignal): AbortSignal {
  const controller = new AbortController();
  // Every worker that waits listens to it; Node warns of eleven.
  setMaxListeners(0, controller.signal);
  const abort = (): void => {
    const reason: unknown = signal.reason;
    controller.abort(
      reason instanceof RunError
        ? reason
        : new RunError('INTERRUPTED', 'The run was interrupted.', { cause: reason }),
    );
  };
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return controller.signal;
}
