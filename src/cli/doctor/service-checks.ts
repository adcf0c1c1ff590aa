/** The SCIM service: the way to it, whether it lets us in, and how far it keeps to RFC 7644. Nothing but GET is sent. */

import type { LoadedSettings } from '../../config/settings.ts';
import { count, counted, duration } from '../../report/quantity.ts';
import type { Service } from '../../scim/service.ts';
import type { ListFindings, ServiceFeatures, ServiceInquiry } from '../../scim/service-inquiry.ts';
import {
  reachService,
  serviceAddresses,
  serviceRoute,
  shakeHandsWithService,
} from '../../scim/service-route.ts';
import type { ServiceRoute } from '../../scim/service-route.ts';
import { openServiceOf } from '../adapters.ts';
import { Check, doubtful, fine, type CheckPlan, type Finding } from './check.ts';
import type { Consultation } from './consultation.ts';
import { clockFinding, handshakeFinding } from './network-findings.ts';
import { patiently } from './patience.ts';

const stage = 'SERVICE';
/** As often as the first request of a run. */
const AGAIN = { attempts: 3, delayMs: 500 };
const NO_FIX = 'c42uds copes with it; report it to whoever runs the service.';

export function serviceChecks(
  consultation: Consultation,
  configuration: Check<LoadedSettings>,
  scimPassword: Check<string>,
): readonly Check<unknown>[] {
  const route = routeChecks(consultation, configuration);
  const auth = new Check({
    id: 'scim-auth',
    stage,
    title: 'Authentication',
    needs: [route.open, scimPassword],
    limitMs: 45_000,
    examine: async () => {
      const { settings } = configuration.value;
      const service = await openServiceOf(settings, scimPassword.value, [], consultation.session);
      consultation.atEnd(() => service.close());
      await service.reader.check();
      const who = settings['scim.auth.type'] === 'BEARER' ? 'the bearer token' : settings['scim.username'];
      return fine(`${settings['scim.baseurl']} lets ${who} in`, service);
    },
  });
  return [...route.all, auth, ...behaviourChecks(configuration, auth)];
}

function routeChecks(
  { session }: Consultation,
  configuration: Check<LoadedSettings>,
): { readonly open: Check<unknown>; readonly all: readonly Check<unknown>[] } {
  const proxy = new Check({
    id: 'scim-proxy',
    stage,
    title: 'Proxy',
    needs: [configuration],
    examine: () => {
      const route = serviceRoute(configuration.value.settings, session.env);
      if (route.proxy === null) return fine('none: the environment names none for this address', route);
      // Its URL may hold credentials.
      return fine(`${route.proxy.protocol}//${route.proxy.host}, from the environment`, route);
    },
  });
  const dns = new Check({
    id: 'scim-dns',
    stage,
    title: 'DNS',
    needs: [proxy],
    examine: async (signal) => {
      const { host } = proxy.value;
      const found = await patiently({ ...AGAIN, signal }, () => serviceAddresses(proxy.value));
      const addresses = found.join(', ');
      return fine(addresses === host ? host : `${host} = ${addresses}`, null);
    },
  });
  const tcp = new Check({
    id: 'scim-tcp',
    stage,
    title: 'TCP',
    needs: [proxy, dns],
    limitMs: 45_000,
    examine: async (signal) => {
      const { host, port } = proxy.value;
      const timeoutMs = configuration.value.settings['scim.connection.timeout.period'];
      const work = () => reachService(proxy.value, timeoutMs, signal);
      const address = await patiently({ ...AGAIN, signal }, work);
      return fine(`${host}, port ${port} answers (${address})`, null);
    },
  });
  const tls = new Check({
    id: 'scim-tls',
    stage,
    title: 'TLS',
    needs: [proxy, tcp],
    examine: (signal) => tlsFinding(proxy.value, configuration.value, signal),
  });
  return { open: tls, all: [proxy, dns, tcp, tls] };
}

async function tlsFinding(
  route: ServiceRoute,
  { settings }: LoadedSettings,
  signal: AbortSignal,
): Promise<Finding<null>> {
  if (!route.origin.startsWith('https:')) return fine('none: scim.baseurl is http://', null);
  if (route.proxy !== null) return fine('behind the proxy: the first request shows it', null);
  return handshakeFinding(route.origin, await shakeHandsWithService(route, settings, signal), null);
}

