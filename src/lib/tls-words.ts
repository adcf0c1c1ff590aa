/** What OpenSSL and first bytes say of TLS, in words. */

/** OpenSSL's messages carry file names and numbers; the last words before them are the reason. */
export function sslReason(message: string): string {
  return /:SSL routines:[^:]*:([^:]+):/.exec(message)?.[1] ?? message.trim();
}

/** Codes by which OpenSSL says that what came back is no TLS at all. */
const NO_TLS = new Set([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_HTTP_REQUEST',
  'ERR_SSL_UNKNOWN_PROTOCOL',
]);

/** Whether the other side has answered a TLS handshake in another language: a port without TLS. */
export function isWithoutTls(code: string): boolean {
  return NO_TLS.has(code);
}

/** Whether bytes begin as a TLS alert or handshake does (RFC 8446 5.1): a port with TLS, asked in clear. */
export function looksLikeTls(bytes: Uint8Array): boolean {
  const [type, major] = bytes;
  return (type === 0x15 || type === 0x16) && major === 3;
}
