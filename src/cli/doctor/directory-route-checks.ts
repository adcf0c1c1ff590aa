/** The way to the directory: names, ports, TLS. */

import type { LoadedSettings } from '../../config/settings.ts';
import { nameServers, reachServers, shakeHands } from '../../ldap/server-route.ts';
import type { NamedServers, Tried } from '../../ldap/server-route.ts';
import { formatServer, type ServerAddress } from '../../ldap/server-url.ts';
import { RunError } from '../../model/errors.ts';
import { Check, doubtful, fine } from './check.ts';
import { handshakeFinding } from './network-findings.ts';
import { patiently } from './patience.ts';

export interface DirectoryRoute {
  /** The server that a run would take. */
  readonly chosen: Check<ServerAddress>;
  readonly all: readonly Check<unknown>[];
}

/** Of Active Directory: it holds a few attributes of the whole forest, and no changes that could be asked for. */
const GLOBAL_CATALOG_PORTS = [3268, 3269];

const CONNECT_LIMIT_MS = 45_000;

export function directoryRoute(configuration: Check<LoadedSettings>): DirectoryRoute {
  const stage = 'DIRECTORY';
  const names = new Check({
    id: 'directory-dns',
    stage,
    title: 'DNS',
    needs: [configuration],
    limitMs: CONNECT_LIMIT_MS,
    examine: async (signal) => {
      const loaded = configuration.value;
      const work = () => nameServers(loaded.settings, signal);
      return namesFinding(await patiently({ ...attemptsOf(loaded), signal }, work));
    },
  });
  const port = new Check({
    id: 'directory-port',
    stage,
    title: 'Port',
    needs: [names],
    examine: () => portFinding(names.value),
  });
  const tcp = new Check({
    id: 'directory-tcp',
    stage,
    title: 'TCP',
    needs: [names],
    limitMs: CONNECT_LIMIT_MS,
    examine: async (signal) => {
      const loaded = configuration.value;
      const servers = names.value.servers.map(({ server }) => server);
      const work = () => reachServers(servers, loaded.settings, signal);
      return triedFinding(await patiently({ ...attemptsOf(loaded), signal }, work), servers.length);
    },
  });
  const tls = new Check({
    id: 'directory-tls',
    stage,
    title: 'TLS',
    needs: [tcp],
    limitMs: CONNECT_LIMIT_MS,
    examine: async (signal) => {
      const { settings } = configuration.value;
      const { fit, problems } = await shakeHands(tcp.value, settings, signal);
      const [first] = fit;
      if (first === undefined) throw new RunError('DIRECTORY_UNREACHABLE', 'No server takes TLS.');
      const { server, answer } = first;
      const place = formatServer(server);
      if (answer === null) return fine(`${place}: none, ldap.baseurl is ldap://`, server);
      const finding = handshakeFinding(place, answer, server);
      if (settings['ldap.connection.allowunsafecerts']) {
        const message = `${finding.message}; any certificate is accepted (ldap.connection.allowunsafecerts)`;
        return doubtful(message, 'Name the authority in ldap.connection.ca.file instead.', server);
      }
      if (problems.length === 0) return finding;
      return doubtful(`${finding.message}; not used: ${problems.join('; ')}`, finding.fix, server);
    },
  });
  return { chosen: tls, all: [names, port, tcp, tls] };
}

function namesFinding(named: NamedServers): ReturnType<typeof fine<NamedServers>> {
  const list = named.servers
    .map(({ server, addresses }) => {
      const isAddress = addresses.includes(server.host);
      return `${formatServer(server)}${isAddress ? '' : ` = ${addresses.join(', ')}`}`;
    })
    .join('; ');
  const message = `${named.bySrv ? 'by SRV records: ' : ''}${list}`;
  if (named.problems.length === 0) return fine(message, named);
  const fix = 'Correct ldap.baseurl or the DNS: runs fall back to the others.';
  return doubtful(`${message}; unknown: ${named.problems.join('; ')}`, fix, named);
}

function portFinding({ servers }: NamedServers): ReturnType<typeof fine<null>> {
  const catalogs = servers.filter(({ server }) => GLOBAL_CATALOG_PORTS.includes(server.port));
  const ports = [...new Set(servers.map(({ server }) => server.port))].join(', ');
  if (catalogs.length === 0) return fine(`${ports}: the directory itself`, null);
  const catalogPorts = [...new Set(catalogs.map(({ server }) => server.port))].join(', ');
  return doubtful(
    `${catalogPorts}: a global catalog. Many attributes of users, and groups of other domains, are missing there`,
    'Use port 636 (or 389 with ldap.connection.starttls) of a domain controller, unless one search has to see the whole forest.',
    null,
  );
}

/** As often as a run would. */
function attemptsOf({ settings }: LoadedSettings): { attempts: number; delayMs: number } {
  return {
    attempts: settings['ldap.max.attempts'],
    delayMs: settings['ldap.delay.between.attempts'],
  };
}

function triedFinding(
  { fit, problems }: Tried<string>,
  total: number,
): ReturnType<typeof fine<readonly ServerAddress[]>> {
  const servers = fit.map(({ server }) => server);
  const answering = fit.map(({ server, answer }) => `${formatServer(server)} (${answer})`).join(', ');
  if (problems.length === 0) return fine(`${answering} answers`, servers);
  const message = `${fit.length} of ${total} servers answer: ${answering}; not: ${problems.join('; ')}`;
  return doubtful(message, 'Runs use the others; mend these before they are needed.', servers);
}
