/** The certificates that a server shows and that are not trusted, for a person to decide on. */

import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { DetailedPeerCertificate } from 'node:tls';
import { certificatesFrom } from '../lib/certificate-chain.ts';
import { ConnectError } from './connecting.ts';
import { parseServerUrls } from './server-url.ts';
import { askForTls } from './start-tls.ts';
import { Traffic } from './traffic.ts';

export interface ShownCertificate {
  readonly subject: string;
  readonly issuer: string;
  /** As OpenSSL writes it: `Mar  9 14:05:06 2027 GMT`. */
  readonly validTo: string;
  /** SHA-256, hexadecimal digits with colons. */
  readonly fingerprint: string;
  readonly pem: string;
}

/**
 * What the first server of `ldap.baseurl` shows, its own certificate first. The handshake is for looking alone: nothing
 * is sent over it. Empty where there is nothing to be seen.
 */
export async function shownCertificates(
  urls: string,
  startTls: boolean,
  timeoutMs: number,
): Promise<readonly ShownCertificate[]> {
  const [source] = parseServerUrls(urls);
  if (source?.kind !== 'SERVER') return [];
  const { server } = source;
  const { host, port, secure } = server;
  const plain = connectTcp({ host, port, timeout: timeoutMs });
  // Told by its end, which follows.
  plain.on('error', () => undefined);
  plain.on('timeout', () => plain.destroy(new ConnectError('no answer')));
  try {
    if (!secure && startTls && (await askForTls(plain, timeoutMs, server, new Traffic())) !== null) return [];
    const name = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
    const socket = connectTls({ socket: plain, rejectUnauthorized: false, ...name });
    return await new Promise((resolve, reject) => {
      socket.once('secureConnect', () =>
        resolve(certificatesFrom(socket.getPeerCertificate(true)).map(shown)),
      );
      socket.on('error', reject);
      plain.once('close', () => reject(new ConnectError('the connection was closed')));
    });
  } catch {
    // Whoever cannot show it has been told why the connection failed.
    return [];
  } finally {
    plain.destroy();
  }
}

function shown({
  subject,
  issuer,
  valid_to: validTo,
  fingerprint256,
  raw,
}: DetailedPeerCertificate): ShownCertificate {
  return {
    subject: nameOf(subject),
    issuer: nameOf(issuer),
    validTo,
    fingerprint: fingerprint256,
    pem: pemOf(raw),
  };
}

function nameOf(name: object): string {
  return Object.entries(name)
    .map(([type, value]) => `${type}=${String(value)}`)
    .join(', ');
}

function pemOf(raw: Buffer): string {
  const lines = raw.toString('base64').replace(/(.{64})(?!$)/g, '$1\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}
