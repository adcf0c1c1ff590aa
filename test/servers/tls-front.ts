/** Puts TLS in front of a server of a test that speaks none. */

import { connect, type AddressInfo, type Socket } from 'node:net';
import { createServer } from 'node:tls';

export interface TlsFront {
  readonly port: number;
  close(): Promise<void>;
}

/** Passes everything on to the port of 127.0.0.1. */
export async function startTlsFront(
  certificate: { readonly key: string; readonly cert: string },
  behind: number,
): Promise<TlsFront> {
  const sockets = new Set<Socket>();
  const { key, cert } = certificate;
  const server = createServer({ key, cert }, (socket) => {
    const onward = connect(behind, '127.0.0.1');
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.pipe(other);
    }
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
