/**
 * A SCIM service that costs next to nothing, in a process of its own: what is measured against it is the client. It takes
 * every user, remembers none, and counts what it was asked for at `GET /counts`.
 */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const EMPTY_LIST =
  '{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"startIndex":1,"itemsPerPage":0,"Resources":[]}';
const JSON_TYPE = { 'content-type': 'application/scim+json' };

let counts: Record<string, number> = {};
let created = 0;

function answer(request: IncomingMessage, response: ServerResponse, body: string): void {
  const { method = '', url = '' } = request;
  if (url.endsWith('/counts')) {
    response.writeHead(200, JSON_TYPE).end(JSON.stringify(counts));
    counts = {};
    return;
  }
  counts[method] = (counts[method] ?? 0) + 1;
  if (method === 'GET') response.writeHead(200, JSON_TYPE).end(EMPTY_LIST);
  else if (method === 'POST') {
    created += 1;
    response.writeHead(201, JSON_TYPE).end(`{"id":"${process.pid}-${created}",${body.slice(1)}`);
  } else response.writeHead(204).end();
}

const server = createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', () => {
    answer(request, response, Buffer.concat(pieces).toString('utf8'));
  });
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit());
