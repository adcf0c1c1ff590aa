/** A DNS server on a free UDP port of loopback that knows SRV records and nothing else (RFC 1035, RFC 2782). */

import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';

export interface ServiceEntry {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: string;
}

/** Records by name; a number is a response code (3: no such name), `null` no answer at all. */
export type Zone = Readonly<Record<string, readonly ServiceEntry[] | number | null>>;

export interface TinyDns {
  /** Node's own resolver, sent to this server. */
  readonly resolver: Resolver;
  /** Names asked for, in order. */
  readonly asked: readonly string[];
  zone: Zone;
  close(): Promise<void>;
}

const SRV = 33;

export async function startTinyDns(zone: Zone): Promise<TinyDns> {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  const dns = { zone };
  socket.on('message', (query, { address, port }) => {
    const { name, end } = readName(query, 12);
    asked.push(name);
    const found = name in dns.zone ? (dns.zone[name] as Zone[string]) : 3;
    if (found !== null) socket.send(answer(query.subarray(0, end + 4), found), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const resolver = new Resolver({ timeout: 200, tries: 1 });
  resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  return Object.assign(dns, {
    resolver,
    asked,
    close: async () => {
      socket.close();
      await once(socket, 'close');
    },
  });
}

function readName(message: Buffer, at: number): { name: string; end: number } {
  const labels: string[] = [];
  while (message[at] !== 0) {
    const length = message[at] ?? 0;
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 };
}

function answer(question: Buffer, found: readonly ServiceEntry[] | number): Buffer {
  const head = Buffer.from(question);
  const code = typeof found === 'number' ? found : 0;
  const records = typeof found === 'number' ? [] : found.map(recordOf);
  // An answer; of what was asked nothing but the one question is repeated.
  head.writeUInt16BE(0x8180 | code, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(records.length, 6);
  head.writeUInt32BE(0, 8);
  return Buffer.concat([head, ...records]);
}

function recordOf({ priority, weight, port, target }: ServiceEntry): Buffer {
  const labels = target.split('.').filter((label) => label !== '');
  const name = [
    ...labels.map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`)),
    Buffer.of(0),
  ];
  const data = Buffer.concat([Buffer.alloc(6), ...name]);
  data.writeUInt16BE(priority, 0);
  data.writeUInt16BE(weight, 2);
  data.writeUInt16BE(port, 4);
  const fixed = Buffer.alloc(12);
  // The name is that of the question, which always begins at 12.
  fixed.writeUInt16BE(0xc00c, 0);
  fixed.writeUInt16BE(SRV, 2);
  fixed.writeUInt16BE(1, 4);
  fixed.writeUInt16BE(data.length, 10);
  return Buffer.concat([fixed, data]);
}
