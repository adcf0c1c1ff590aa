/**
 * An LDAP server that answers as a test tells it to, wrong answers above all.
 *
 * Binds succeed, the rootDSE and the search base are answered from `options`; every other search goes to the test's
 * script. Requests are read with ldapts's BerReader and not with our own code, so that both cannot be wrong alike.
 */

import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { BerReader, BerWriter } from 'ldapts';

const PAGED_RESULTS = '1.2.840.113556.1.4.319';

export type Values = Readonly<Record<string, string | Buffer | readonly (string | Buffer)[]>>;

export interface SearchRequest {
  readonly base: string;
  readonly scope: number;
  readonly sizeLimit: number;
  readonly timeLimit: number;
  /** In the notation of RFC 4515, everything but printable ASCII escaped. */
  readonly filter: string;
  readonly attributes: readonly string[];
  readonly page: { readonly size: number; readonly cookie: string; readonly critical: boolean } | null;
}

export interface Done {
  readonly code?: number;
  readonly text?: string;
  readonly referrals?: readonly string[];
  /** The cookie of the paging control; absent: no paging control at all. */
  readonly cookie?: string;
}

/** What a script can do in answer to one search. */
export interface Answer {
  readonly request: SearchRequest;
  /** Number of this search among those that came to the script, from 0. */
  readonly index: number;
  /** Number of the connection it came by, from 0. */
  readonly connection: number;
  entry(dn: string, values: Values): void;
  reference(...urls: string[]): void;
  intermediate(): void;
  done(done?: Done): void;
  /** The bytes of a successful answer, for tearing them apart. */
  doneBytes(done?: Done): Buffer;
  raw(bytes: Buffer): void;
  noticeOfDisconnection(text: string): void;
  hangUp(): void;
}

export type Script = (answer: Answer) => void;

export interface ScriptedOptions {
  readonly baseDn?: string;
  readonly rootDse?: Values;
  readonly baseEntry?: Values;
  /** Result of the search for the base entry. */
  readonly baseResult?: Done;
  /** Result of the bind: `null` never answers. */
  readonly onBind?: (name: string, password: string, attempt: number) => Done | null;
  /** Address to listen on, 127.0.0.1 without it. */
  readonly host?: string;
  /** A free one without it. */
  readonly port?: number;
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer };
}

export interface ScriptedLdap {
  readonly url: string;
  readonly port: number;
  readonly baseDn: string;
  /** What came in, in order: `bind NAME`, `search BASE`, `abandon`, `unbind`, `rootDSE`. */
  readonly log: string[];
  readonly searches: SearchRequest[];
  connectionCount(): number;
  openConnections(): number;
  /** Resolves when `condition` holds, looking again whenever something comes in or a connection ends. */
  until(condition: () => boolean): Promise<void>;
  /** Closes all connections, as a server that restarts. */
  dropConnections(): void;
  close(): Promise<void>;
}

const ROOT_DSE: Values = {
  objectClass: ['top', 'OpenLDAProotDSE'],
  namingContexts: 'dc=test',
  supportedControl: PAGED_RESULTS,
};
const BASE_ENTRY: Values = { entryUUID: 'base', modifyTimestamp: '20240101000000Z' };

export async function startScriptedLdap(
  script: Script,
  options: ScriptedOptions = {},
): Promise<ScriptedLdap> {
  const host = new ScriptedHost(script, options);
  const accept = (socket: Socket): void => host.accept(socket);
  const server: Server =
    options.tls === undefined ? createServer(accept) : createTlsServer({ ...options.tls }, accept);
  server.on('tlsClientError', () => host.changed());
  const address = options.host ?? '127.0.0.1';
  server.listen(options.port ?? 0, address);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.tls === undefined ? 'ldap' : 'ldaps'}://${address.includes(':') ? `[${address}]` : address}:${port}`,
    port,
    baseDn: host.baseDn,
    log: host.log,
    searches: host.searches,
    connectionCount: () => host.connectionCount,
    openConnections: () => host.sockets.size,
    until: (condition) => host.until(condition),
    dropConnections: () => host.drop(),
    close: async () => {
      host.drop();
      server.close();
      await once(server, 'close');
    },
  };
}

class ScriptedHost {
  readonly baseDn: string;
  readonly log: string[] = [];
  readonly searches: SearchRequest[] = [];
  readonly sockets = new Set<Socket>();
  connectionCount = 0;
  readonly #script: Script;
  readonly #options: ScriptedOptions;
  #binds = 0;
  #watchers: (() => void)[] = [];

  constructor(script: Script, options: ScriptedOptions) {
    this.#script = script;
    this.#options = options;
    this.baseDn = options.baseDn ?? 'dc=test';
  }

