/** Searches for a handful of entries outside of the paged read: rootDSE, search base, further values of one attribute. */

import { BerCursor, TAG } from './ber.ts';
import type { Connection } from './connection.ts';
import { OPERATION, searchRequest } from './requests.ts';
import type { SearchSpec } from './requests.ts';
import { readResult } from './result-codes.ts';
import type { LdapResult } from './result-codes.ts';

/** No search of this kind has more entries. */
const MAX_ENTRIES = 1000;

export interface RawEntry {
  readonly dn: string;
  /** Values by attribute description in lower case, options included. */
  readonly attributes: ReadonlyMap<string, readonly Buffer[]>;
}

/** The server answered, if only to refuse; a lost connection is the other outcome. */
export type SmallSearchAnswer =
  | {
      readonly answered: true;
      readonly result: LdapResult;
      readonly entries: readonly RawEntry[];
      /** The URLs of each search reference: parts of the search that lie elsewhere (RFC 4511 4.5.3). */
      readonly references: readonly (readonly string[])[];
    }
  | { readonly answered: false; readonly reason: string };

/** Runs one search without paging. Never throws for what the server does. */
export function searchSmall(connection: Connection, spec: SearchSpec): Promise<SmallSearchAnswer> {
  return new Promise((resolve) => {
    const entries: RawEntry[] = [];
    const references: string[][] = [];
    connection.request((id) => searchRequest(id, spec, null), {
      reply(operation, bytes, start, end) {
        const cursor = new BerCursor(bytes, start, end);
        if (operation === OPERATION.SEARCH_ENTRY && entries.length < MAX_ENTRIES)
          entries.push(readEntry(cursor, end));
        if (operation === OPERATION.SEARCH_REFERENCE && references.length < MAX_ENTRIES) {
          const urls: string[] = [];
          while (cursor.at < end) urls.push(cursor.text(TAG.OCTET_STRING, end));
          references.push(urls);
        }
        if (operation !== OPERATION.SEARCH_DONE) return false;
        resolve({ answered: true, result: readResult(cursor, end), entries, references });
        return true;
      },
      lost: (reason) => resolve({ answered: false, reason }),
    });
  });
}

function readEntry(cursor: BerCursor, end: number): RawEntry {
  const dn = cursor.text(TAG.OCTET_STRING, end);
  const attributes = new Map<string, Buffer[]>();
  const listEnd = cursor.open(TAG.SEQUENCE, end);
  while (cursor.at < listEnd) {
    const attributeEnd = cursor.open(TAG.SEQUENCE, listEnd);
    const name = cursor.text(TAG.OCTET_STRING, attributeEnd).toLowerCase();
    const valuesEnd = cursor.open(TAG.SET, attributeEnd);
    const values = attributes.get(name) ?? [];
    while (cursor.at < valuesEnd) values.push(cursor.octets(TAG.OCTET_STRING, valuesEnd));
    cursor.mustBeAt(attributeEnd);
    attributes.set(name, values);
  }
  cursor.mustBeAt(end);
  return { dn, attributes };
}

/** The values of an attribute as text; an empty list where there are none. */
export function textsOf(entry: RawEntry | undefined, name: string): string[] {
  return (entry?.attributes.get(name.toLowerCase()) ?? []).map((value) => value.toString('utf8'));
}
