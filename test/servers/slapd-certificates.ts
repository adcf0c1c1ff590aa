/** Certificates for TLS tests, made by openssl in a folder of the caller: one good, and the usual bad ones. */

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export type CertificateKind = 'good' | 'expiring' | 'expired' | 'selfsigned' | 'wronghost';

export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
}

const LOCAL_NAMES = 'DNS:localhost,IP:127.0.0.1,IP:0:0:0:0:0:0:0:1';

/** For the `skip` option of tests: the reason, or false; where servers are required, the tests run and fail instead. */
export function opensslSkip(): string | false {
  if (process.env['C42UDS_REQUIRE_SERVERS'] === '1' || existsSync('/usr/bin/openssl')) return false;
  return 'OpenSSL is not installed here';
}

/** A certificate authority of this test alone, longer good than what it signs; returns the path of its certificate. */
export async function makeAuthority(folder: string, days = 730): Promise<string> {
  const caFile = join(folder, 'ca.pem');
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', `${days}`],
    ...['-subj', '/CN=c42uds test authority', '-keyout', join(folder, 'ca.key'), '-out', caFile],
  ]);
  return caFile;
}

/** A certificate for a client, with this common name. */
export async function makeClientCertificate(folder: string, name: string): Promise<Certificate> {
  const file = (ending: string): string => join(folder, `client-${name}.${ending}`);
  const certFile = file('pem');
  const keyFile = file('key');
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile];
  await run('openssl', ['req', ...key, '-subj', `/CN=${name}`, '-out', file('csr')]);
  await run('openssl', [
    ...['x509', '-req', '-in', file('csr'), '-CA', join(folder, 'ca.pem'), '-CAkey', join(folder, 'ca.key')],
    ...['-CAcreateserial', '-days', '30', '-out', certFile],
  ]);
  return { certFile, keyFile };
}

/** A server certificate for localhost, 127.0.0.1, ::1 and `more`, or one that is wrong as its kind says. */
export async function makeCertificate(
  folder: string,
  kind: CertificateKind,
  more: readonly string[] = [],
): Promise<Certificate> {
  const file = (name: string): string => join(folder, `${kind}.${name}`);
  const certFile = file('pem');
  const keyFile = file('key');
  const names = kind === 'wronghost' ? 'DNS:directory.example.net' : [LOCAL_NAMES, ...more].join();
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile];
  const subject = ['-subj', `/CN=${kind}`, '-addext', `subjectAltName=${names}`];
  if (kind === 'selfsigned') {
    await run('openssl', ['req', '-x509', ...key, ...subject, '-days', '30', '-out', certFile]);
    return { certFile, keyFile };
  }
  await run('openssl', ['req', ...key, ...subject, '-out', file('csr')]);
  // `openssl ca` is the only command of OpenSSL 3.0 that can date a certificate in the past.
  await writeFile(file('index'), '');
  await writeFile(
    file('cnf'),
    [
      '[ca]\ndefault_ca=own\n[own]\ndefault_md=sha256\npolicy=any\ncopy_extensions=copy\nrand_serial=yes',
      `database=${file('index')}\nnew_certs_dir=${folder}`,
      `certificate=${join(folder, 'ca.pem')}\nprivate_key=${join(folder, 'ca.key')}`,
      '[any]\ncommonName=supplied\n',
    ].join('\n'),
  );
  const dates =
    kind === 'expired'
      ? ['-startdate', '20200101000000Z', '-enddate', '20210101000000Z']
      : ['-days', kind === 'expiring' ? '10' : '365'];
  await run('openssl', [
    ...['ca', '-batch', '-notext', '-config', file('cnf'), ...dates],
    ...['-in', file('csr'), '-out', certFile],
  ]);
  return { certFile, keyFile };
}
