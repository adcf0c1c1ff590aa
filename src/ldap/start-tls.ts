/** Asks a server on a plain connection to go on encrypted (StartTLS, RFC 4511 4.14). */

import type { Socket } from 'node:net';
import { looksLikeTls } from '../lib/tls-words.ts';
import { BerCursor, BerError, TAG } from './ber.ts';
import { MessageSplitter } from './message-splitter.ts';
import { OPERATION, startTlsRequest } from './requests.ts';
import { tlsPortHint } from './network-problem.ts';
import type { ServerAddress } from './server-url.ts';
import type { Traffic } from './traffic.ts';
import { describeResult, readResult, RESULT } from './result-codes.ts';

const MESSAGE_ID = 1;

/**
 * Sends the request as the first of the connection and waits for the answer. `null` when the handshake may begin, else
 * why it may not: the caller must then close the socket, since nothing secret may go over it. Never throws.
 */
export function askForTls(
  socket: Socket,
  timeoutMs: number,
  server: ServerAddress,
  { trace }: Traffic,
): Promise<string | null> {
  return new Promise((resolve) => {
    const finish = (problem: string | null): void => {
      clearTimeout(timer);
      socket.off('data', received).off('error', failed).off('close', closed);
      resolve(problem);
    };
    const splitter = new MessageSplitter((bytes, start, end) => {
      trace?.received(bytes, start, end, server);
      // What comes in clear behind the answer was put there by somebody who must not be heard over TLS.
      if (end < bytes.length) finish('the server sent something in clear after its answer to StartTLS');
      else finish(problemIn(bytes, start, end));
      return false;
    });
    const received = (chunk: Buffer): void => {
      try {
        splitter.push(chunk);
      } catch (error) {
        if (!(error instanceof BerError)) throw error;
        const isTls = looksLikeTls(chunk);
        finish(
          isTls
            ? `the server answers in TLS to StartTLS: ${startTlsHint(server)}`
            : `the answer to StartTLS cannot be read: ${error.message}`,
        );
      }
    };
    const failed = (error: Error): void => {
      const reset = (error as NodeJS.ErrnoException).code === 'ECONNRESET';
      finish(
        reset
          ? `the server broke the connection off instead of starting TLS: ${startTlsHint(server)}`
          : `the connection broke: ${error.message}`,
      );
    };
    const closed = (): void =>
      finish(`the server closed the connection instead of starting TLS: ${startTlsHint(server)}`);
    const timer = setTimeout(() => finish(`no answer to StartTLS within ${timeoutMs} ms`), timeoutMs);
    socket.on('data', received).once('error', failed).once('close', closed);
    const request = startTlsRequest(MESSAGE_ID);
    trace?.sent(request, server);
    socket.write(request);
  });
}

function startTlsHint(server: ServerAddress): string {
  return `${tlsPortHint(server)}, and ldap.connection.starttls=false`;
}

function problemIn(bytes: Buffer, start: number, end: number): string | null {
  const cursor = new BerCursor(bytes, start, end);
  cursor.open(TAG.SEQUENCE, end);
  const id = cursor.integer(TAG.INTEGER, end);
  const operationEnd = cursor.open(OPERATION.EXTENDED_RESPONSE, end);
  const result = readResult(cursor, operationEnd);
  // Number 0 is a notice of disconnection.
  if (id === MESSAGE_ID && result.code === RESULT.SUCCESS) return null;
  return `the server does not start TLS (ldap.connection.starttls): ${describeResult(result)}`;
}
