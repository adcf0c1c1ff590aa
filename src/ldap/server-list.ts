/** Turns `ldap.baseurl` into the servers to try, in order; a domain is asked of the DNS (RFC 2782). */

import type { ServerAddress, ServerSource } from './server-url.ts';
import { formatServer } from './server-url.ts';

/** One SRV record, in the shape of Node's resolver. */
export interface ServiceRecord {
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

/** What of the DNS is needed; Node's Resolver is one. */
export interface NameService {
  resolveSrv(name: string): Promise<readonly ServiceRecord[]>;
}

export interface ServerList {
  readonly servers: readonly ServerAddress[];
  /** Why a domain yields none, in words. */
  readonly problems: readonly string[];
}

interface Choice {
  readonly names: NameService;
  /** From 0 up to but not including 1. */
  readonly random: () => number;
  /** Of the servers of a domain with one priority, this one first. */
  readonly preferred: string | null;
}

/** Each server once. Never throws for what the DNS says or does not say. */
export async function listServers(sources: readonly ServerSource[], choice: Choice): Promise<ServerList> {
  const servers = new Map<string, ServerAddress>();
  const problems: string[] = [];
  for (const source of sources) {
    const found = source.kind === 'SERVER' ? [source.server] : await ofDomain(source, choice);
    if (typeof found === 'string') problems.push(found);
    else for (const server of found) servers.set(key(server), servers.get(key(server)) ?? server);
  }
  return { servers: [...servers.values()], problems };
}

function key(server: ServerAddress): string {
  return formatServer(server).toLowerCase();
}

type DomainSource = Extract<ServerSource, { kind: 'DOMAIN' }>;

async function ofDomain({ domain, secure }: DomainSource, choice: Choice): Promise<ServerAddress[] | string> {
  // Hardly anybody publishes _ldaps._tcp; Active Directory does not.
  const services = secure ? ['_ldaps._tcp', '_ldap._tcp'] : ['_ldap._tcp'];
  let problem = '';
  for (const service of services) {
    const name = `${service}.${domain}`;
    const records = await ask(choice.names, name);
    if (typeof records === 'string') {
      problem = records;
      continue;
    }
    const inside = records.filter((record) => isWithin(record.name, domain));
    if (inside.length === 0) {
      const outside = [...new Set(records.map((record) => record.name))].join(', ');
      return `${name} names only servers outside of ${domain} (${outside}): a forged answer would do so, too. If they are right, write them into ldap.baseurl`;
    }
    const tlsPorts = service === '_ldap._tcp' && secure;
    return orderServices(inside, choice.random, (record) =>
      isPreferred(record, secure, tlsPorts, choice.preferred),
    ).map((record) => addressOf(record, secure, tlsPorts));
  }
  return problem;
}

async function ask(names: NameService, name: string): Promise<readonly ServiceRecord[] | string> {
  try {
    const records = await names.resolveSrv(name);
    // RFC 2782: a single "." says that the service is decidedly not available.
    const usable = records.filter((record) => record.name !== '' && record.name !== '.' && record.port > 0);
    return usable.length > 0 ? usable : `the DNS says that ${name} names no server`;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOTFOUND' || code === 'ENODATA')
      return `the DNS knows no ${name}: is the domain in ldap.baseurl right?`;
    return `the DNS gives no answer about ${name} (${code === '' ? String(error) : code})`;
  }
}

/**
 * Who forges the answer of the DNS could name a server of his own, with a certificate that is good for that name: what
 * vouches for a server is that its name lies in the domain that the administrator wrote.
 */
function isWithin(host: string, domain: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  // A site of Active Directory, Berlin._sites.example.com, is a part of the DNS without hosts of its own.
  const zone = domain.toLowerCase().replace(/^.*\b_[^.]*\./, '');
  return name === zone || name.endsWith(`.${zone}`);
}

/** The ports for TLS that belong to those for plain LDAP, of the directory and of the global catalog. */
const TLS_PORTS: ReadonlyMap<number, number> = new Map([
  [389, 636],
  [3268, 3269],
]);

function addressOf(record: ServiceRecord, secure: boolean, tlsPorts: boolean): ServerAddress {
  const port = tlsPorts ? (TLS_PORTS.get(record.port) ?? record.port) : record.port;
  return { secure, host: record.name.replace(/\.$/, ''), port };
}

function isPreferred(
  record: ServiceRecord,
  secure: boolean,
  tlsPorts: boolean,
  preferred: string | null,
): boolean {
  return preferred !== null && key(addressOf(record, secure, tlsPorts)) === preferred.toLowerCase();
}

/**
 * The order of RFC 2782: by priority, and within one by chance, in proportion to the weights. A preferred record comes
 * first within its priority.
 */
export function orderServices(
  records: readonly ServiceRecord[],
  random: () => number,
  preferred: (record: ServiceRecord) => boolean = () => false,
): ServiceRecord[] {
  const priorities = [...new Set(records.map(({ priority }) => priority))].sort((a, b) => a - b);
  return priorities.flatMap((priority) => {
    const group = records.filter((record) => record.priority === priority);
    const first = group.filter(preferred);
    return [...first, ...byWeight([...group.filter((record) => !preferred(record))], random)];
  });
}

function byWeight(left: ServiceRecord[], random: () => number): ServiceRecord[] {
  // Those of weight 0 stand first, so that they have a small chance and no more.
  left.sort((a, b) => (a.weight === 0 ? 0 : 1) - (b.weight === 0 ? 0 : 1));
  const ordered: ServiceRecord[] = [];
  while (left.length > 0) {
    const total = left.reduce((sum, { weight }) => sum + weight, 0);
    const drawn = Math.floor(random() * (total + 1));
    let sum = 0;
    const at = left.findIndex(({ weight }) => (sum += weight) >= drawn);
    ordered.push(...left.splice(Math.max(at, 0), 1));
  }
  return ordered;
}
