/** Whom we trust behind ldaps://, what we show of ourselves, and what to tell an administrator whose server we do not. */

import { readFile } from 'node:fs/promises';
import { createSecureContext, getCACertificates } from 'node:tls';
import type { SecureContext, SecureContextOptions } from 'node:tls';
import { fileProblem } from '../lib/file-problem.ts';
import { RunError } from '../model/errors.ts';

/** The TLS options that are the same for every connection of a run. The authorities are parsed once, not each time. */
export interface TlsTrust {
  readonly rejectUnauthorized: boolean;
  readonly secureContext: SecureContext;
}

/** What we show of ourselves; empty paths for nothing. */
export interface ClientCertificate {
  readonly certFile: string;
  /** `''`: the key stands in the file of the certificate. */
  readonly keyFile: string;
}

/**
 * @param caFile `ldap.connection.ca.file`, `''` for none: its authorities are trusted beside the built-in ones
 * @param allowUnsafe `ldap.connection.allowunsafecerts`: any certificate, and by the vendor's article also servers with
 *   which a strict handshake fails, so old protocol versions and ciphers too
 * @throws RunError FILE_UNREADABLE, FILE_INVALID for the file
 */
export async function tlsTrust(
  caFile: string,
  allowUnsafe: boolean,
  client: ClientCertificate = { certFile: '', keyFile: '' },
): Promise<TlsTrust> {
  const shown = await clientOptions(client);
  if (allowUnsafe) {
    const secureContext = createSecureContext({
      ...shown,
      minVersion: 'TLSv1',
      ciphers: 'DEFAULT:@SECLEVEL=0',
    });
    return { rejectUnauthorized: false, secureContext };
  }
  if (caFile === '') return { rejectUnauthorized: true, secureContext: createSecureContext(shown) };
  const pem = await readPem('ldap.connection.ca.file', caFile, 'CERTIFICATE');
  // An administrator who names an intermediate authority, or the server's own certificate, means just that one.
  const ca = [...getCACertificates('default'), pem];
  const problem = `ldap.connection.ca.file holds a damaged certificate: ${caFile}`;
  const secureContext = contextOf({ ...shown, ca, allowPartialTrustChain: true }, problem);
  return { rejectUnauthorized: true, secureContext };
}

async function clientOptions({ certFile, keyFile }: ClientCertificate): Promise<SecureContextOptions> {
  if (certFile === '') return {};
  const cert = await readPem('ldap.connection.client.cert', certFile, 'CERTIFICATE');
  const key =
    keyFile === ''
      ? pemWith('ldap.connection.client.cert', certFile, cert, '(?:[A-Z]+ )?PRIVATE KEY')
      : await readPem('ldap.connection.client.key', keyFile, '(?:[A-Z]+ )?PRIVATE KEY');
  if (/BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(key)) {
    const where = keyFile === '' ? 'ldap.connection.client.cert' : 'ldap.connection.client.key';
    throw new RunError(
      'FILE_INVALID',
      `The private key of ${where} has a passphrase, which nobody can type in.`,
      {
        fix: 'Store it without one, readable by the account of c42uds alone.',
      },
    );
  }
  const options = { cert, key };
  contextOf(options, `ldap.connection.client.cert and its private key do not fit together: ${certFile}`);
  return options;
}

async function readPem(property: string, path: string, label: string): Promise<string> {
  try {
    return pemWith(property, path, await readFile(path, 'utf8'), label);
  } catch (error) {
    if (error instanceof RunError) throw error;
    const message = `${property} cannot be read: ${path}: ${fileProblem(error)}`;
    throw new RunError('FILE_UNREADABLE', message, { cause: error });
  }
}

function pemWith(property: string, path: string, pem: string, label: string): string {
  if (new RegExp(`-----BEGIN (?:ENCRYPTED )?${label}-----`).test(pem)) return pem;
  const what = label === 'CERTIFICATE' ? 'certificate' : 'private key';
  throw new RunError('FILE_INVALID', `${property} holds no PEM ${what}: ${path}`);
}

function contextOf(options: SecureContextOptions, problem: string): SecureContext {
  try {
    return createSecureContext(options);
  } catch (error) {
    throw new RunError('FILE_INVALID', problem, { cause: error });
  }
}

const UNKNOWN_AUTHORITY = 'it is signed by an authority that is not known here';

const CERTIFICATE_CAUSES: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  CERT_REVOKED: 'it has been revoked',
  CERT_SIGNATURE_FAILURE: 'its signature is wrong',
  INVALID_PURPOSE: 'it is not meant for a server',
  INVALID_CA: 'its authority may not sign certificates',
  CERT_CHAIN_TOO_LONG: 'its chain is too long',
};

interface CertificateError extends Error {
  readonly code?: string;
  /** Node's reason for a host name that does not match. */
  readonly reason?: string;
  readonly cert?: { readonly valid_to?: string; readonly subjectaltname?: string };
}

/**
 * Why the server's certificate is refused, in plain words; `null` when the error is not about the certificate.
 * @param validTo when the certificate ends, as the handshake showed it
 */
export function certificateProblem(error: Error, host: string, validTo: string | null): string | null {
  const { code = '', cert } = error as CertificateError;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const names = cert?.subjectaltname ?? 'no host at all';
    return `the certificate of ${host} cannot be trusted: it is for another host (${names})`;
  }
  const cause = CERTIFICATE_CAUSES[code];
  if (cause === undefined) return null;
  const since = code === 'CERT_HAS_EXPIRED' && validTo !== null ? ` (on ${validTo})` : '';
  return `the certificate of ${host} cannot be trusted: ${cause}${since}`;
}

export const CERTIFICATE_FIX =
  'Give the server a valid certificate for this host name, or name the certificate of its authority in ' +
  'ldap.connection.ca.file. ldap.connection.allowunsafecerts=true accepts any certificate (not recommended).';
