/** The demo directory: a small LDAP v3 server in this process, for `c42uds demo`, for tests and for benchmarks. */

import { randomBytes } from 'node:crypto';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { LdapConnection, type ConnectionSettings } from './ldap-connection.ts';
import type { Misbehave } from './ldap-misbehaviour.ts';
import type { DemoDirectoryKind } from './ldap-syntax.ts';
import type { DemoEntry } from './ldap-entry.ts';
import { DemoTree, type DemoAttributes, type DemoChanges } from './ldap-tree.ts';

export interface DemoDirectoryOptions {
  /** Active Directory wants a bind before any search, counts USNs and slices long lists of values. */
  readonly kind: DemoDirectoryKind;
  /** The top of the tree; an entry for it is made where `entries` has none. */
  readonly suffix?: string;
  readonly entries: Iterable<DemoDirectoryEntry>;
  readonly bindDn: string;
  readonly bindPassword: string;
  /** Most entries in one answer; an unpaged search that finds more ends with code 4. */
  readonly maxPageSize?: number;
  readonly maxValueRange?: number;
  readonly host?: string;
  /** 0: any free port. */
  readonly port?: number;
  /** With a certificate the directory speaks LDAPS. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** The clock behind whenChanged and modifyTimestamp. */
  readonly now?: () => Date;
  /** Asked before each search is answered; what it returns goes wrong. */
  readonly misbehave?: Misbehave;
}

export interface DemoDirectoryEntry {
  readonly dn: string;
  readonly attributes: DemoAttributes;
}

/** What the directory has been asked so far. */
export interface DirectoryRequests {
  readonly connections: number;
  readonly binds: number;
  readonly failedBinds: number;
  readonly searches: number;
  readonly entriesSent: number;
}

export interface DemoDirectory {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly kind: DemoDirectoryKind;
  readonly suffix: string;
  readonly bindDn: string;
  readonly bindPassword: string;
  /** Each of these is one write as a real server would see it: it moves the USN and the entry's time stamps. */
  add(dn: string, attributes: DemoAttributes): DemoEntry;
  modify(dn: string, changes: DemoChanges): DemoEntry;
  remove(dn: string): void;
  /** Also moves what is below, and carries the new name into member, manager and other references. */
  rename(oldDn: string, newDn: string): DemoEntry;
  find(dn: string): DemoEntry | undefined;
  entries(): Iterable<DemoEntry>;
  requests(): DirectoryRequests;
  /** Changes what goes wrong from now on; `null` for nothing. */
  setMisbehave(misbehave: Misbehave | null): void;
  /** Cuts all connections, as a restart of the server does; new ones are taken. */
  dropConnections(): void;
  stop(): Promise<void>;
}

/**
 * Starts the directory on a loopback port and fills it.
 * @throws Error if the port is taken or two entries have the same name
 */
export async function startDemoDirectory(options: DemoDirectoryOptions): Promise<DemoDirectory> {
  const now = options.now ?? (() => new Date());
  const suffix = options.suffix ?? 'dc=example,dc=com';
  const tree = fill(new DemoTree({ kind: options.kind, now }), suffix, options.entries);
  const counts = { connections: 0, binds: 0, failedBinds: 0, searches: 0, entriesSent: 0 };
  const settings: ConnectionSettings = {
    tree,
    bindDn: options.bindDn,
    bindPassword: options.bindPassword,
    maxValueRange: options.maxValueRange ?? 1500,
    limits: { kind: options.kind, suffix, maxPageSize: options.maxPageSize ?? 1000, now },
    invocationId: randomBytes(16),
    counts,
    misbehave: options.misbehave ?? null,
  };
  const sockets = new Set<Socket>();
  const accept = (socket: Socket): void => {
    new LdapConnection(socket, settings);
  };
  const server = options.tls === undefined ? createServer(accept) : createTlsServer(options.tls, accept);
  // 'connection' comes before the TLS handshake: `stop` would wait for ever for a handshake that never ends.
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const host = options.host ?? '127.0.0.1';
  const port = await listen(server, host, options.port ?? 0);
  const dropConnections = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `${options.tls === undefined ? 'ldap' : 'ldaps'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    host,
    port,
    kind: options.kind,
    suffix,
    bindDn: options.bindDn,
    bindPassword: options.bindPassword,
    add: (dn, attributes) => tree.add(dn, attributes),
    modify: (dn, changes) => tree.modify(dn, changes),
    remove: (dn) => tree.remove(dn),
    rename: (oldDn, newDn) => tree.rename(oldDn, newDn),
    find: (dn) => tree.find(dn),
    entries: () => tree.entries(),
    requests: () => ({ ...counts }),
    setMisbehave: (misbehave) => {
      settings.misbehave = misbehave;
    },
    dropConnections,
    stop: () => stop(server, dropConnections),
  };
}

function fill(tree: DemoTree, suffix: string, entries: Iterable<DemoDirectoryEntry>): DemoTree {
  for (const { dn, attributes } of entries) tree.add(dn, attributes);
  if (tree.find(suffix) === undefined) tree.add(suffix, { objectClass: ['top', 'domain'] });
  return tree;
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

async function stop(server: Server, dropConnections: () => void): Promise<void> {
  if (!server.listening) return;
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    dropConnections();
  });
}
