/** One client's connection to the demo directory: messages in, answers out, and faults on request. */

import { once } from 'node:events';
import type { Socket } from 'node:net';
import { BerError, BerWriter, elementSize } from './ber.ts';
import { dnKey } from './ldap-dn.ts';
import {
  readRequest,
  RESULT,
  WHO_AM_I,
  writeBindResult,
  writeEntry,
  writeExtendedResult,
  writeNoticeOfDisconnection,
  writeReference,
  writeRefusal,
  writeSearchDone,
  type BindRequest,
  type LdapRequest,
  type Result,
  type SearchRequest,
  type WireAttribute,
} from './ldap-message.ts';
import { SearchSession, type SearchAnswer, type SearchLimits } from './ldap-search.ts';
import type { Misbehave, Misbehaviour } from './ldap-misbehaviour.ts';
import { readSelection, selectAttributes } from './ldap-selection.ts';
import type { DemoTree } from './ldap-tree.ts';

export interface ConnectionSettings {
  readonly tree: DemoTree;
  readonly bindDn: string;
  readonly bindPassword: string;
  readonly maxValueRange: number;
  readonly limits: SearchLimits;
  readonly invocationId: Buffer;
  readonly counts: {
    connections: number;
    binds: number;
    failedBinds: number;
    searches: number;
    entriesSent: number;
  };
  misbehave: Misbehave | null;
}

const MAX_REQUEST_BYTES = 4 * 1024 * 1024;
const FLUSH_BYTES = 64 * 1024;
const NO_BIND =
  '000004DC: LdapErr: DSID-0C090A71, comment: In order to perform this operation a successful bind must be completed on the connection., data 0';

export class LdapConnection {
  readonly #socket: Socket;
  readonly #settings: ConnectionSettings;
  readonly #session: SearchSession;
  readonly #writer = new BerWriter();
  readonly #pending = new Set<number>();
  readonly #abandoned = new Set<number>();
  #received: Buffer = Buffer.alloc(0);
  #boundAs = '';
  /** Requests are answered one after the other, in the order in which they came. */
  #queue: Promise<void> = Promise.resolve();

  constructor(socket: Socket, settings: ConnectionSettings) {
    this.#socket = socket;
    this.#settings = settings;
    this.#session = new SearchSession(settings.tree, settings.limits, settings.invocationId);
    settings.counts.connections++;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#receive(chunk));
    // A client that goes away in the middle of an answer is everyday life, not an error of ours.
    socket.on('error', () => socket.destroy());
  }

