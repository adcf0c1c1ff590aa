/** One port that leads to whichever server it is told to: what a name with several addresses, or a load balancer, does. */

import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface Forwarder {
  readonly port: number;
  /** Where new connections go; those that are open stay where they are. */
  target: string;
  close(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1. */
export async function forwardTo(target: string, targetPort: number): Promise<Forwarder> {
  const sockets = new Set<Socket>();
  const forwarder = { target };
  const server = createServer((socket) => {
    const other = connect({ host: forwarder.target, port: targetPort });
    for (const [one, two] of [
      [socket, other],
      [other, socket],
    ] as const) {
      sockets.add(one);
      one.pipe(two);
      one.on('error', () => two.destroy());
      one.on('close', () => {
        sockets.delete(one);
        two.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(forwarder, {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  });
}