/** No run fails for any of these: c42uds believes as little of a service as possible. */
function behaviourChecks(
  configuration: Check<LoadedSettings>,
  auth: Check<Service>,
): readonly Check<unknown>[] {
  let inquiry: ServiceInquiry | null = null;
  const ask = (): ServiceInquiry => (inquiry ??= auth.value.openInquiry());
  const common = { stage, needs: [auth], isAdvisory: true, limitMs: 30_000 } as const;
  const features = new Check({
    ...common,
    id: 'scim-discovery',
    title: 'Discovery',
    examine: async () => featuresFinding(await ask().features()),
  });
  const list = new Check({
    ...common,
    id: 'scim-paging',
    title: 'Paging',
    examine: async () => listFinding(await ask().list()),
  });
  const filters = filterChecks(common, ask, list);
  const patch = new Check({
    ...common,
    id: 'scim-patch',
    title: 'PATCH',
    needs: [features],
    examine: () =>
      patchFinding(features.value?.patch ?? null, configuration.value.settings['scim.update.method']),
  });
  const etag = new Check({
    ...common,
    id: 'scim-etag',
    title: 'ETag',
    needs: [features, list],
    examine: async () => {
      const user = list.value?.first ?? null;
      if (user === null) return fine('not tried: the service shows no user', null);
      if (await ask().showsVersion(user)) return fine('users carry a version', null);
      const message = 'users carry no version: an edit in the console during a run may be overwritten';
      return features.value?.etag === true
        ? doubtful(`${message}, though the service says that it has ETags`, NO_FIX, null)
        : fine(message, null);
    },
  });
  const rate = new Check({
    ...common,
    id: 'scim-rate',
    title: 'Rate limit',
    examine: () => rateFinding(ask().quota),
  });
  const clock = new Check({
    ...common,
    id: 'scim-clock',
    title: 'Clock',
    examine: () => clockFinding(ask().clockAheadMs(), 'the service'),
  });
  return [features, list, ...filters, patch, etag, rate, clock];
}

function filterChecks(
  common: Pick<CheckPlan<null>, 'stage' | 'needs' | 'isAdvisory' | 'limitMs'>,
  ask: () => ServiceInquiry,
  list: Check<ListFindings | null>,
): readonly Check<unknown>[] {
  return (['userName', 'externalId'] as const).map(
    (key) =>
      new Check({
        ...common,
        id: `scim-filter-${key.toLowerCase()}`,
        title: `Filter ${key}`,
        examine: async () => {
          const user = list.passed ? list.value : null;
          const works = await ask().filter(key, user?.first ?? null);
          if (works === true) return fine(`a filter by ${key} is honoured`, null);
          const fix = 'The whole list is read where one user is sought: have the service mended.';
          return doubtful(works, fix, null);
        },
      }),
  );
}

function featuresFinding(found: ServiceFeatures | string): Finding<ServiceFeatures | null> {
  if (typeof found === 'string') {
    const fix = 'c42uds finds out by itself what the service can do.';
    return doubtful(`the service does not say what it can do: ${found}`, fix, null);
  }
  const word = (supported: boolean | null): string =>
    supported === null ? 'not told' : supported ? 'yes' : 'no';
  const most = found.maxResults === null ? '' : `, at most ${count(found.maxResults)} results`;
  return fine(
    `PATCH ${word(found.patch)}, filter ${word(found.filter)}${most}, ETag ${word(found.etag)}`,
    found,
  );
}

function listFinding(found: ListFindings | string): Finding<ListFindings | null> {
  if (typeof found === 'string') {
    const fix = 'Users who are at the service already are then found one by one only.';
    return doubtful(`the service does not list its users: ${found}`, fix, null);
  }
  const total = found.total === null ? 'an unknown number of users' : counted(found.total, 'user');
  if (found.problems.length === 0) return fine(`${total}; pages are as asked for`, found);
  return doubtful(`${total}; ${found.problems.join('; ')}`, NO_FIX, found);
}

function patchFinding(supported: boolean | null, method: string): Finding<null> {
  if (supported === true) return fine(`the service takes PATCH; scim.update.method=${method}`, null);
  if (supported === null) return fine(`the service does not say; scim.update.method=${method}`, null);
  if (method === 'PATCH') {
    const fix = 'Set scim.update.method=AUTO.';
    return doubtful('the service has no PATCH, but scim.update.method=PATCH: updates will fail', fix, null);
  }
  const message = 'the service has no PATCH: each update reads the whole user and sends it by PUT';
  return doubtful(message, 'It works, at the price of a second request for each update.', null);
}

function rateFinding(quota: ServiceInquiry['quota']): Finding<null> {
  if (quota === null) return fine('the service tells none: c42uds finds it out by what is refused', null);
  const { remaining, limit, resetMs } = quota;
  const of = limit === null ? '' : ` of ${count(limit)}`;
  const message = `${counted(remaining, 'request')}${of} left, more in ${duration(resetMs)}`;
  if (remaining > 0) return fine(message, null);
  return doubtful(message, 'Another program uses the allowance up: set scim.requests.per.second.', null);
}
