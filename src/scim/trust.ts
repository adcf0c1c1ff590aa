/** The certificate authorities by which the SCIM service is recognized. */

import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { getCACertificates } from 'node:tls';
import { fileProblem } from '../lib/file-problem.ts';
import { RunError } from '../model/errors.ts';

/**
 * The authorities to trust: `undefined` (Node's own) without a file, else the default ones and those of the PEM file.
 * @throws RunError FILE_UNREADABLE, FILE_INVALID
 */
export function trustedAuthorities(caFile: string): string[] | undefined {
  if (caFile === '') return undefined;
  let text: string;
  try {
    text = readFileSync(caFile, 'utf8');
  } catch (error) {
    const message = `scim.connection.ca.file cannot be read: ${caFile}: ${fileProblem(error)}`;
    throw new RunError('FILE_UNREADABLE', message, { cause: error });
  }
  const certificates = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    for (const certificate of certificates) new X509Certificate(certificate);
  } catch (error) {
    throw new RunError('FILE_INVALID', `scim.connection.ca.file ${caFile} holds a damaged certificate.`, {
      cause: error,
    });
  }
  if (certificates.length === 0) {
    throw new RunError('FILE_INVALID', `scim.connection.ca.file ${caFile} holds no PEM certificate.`);
  }
  // A list given to TLS replaces the default one; the default includes what NODE_EXTRA_CA_CERTS names.
  return [...getCACertificates('default'), ...certificates];
}
