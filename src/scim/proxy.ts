/** Which proxy, if any, the environment names for the SCIM service. */

import { BlockList, isIP } from 'node:net';
import { RunError } from '../model/errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for requests to `target`, or `null` for none. Variables are read in either case, as curl does:
 * `https_proxy` or `http_proxy` by the target's scheme, then `all_proxy`, unless `no_proxy` lists the host.
 * @throws RunError CONFIG_INVALID when the variable holds no usable URL
 */
export function proxyFor(target: URL, environment: Environment): URL | null {
  const names = [target.protocol === 'https:' ? 'https_proxy' : 'http_proxy', 'all_proxy'];
  for (const name of names) {
    const value = variable(environment, name);
    if (value === null) continue;
    return isExempt(target, variable(environment, 'no_proxy') ?? '') ? null : proxyUrl(name, value);
  }
  return null;
}

function variable(environment: Environment, name: string): string | null {
  const value = (environment[name] ?? environment[name.toUpperCase()] ?? '').trim();
  return value === '' ? null : value;
}

function proxyUrl(name: string, value: string): URL {
  // `proxy:3128` is what people write; without a scheme it would be read as the scheme "proxy".
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (
    url === null ||
    !['http:', 'https:', 'socks5:', 'socks:'].includes(url.protocol) ||
    url.hostname === ''
  ) {
    throw new RunError(
      'CONFIG_INVALID',
      `The environment variable ${name} does not hold the URL of a proxy.`,
      {
        fix: `Set ${name} to http://HOST:PORT, or remove it.`,
      },
    );
  }
  return url;
}

function isExempt(target: URL, noProxy: string): boolean {
  const host = bareHost(target.hostname);
  const port = target.port === '' ? (target.protocol === 'https:' ? '443' : '80') : target.port;
  return noProxy
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => entry === '*' || matches(entry.toLowerCase(), host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry.includes('/')) return isInNetwork(entry, host);
  const parts = /^(?<name>\[.*\]|[^:]*)(?::(?<port>\d+))?$/.exec(entry)?.groups;
  // No match: an IPv6 address without brackets, which can have no port.
  if (parts?.['port'] !== undefined && parts['port'] !== port) return false;
  const name = bareHost(parts?.['name'] ?? entry).replace(/^\*?\./, '');
  return host === name || (isIP(host) === 0 && host.endsWith(`.${name}`));
}

function isInNetwork(entry: string, host: string): boolean {
  const [network = '', bits = ''] = entry.split('/');
  const family = isIP(bareHost(network));
  if (family === 0 || isIP(host) !== family) return false;
  const prefix = Number(bits);
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  const type = family === 4 ? 'ipv4' : 'ipv6';
  list.addSubnet(bareHost(network), prefix, type);
  return list.check(host, type);
}

function bareHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
}
