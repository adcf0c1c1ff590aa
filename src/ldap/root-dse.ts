/** What a server says of itself (RFC 4512 5.1), and which kind of directory that makes it. */

import type { DirectoryKind } from '../model/ports.ts';
import { guidText } from './binary-values.ts';
import { ConnectError } from './connecting.ts';
import type { Connection } from './connection.ts';
import { PAGED_RESULTS } from './requests.ts';
import { describeResult, RESULT } from './result-codes.ts';
import { isGlobalCatalog } from './server-url.ts';
import { searchSmall, textsOf } from './small-search.ts';
import type { RawEntry } from './small-search.ts';

export interface RootDse {
  readonly kind: DirectoryKind;
  readonly namingContexts: readonly string[];
  /** False only if the server lists its controls and RFC 2696 is not among them. */
  readonly paging: boolean;
  readonly highestCommittedUsn: string | null;
  /** DN of the server's own settings: names one domain controller. */
  readonly serviceName: string | null;
  /** The server's clock, GeneralizedTime. */
  readonly currentTime: string | null;
  /** Active Directory's partition of settings, the same for the whole forest; `null` on other servers. */
  readonly configurationContext: string | null;
  /** False only for a domain controller that says that its first replication is not over: it lacks users. */
  readonly synchronized: boolean;
  /** False only for a domain controller that is to be a global catalog and does not hold the whole forest yet. */
  readonly catalogReady: boolean;
}

const ATTRIBUTES = [
  'objectClass',
  'namingContexts',
  'supportedControl',
  'supportedCapabilities',
  'vendorName',
  'vendorVersion',
  'highestCommittedUSN',
  'dsServiceName',
  'currentTime',
  'configurationNamingContext',
  'forestFunctionality',
  'isSynchronized',
  'isGlobalCatalogReady',
];

/** Active Directory and its Lightweight Directory Services. */
const AD_CAPABILITIES = new Set(['1.2.840.113556.1.4.800', '1.2.840.113556.1.4.1851']);

/** Every entry has an object class: what a search for one entry by its DN filters by. */
const ANY = { type: 'PRESENT', attribute: 'objectClass' } as const;

/**
 * Reads the rootDSE; a reason in words where the connection was lost. A server that hides it is of kind GENERIC.
 * @param kind what the administrator says that it is; `null`: what it shows
 */
export async function readRootDse(
  connection: Connection,
  kind: DirectoryKind | null = null,
): Promise<RootDse | string> {
  const answer = await searchSmall(connection, {
    base: '',
    scope: 'BASE',
    filter: ANY,
    attributes: ATTRIBUTES,
  });
  if (!answer.answered) return answer.reason;
  const entry = answer.result.code === RESULT.SUCCESS ? answer.entries[0] : undefined;
  const controls = textsOf(entry, 'supportedControl');
  const usn = textsOf(entry, 'highestCommittedUSN')[0] ?? '';
  return {
    kind: kind ?? kindOf(entry),
    namingContexts: textsOf(entry, 'namingContexts').filter((context) => context !== ''),
    paging: controls.length === 0 || controls.includes(PAGED_RESULTS),
    highestCommittedUsn: /^\d+$/.test(usn) ? usn : null,
    serviceName: textsOf(entry, 'dsServiceName')[0] ?? null,
    currentTime: textsOf(entry, 'currentTime')[0] ?? null,
    configurationContext: textsOf(entry, 'configurationNamingContext')[0] ?? null,
    synchronized: textsOf(entry, 'isSynchronized')[0]?.toUpperCase() !== 'FALSE',
    catalogReady: textsOf(entry, 'isGlobalCatalogReady')[0]?.toUpperCase() !== 'FALSE',
  };
}

function kindOf(entry: RawEntry | undefined): DirectoryKind {
  if (textsOf(entry, 'supportedCapabilities').some((oid) => AD_CAPABILITIES.has(oid)))
    return 'ACTIVE_DIRECTORY';
  if (textsOf(entry, 'forestFunctionality').length > 0) return 'ACTIVE_DIRECTORY';
  if (textsOf(entry, 'objectClass').some((name) => name.toLowerCase() === 'openldaprootdse'))
    return 'OPENLDAP';
  const vendor = [...textsOf(entry, 'vendorName'), ...textsOf(entry, 'vendorVersion')].join(' ');
  return /\b389\b|Red Hat-Directory|Fedora-Directory/i.test(vendor) ? '389_DIRECTORY_SERVER' : 'GENERIC';
}

/**
 * What makes a USN meaningful: the invocation id of the domain controller, which changes when it is restored from a
 * backup; the name of its settings where that cannot be read. `null` where there is neither.
 */
export async function readServerId(connection: Connection, rootDse: RootDse): Promise<string | null> {
  const { serviceName } = rootDse;
  if (serviceName === null) return null;
  const answer = await searchSmall(connection, {
    base: serviceName,
    scope: 'BASE',
    filter: ANY,
    attributes: ['invocationId'],
  });
  const value = answer.answered ? answer.entries[0]?.attributes.get('invocationid')?.[0] : undefined;
  return (value === undefined ? null : guidText(value)) ?? serviceName;
}

/** The attributes that may identify an entry for ever, the usual ones first. */
const IDENTITY_ATTRIBUTES = ['entryUUID', 'nsUniqueId', 'objectGUID', 'ibm-entryUuid', 'GUID'];

export interface BaseEntry {
  /** `null` when there is none of them, or the entry may not be read. */
  readonly identityAttribute: string | null;
  readonly modifyTimestamp: boolean;
  /** Result code of the search. */
  readonly code: number;
  readonly problem: string | null;
}

/** Looks whether the search base is there, and which operational attributes its entry shows; text: the connection was lost. */
export async function readBaseEntry(connection: Connection, baseDn: string): Promise<BaseEntry | string> {
  const answer = await searchSmall(connection, {
    base: baseDn,
    scope: 'BASE',
    filter: ANY,
    attributes: [...IDENTITY_ATTRIBUTES, 'modifyTimestamp'],
  });
  if (!answer.answered) return answer.reason;
  const entry = answer.entries[0];
  const { result } = answer;
  return {
    identityAttribute: IDENTITY_ATTRIBUTES.find((name) => textsOf(entry, name).length > 0) ?? null,
    modifyTimestamp: textsOf(entry, 'modifyTimestamp').length > 0,
    code: result.code,
    problem: result.code === RESULT.SUCCESS ? null : describeResult(result),
  };
}

/**
 * What has to be known of a server before anything is read from it.
 * @throws ConnectError where it is not fit at the moment, and another server may be
 */
export async function probeServer(
  connection: Connection,
  baseDn: string,
  kind: DirectoryKind | null,
): Promise<{ readonly rootDse: RootDse; readonly base: BaseEntry }> {
  const rootDse = await readRootDse(connection, kind);
  if (typeof rootDse === 'string') throw new ConnectError(rootDse);
  // Whoever it does not hold yet would look as if he had left.
  if (!rootDse.synchronized)
    throw new ConnectError(
      'its first replication is not over: the domain controller does not hold everybody yet',
    );
  if (!rootDse.catalogReady && isGlobalCatalog(connection.server))
    throw new ConnectError('its global catalog is not ready: it does not hold the users of all domains yet');
  const base = await readBaseEntry(connection, baseDn);
  if (typeof base === 'string') throw new ConnectError(base);
  if (base.code === RESULT.BUSY || base.code === RESULT.UNAVAILABLE)
    throw new ConnectError(base.problem ?? 'the server is busy');
  return { rootDse, base };
}