  accept(socket: Socket): void {
    const connection = this.connectionCount++;
    this.sockets.add(socket);
    // Else every small answer waits for the client's delayed acknowledgement.
    socket.setNoDelay(true);
    let held = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.sockets.delete(socket);
      this.changed();
    });
    socket.on('data', (chunk: Buffer) => {
      held = Buffer.concat([held, chunk]);
      for (let size = messageSize(held); size !== null && size <= held.length; size = messageSize(held)) {
        this.#receive(held.subarray(0, size), socket, connection);
        held = held.subarray(size);
      }
      this.changed();
    });
  }

  changed(): void {
    for (const watcher of this.#watchers) watcher();
  }

  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const watcher = (): void => {
        if (!condition()) return;
        this.#watchers = this.#watchers.filter((other) => other !== watcher);
        resolve();
      };
      this.#watchers.push(watcher);
      watcher();
    });
  }

  drop(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  #receive(bytes: Buffer, socket: Socket, connection: number): void {
    const reader = new BerReader(bytes);
    reader.readSequence();
    const id = reader.readInt() ?? 0;
    const operation = reader.peek();
    switch (operation) {
      case 0x60:
        return this.#bind(reader, id, socket);
      case 0x63:
        return this.#search(reader, id, socket, connection);
      case 0x50:
        this.log.push('abandon');
        return;
      case 0x42:
        this.log.push('unbind');
        return;
      default:
        throw new Error(`the scripted server got operation ${operation}`);
    }
  }

  #bind(reader: BerReader, id: number, socket: Socket): void {
    reader.readSequence(0x60);
    reader.readInt();
    const name = reader.readString() ?? '';
    const password = reader.readString(0x80) ?? '';
    this.log.push(`bind ${name}`);
    const done =
      this.#options.onBind === undefined ? {} : this.#options.onBind(name, password, ++this.#binds);
    if (done !== null) socket.write(resultMessage(id, 0x61, done));
  }

  #search(reader: BerReader, id: number, socket: Socket, connection: number): void {
    const request = readSearch(reader);
    const { baseDn, rootDse, baseEntry, baseResult } = {
      baseEntry: BASE_ENTRY,
      baseResult: {},
      ...this.#options,
      baseDn: this.baseDn,
      rootDse: { ...ROOT_DSE, ...this.#options.rootDse },
    };
    const answer = answerTo(request, id, socket, this.searches.length, connection);
    if (request.base === '' && request.scope === 0) {
      this.log.push('rootDSE');
      answer.entry('', rootDse);
      answer.done();
    } else if (request.base === baseDn && request.scope === 0 && request.page === null) {
      if ((baseResult.code ?? 0) === 0) answer.entry(baseDn, baseEntry);
      answer.done(baseResult);
    } else {
      this.log.push(`search ${request.base}`);
      this.searches.push(request);
      this.#script(answer);
    }
  }
}

function answerTo(
  request: SearchRequest,
  id: number,
  socket: Socket,
  index: number,
  connection: number,
): Answer {
  const doneBytes = (done: Done = {}): Buffer => resultMessage(id, 0x65, done);
  return {
    request,
    index,
    connection,
    entry: (dn, values) => void socket.write(entryMessage(id, dn, values)),
    reference: (...urls) =>
      void socket.write(
        message(id, (writer) => {
          writer.startSequence(0x73);
          for (const url of urls) writer.writeString(url);
          writer.endSequence();
        }),
      ),
    intermediate: () =>
      void socket.write(
        message(id, (writer) => {
          writer.startSequence(0x79);
          writer.writeString('1.3.6.1.4.1.4203.1.9.1.4', 0x80);
          writer.endSequence();
        }),
      ),
    done: (done) => void socket.write(doneBytes(done)),
    doneBytes,
    raw: (bytes) => void socket.write(bytes),
    noticeOfDisconnection: (text) => {
      const notice = message(0, (writer) => {
        writer.startSequence(0x78);
        writeResult(writer, { code: 52, text });
        writer.writeString('1.3.6.1.4.1.1466.20036', 0x8a);
        writer.endSequence();
      });
      socket.end(notice);
    },
    hangUp: () => socket.destroy(),
  };
}

export function message(id: number, write: (writer: BerWriter) => void): Buffer {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeInt(id);
  write(writer);
  writer.endSequence();
  return writer.buffer;
}

export function entryMessage(id: number, dn: string, values: Values): Buffer {
  return message(id, (writer) => {
    writer.startSequence(0x64);
    writer.writeString(dn);
    writer.startSequence();
    for (const [name, value] of Object.entries(values)) {
      writer.startSequence();
      writer.writeString(name);
      writer.startSequence(0x31);
      for (const one of [value].flat()) writer.writeBuffer(Buffer.from(one as string), 0x04);
      writer.endSequence();
      writer.endSequence();
    }
    writer.endSequence();
    writer.endSequence();
  });
}

