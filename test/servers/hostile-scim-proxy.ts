/** An HTTP proxy for tests: tunnels CONNECT and forwards absolute requests, or refuses in the way a test asks for. */

import { createServer, request as httpRequest } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

export interface HostileProxy {
  readonly port: number;
  /** `CONNECT host:port` or `GET http://…`, with the credentials that came along. */
  readonly seen: readonly { readonly line: string; readonly authorization: string | undefined }[];
  close(): Promise<void>;
}

/** @param mode what it does to a request: pass it on, answer with a status, or say nothing at all */
export async function startHostileProxy(mode: 'PASS' | 'HANG' | number = 'PASS'): Promise<HostileProxy> {
  const seen: { line: string; authorization: string | undefined }[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    seen.push({
      line: `${request.method} ${request.url}`,
      authorization: request.headers['proxy-authorization'],
    });
    if (mode === 'HANG') return;
    if (mode !== 'PASS') {
      response.writeHead(mode).end('<h1>No</h1>');
      return;
    }
    const { method, headers } = request;
    const onward = httpRequest(request.url ?? '', { method: method ?? 'GET', headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  server.on('connect', (request, socket: Socket) => {
    seen.push({ line: `CONNECT ${request.url}`, authorization: request.headers['proxy-authorization'] });
    socket.on('error', () => undefined);
    if (mode === 'HANG') return;
    if (mode !== 'PASS') {
      socket.end(`HTTP/1.1 ${mode} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const [host = '', port = ''] = (request.url ?? '').split(':');
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(socket);
      socket.pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    sockets.add(onward);
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
