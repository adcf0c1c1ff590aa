/** Whom we trust behind ldaps://, and what to tell an administrator whose server we do not. */

import { readFile } from 'node:fs/promises';
import { createSecureContext, getCACertificates } from 'node:tls';
import type { SecureContext } from 'node:tls';
import { RunError } from '../model/errors.ts';

/** The TLS options that are the same for every connection of a run. The authorities are parsed once, not each time. */
export interface TlsTrust {
  readonly rejectUnauthorized: boolean;
  readonly secureContext: SecureContext;
}

/**
 * @param caFile `ldap.connection.ca.file`, `''` for none: its authorities are trusted beside the built-in ones
 * @param allowUnsafe `ldap.connection.allowunsafecerts`: any certificate, and by the vendor's article also servers with
 *   which a strict handshake fails, so old protocol versions and ciphers too
 * @throws RunError FILE_UNREADABLE, FILE_INVALID for the file
 */
export async function tlsTrust(caFile: string, allowUnsafe: boolean): Promise<TlsTrust> {
  if (allowUnsafe) {
    const secureContext = createSecureContext({ minVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' });
    return { rejectUnauthorized: false, secureContext };
  }
  if (caFile === '') return { rejectUnauthorized: true, secureContext: createSecureContext() };
  let pem: string;
  try {
    pem = await readFile(caFile, 'utf8');
  } catch (error) {
    throw new RunError('FILE_UNREADABLE', `ldap.connection.ca.file cannot be read: ${caFile}`, {
      cause: error,
    });
  }
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) {
    throw new RunError('FILE_INVALID', `ldap.connection.ca.file holds no PEM certificate: ${caFile}`);
  }
  // An administrator who names an intermediate authority, or the server's own certificate, means just that one.
  const ca = [...getCACertificates('default'), pem];
  return { rejectUnauthorized: true, secureContext: contextOf(ca, caFile) };
}

function contextOf(ca: string[], caFile: string): SecureContext {
  try {
    return createSecureContext({ ca, allowPartialTrustChain: true });
  } catch (error) {
    throw new RunError('FILE_INVALID', `ldap.connection.ca.file holds a damaged certificate: ${caFile}`, {
      cause: error,
    });
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

const DAY_MS = 86_400_000;
const NOTICE_DAYS = 30;

/** What to warn of while there is time to renew the certificate; `null` where nothing is due. */
export function expiryWarning(endsMs: number | null, host: string, nowMs: number): string | null {
  if (endsMs === null || Number.isNaN(endsMs) || endsMs - nowMs > NOTICE_DAYS * DAY_MS) return null;
  const days = Math.max(0, Math.floor((endsMs - nowMs) / DAY_MS));
  const end = new Date(endsMs).toISOString().slice(0, 10);
  return `The certificate of ${host} ends in ${days} days, on ${end}: without a new one every run fails from then on.`;
}

export const CERTIFICATE_FIX =
  'Give the server a valid certificate for this host name, or name the certificate of its authority in ' +
  'ldap.connection.ca.file. ldap.connection.allowunsafecerts=true accepts any certificate (not recommended).';