function writeResult(writer: BerWriter, done: Done): void {
  writer.writeEnumeration(done.code ?? 0);
  writer.writeString('');
  writer.writeString(done.text ?? '');
  if (done.referrals === undefined) return;
  writer.startSequence(0xa3);
  for (const url of done.referrals) writer.writeString(url);
  writer.endSequence();
}

function resultMessage(id: number, operation: number, done: Done): Buffer {
  return message(id, (writer) => {
    writer.startSequence(operation);
    writeResult(writer, done);
    writer.endSequence();
    if (done.cookie === undefined) return;
    const value = new BerWriter();
    value.startSequence();
    value.writeInt(0);
    value.writeString(done.cookie);
    value.endSequence();
    writer.startSequence(0xa0);
    writer.startSequence();
    writer.writeString(PAGED_RESULTS);
    writer.writeBuffer(value.buffer, 0x04);
    writer.endSequence();
    writer.endSequence();
  });
}

function readSearch(reader: BerReader): SearchRequest {
  reader.readSequence(0x63);
  const end = reader.offset + reader.length;
  const base = reader.readString() ?? '';
  const scope = reader.readEnumeration() ?? -1;
  reader.readEnumeration();
  const sizeLimit = reader.readInt() ?? -1;
  const timeLimit = reader.readInt() ?? -1;
  reader.readBoolean();
  const filter = readFilter(reader);
  reader.readSequence();
  const attributes: string[] = [];
  while (reader.offset < end) attributes.push(reader.readString() ?? '');
  return { base, scope, sizeLimit, timeLimit, filter, attributes, page: readPage(reader) };
}

function readPage(reader: BerReader): SearchRequest['page'] {
  if (reader.remain === 0) return null;
  reader.readSequence(0xa0);
  reader.readSequence();
  if (reader.readString() !== PAGED_RESULTS) throw new Error('an unexpected control');
  const critical = reader.readBoolean() ?? false;
  const value = new BerReader(reader.readString(0x04, true) ?? Buffer.alloc(0));
  value.readSequence();
  const size = value.readInt() ?? -1;
  return { size, cookie: value.readString() ?? '', critical };
}

/** Reads the filter at the reader's position back into the notation of RFC 4515. */
export function readFilter(reader: BerReader): string {
  const tag = reader.peek() ?? -1;
  if (tag === 0x87) return `(${reader.readString(0x87)}=*)`;
  reader.readSequence(tag);
  const end = reader.offset + reader.length;
  const value = (expected: number): string => escape(reader.readString(expected, true) ?? Buffer.alloc(0));
  switch (tag) {
    case 0xa0:
    case 0xa1:
    case 0xa2: {
      let parts = '';
      while (reader.offset < end) parts += readFilter(reader);
      return `(${tag === 0xa0 ? '&' : tag === 0xa1 ? '|' : '!'}${parts})`;
    }
    case 0xa4: {
      const attribute = reader.readString();
      reader.readSequence();
      let text = reader.peek() === 0x80 ? value(0x80) : '';
      while (reader.offset < end && reader.peek() === 0x81) text += `*${value(0x81)}`;
      text += reader.offset < end ? `*${value(0x82)}` : '*';
      return `(${attribute}=${text})`;
    }
    case 0xa9: {
      const rule = reader.peek() === 0x81 ? `:${reader.readString(0x81)}` : '';
      const attribute = reader.peek() === 0x82 ? (reader.readString(0x82) ?? '') : '';
      const text = value(0x83);
      const dn = reader.offset < end && reader.peek() === 0x84;
      if (dn) reader.readString(0x84, true);
      return `(${attribute}${dn ? ':dn' : ''}${rule}:=${text})`;
    }
    default: {
      const signs: Record<number, string> = { 0xa3: '=', 0xa5: '>=', 0xa6: '<=', 0xa8: '~=' };
      const attribute = reader.readString();
      return `(${attribute}${signs[tag] ?? '?'}${value(0x04)})`;
    }
  }
}

function escape(value: Buffer): string {
  return value
    .toString('latin1')
    .replace(/[^\x20-\x7e]|[()*\\]/g, (char) => `\\${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** The size of the first message; `null` while it is not known. */
function messageSize(bytes: Buffer): number | null {
  if (bytes.length < 2) return null;
  const reader = new BerReader(bytes);
  const content = reader.readLength(1);
  return content === null ? null : content + reader.length;
}