  #receive(chunk: Buffer): void {
    if (this.#socket.writableEnded) return;
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    try {
      for (;;) {
        // Whoever speaks HTTP or TLS here would otherwise wait for an answer for ever.
        if (this.#received.length > 0 && this.#received[0] !== 0x30)
          throw new BerError('not an LDAP message');
        const size = elementSize(this.#received, 0);
        if (size !== null && size > MAX_REQUEST_BYTES) throw new BerError('request too long');
        if (size === null || size > this.#received.length) return;
        const request = readRequest(this.#received.subarray(0, size));
        this.#received = this.#received.subarray(size);
        // Abandon must overtake the search it is about, or it would never find one to end.
        if (request.kind === 'ABANDON') this.#abandon(request.target);
        else this.#enqueue(request);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #enqueue(request: LdapRequest): void {
    this.#pending.add(request.id);
    this.#queue = this.#queue
      .then(() => this.#answer(request))
      .catch((error: unknown) => this.#fail(error))
      .finally(() => this.#pending.delete(request.id));
  }

  /** A search that is answered already is not remembered: its number may come again. */
  #abandon(target: number): void {
    if (this.#pending.has(target)) this.#abandoned.add(target);
  }

  #fail(error: unknown): void {
    if (this.#socket.destroyed) return;
    const message = error instanceof Error ? error.message : String(error);
    this.#disconnect({ code: RESULT.PROTOCOL_ERROR, message });
  }

  #disconnect(result: Result): void {
    const writer = new BerWriter();
    writeNoticeOfDisconnection(writer, result);
    this.#socket.end(writer.take());
    this.#socket.destroySoon();
  }

  async #answer(request: LdapRequest): Promise<void> {
    if (this.#socket.destroyed) return;
    switch (request.kind) {
      case 'BIND':
        writeBindResult(this.#writer, request.id, this.#bind(request));
        break;
      case 'SEARCH':
        await this.#search(request);
        break;
      case 'UNBIND':
        this.#socket.end();
        return;
      case 'EXTENDED':
        if (request.oid === WHO_AM_I && this.#settings.limits.kind === 'OPENLDAP') {
          const name = this.#boundAs === '' ? '' : `dn:${this.#boundAs}`;
          writeExtendedResult(this.#writer, request.id, { code: RESULT.SUCCESS }, name);
        } else {
          const message = `extended operation ${request.oid} is not supported`;
          writeExtendedResult(this.#writer, request.id, { code: RESULT.PROTOCOL_ERROR, message }, null);
        }
        break;
      case 'UNSUPPORTED': {
        const message = 'the demo directory is changed by its owner, not over LDAP';
        writeRefusal(this.#writer, request.id, request.answerTag, { code: RESULT.UNWILLING, message });
        break;
      }
      case 'ABANDON':
        break;
    }
    await this.#flush();
  }

  #bind(request: BindRequest): Result {
    const { counts, limits, bindDn, bindPassword } = this.#settings;
    this.#boundAs = '';
    counts.binds++;
    if (request.version !== 3) return { code: RESULT.PROTOCOL_ERROR, message: 'only version 3 is supported' };
    if (request.password === null)
      return { code: RESULT.AUTH_METHOD, message: 'only simple binds are supported' };
    if (request.name === '' && request.password === '') return { code: RESULT.SUCCESS };
    if (request.password === '' && limits.kind === 'OPENLDAP') {
      // RFC 4513 5.1.2: a name without a password proves nothing.
      return { code: RESULT.UNWILLING, message: 'unauthenticated bind (DN with no password) disallowed' };
    }
    if (sameName(request.name, bindDn) && request.password === bindPassword) {
      this.#boundAs = bindDn;
      return { code: RESULT.SUCCESS };
    }
    counts.failedBinds++;
    const message =
      limits.kind === 'ACTIVE_DIRECTORY'
        ? '80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data 52e, v4563'
        : '';
    return { code: RESULT.INVALID_CREDENTIALS, message };
  }

  async #search(request: SearchRequest): Promise<void> {
    const { counts, limits, misbehave } = this.#settings;
    counts.searches++;
    if (this.#abandoned.delete(request.id)) return;
    if (limits.kind === 'ACTIVE_DIRECTORY' && this.#boundAs === '' && request.base !== '') {
      writeSearchDone(this.#writer, request.id, { code: RESULT.OPERATIONS_ERROR, message: NO_BIND }, null);
      return;
    }
    const seen = { search: counts.searches, base: request.base };
    const answer = this.#session.answer(request);
    const { page, entries, paging } = answer;
    const fault = misbehave?.({ ...seen, page, entryCount: entries.length, paged: paging !== null }) ?? null;
    if (fault === null) return this.#send(request, answer);
    await this.#misbehave(request, answer, fault);
  }

  async #send(request: SearchRequest, answer: SearchAnswer, hidden: string | null = null): Promise<void> {
    if (!(await this.#sendEntries(request, answer.entries, hidden))) return;
    for (const url of answer.references) writeReference(this.#writer, request.id, [url]);
    writeSearchDone(this.#writer, request.id, answer.result, answer.paging);
  }

  /** False when nothing more is to be sent. */
  async #sendEntries(
    request: SearchRequest,
    entries: SearchAnswer['entries'],
    hidden: string | null,
  ): Promise<boolean> {
    const { counts, limits, maxValueRange } = this.#settings;
    const selection = readSelection(request.attributes);
    const rules = { kind: limits.kind, maxValueRange, typesOnly: request.typesOnly };
    for (const entry of entries) {
      const attributes = selectAttributes(entry, selection, rules);
      const isHidden = hidden !== null && entry === entries[0];
      writeEntry(this.#writer, request.id, entry.dn, isHidden ? without(hidden, attributes) : attributes);
      counts.entriesSent++;
      if (this.#writer.length >= FLUSH_BYTES) {
        await this.#flush();
        if (this.#socket.destroyed) return false;
        // RFC 4511 4.11: an abandoned search gets no further answer, not even its end.
        if (this.#abandoned.delete(request.id)) return false;
      }
    }
    return true;
  }

  async #misbehave(request: SearchRequest, answer: SearchAnswer, fault: Misbehaviour): Promise<void> {
    if (typeof fault === 'number')
      return this.#send(request, { ...answer, result: { code: fault }, paging: null });
    if (typeof fault === 'object' && 'hidden' in fault) return this.#send(request, answer, fault.hidden);
    if (typeof fault === 'object') {
      return this.#send(request, { ...answer, references: [...answer.references, fault.reference] });
    }
    switch (fault) {
      case 'DISCONNECT':
        this.#socket.destroy();
        return;
      case 'HALF_MESSAGE': {
        const writer = new BerWriter();
        writeEntry(writer, request.id, request.base, [{ name: 'description', values: ['x'.repeat(2000)] }]);
        const whole = writer.take();
        this.#socket.end(whole.subarray(0, whole.length >> 1));
        return;
      }
      case 'NOTICE':
        this.#disconnect({ code: 52, message: 'the demo directory is going away' });
        return;
      case 'HANG':
        await once(this.#socket, 'close');
        return;
      case 'GARBAGE':
        this.#socket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
        return;
      case 'MID_PAGE':
        await this.#sendEntries(request, answer.entries.slice(0, answer.entries.length >> 1), null);
        await this.#flush();
        this.#socket.destroySoon();
        return;
      case 'EMPTY': {
        const paging = answer.paging === null ? null : { estimate: 0, cookie: '' };
        const result = { code: RESULT.SUCCESS };
        return this.#send(request, { ...answer, entries: [], references: [], result, paging });
      }
      case 'REPEATED_PAGE':
        return this.#send(request, { ...answer, paging: this.#session.postpone(answer).paging });
      case 'NO_PAGING':
        return this.#send(request, { ...answer, paging: null });
      case 'SAME_COOKIE':
        return this.#send(request, {
          ...answer,
          result: { code: RESULT.SUCCESS },
          paging: { estimate: 0, cookie: 'the-same-again' },
        });
      case 'EMPTY_PAGE':
        return this.#send(request, this.#session.postpone(answer));
    }
  }

  async #flush(): Promise<void> {
    if (this.#writer.length === 0 || this.#socket.destroyed) return;
    const socket = this.#socket;
    if (socket.write(this.#writer.take())) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        socket.off('drain', done).off('close', done);
        resolve();
      };
      socket.on('drain', done).on('close', done);
    });
  }
}

function without(name: string, attributes: Iterable<WireAttribute>): WireAttribute[] {
  return [...attributes].filter((attribute) => attribute.name.toLowerCase() !== name.toLowerCase());
}

function sameName(given: string, expected: string): boolean {
  // user@domain and DOMAIN\user are no DNs: they are compared as they stand.
  if (given.toLowerCase() === expected.toLowerCase()) return true;
  try {
    return dnKey(given) === dnKey(expected);
  } catch {
    return false;
  }
}
