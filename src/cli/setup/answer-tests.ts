/** The live tests of a set-up: each tries one group of answers and says in sentences what it has found. */

import type { Settings } from '../../config/options.ts';
import type { ServerLook } from '../../ldap/server-look.ts';
import type { Directory } from '../../model/ports.ts';
import { counted } from '../../report/quantity.ts';
import type { ServiceFeatures } from '../../scim/service-inquiry.ts';
import { openDirectoryOf, openServiceOf } from '../adapters.ts';
import { needsBindPassword } from '../passwords.ts';
import type { Session } from '../session.ts';
import { NameCount } from './user-names.ts';

/** Nobody waits longer to hear how many users there are. */
const LONGEST_COUNT_MS = 10_000;

/** Somebody is waiting: what a run would try ten times is tried once. */
export function impatient(settings: Settings): Settings {
  return { ...settings, 'ldap.max.attempts': 1, 'scim.max.attempts': 1 };
}

/** @throws RunError as `lookAtServer` */
export async function testServer(settings: Settings, session: Session): Promise<ServerLook> {
  const { lookAtServer } = await import('../../ldap/server-look.ts');
  return lookAtServer(settings, session.openLog.log, session.signal);
}

/** What a look at a server has shown. */
export function serverSentences(look: ServerLook): string[] {
  const { url, encrypted, loopback, certificateEnds, bases } = look;
  const certificate = certificateEnds === null ? 'not checked' : `good until ${certificateEnds}`;
  const tls = encrypted ? `encrypted, its certificate is ${certificate}` : 'not encrypted';
  return [
    `${url} answers; ${tls}${!encrypted && !loopback ? ': the bind password can be read on the way' : ''}.`,
    ...(bases.length === 0 ? [] : [`It holds ${bases.join('; ')}`]),
  ];
}

/**
 * Binds, looks at the search base, and counts whom the filter finds, and who of them has a name.
 * @param open called with the directory and what it is, while it is open
 * @throws RunError DIRECTORY_REFUSED for the bind, DIRECTORY_SEARCH for the base, DIRECTORY_UNREACHABLE
 */
export async function testDirectory(
  settings: Settings,
  password: string | null,
  session: Session,
): Promise<{ readonly lines: string[]; readonly names: NameCount }> {
  const directory = await openDirectoryOf(
    impatient(settings),
    needsBindPassword(settings) ? password : null,
    session,
  );
  try {
    const { kind, identityAttribute, userFilter } = await directory.check();
    const names = new NameCount(kind);
    const { number, whole, problem } = await countUsers(directory, names);
    const least = whole ? '' : 'at least ';
    const lines = [
      `The bind was accepted (${kind}), and ${settings['ldap.baseDn']} is there.`,
      `${least}${counted(number, 'user')} by ${userFilter}, known by ${identityAttribute}.`,
      ...(problem === null ? [] : [`But the search did not end well: ${problem}`]),
      ...(number === 0 && problem === null
        ? ['Nobody: is the base the right one, may the account read it, does ldap.search.filter fit?']
        : []),
    ];
    return { lines, names };
  } finally {
    await directory.close();
  }
}

interface UserCount {
  readonly number: number;
  readonly whole: boolean;
  readonly problem: string | null;
}

async function countUsers(directory: Directory, names: NameCount): Promise<UserCount> {
  const read = directory.read({ attributes: names.attributes, since: null, extraFilter: null, anyOf: null });
  const until = performance.now() + LONGEST_COUNT_MS;
  let number = 0;
  for await (const page of read.pages) {
    number += page.entries.length + page.unusable.length;
    for (const entry of page.entries) names.see(entry);
    if (performance.now() > until) return { number, whole: false, problem: null };
  }
  const verdict = read.verdict();
  return { number, whole: verdict.complete, problem: verdict.complete ? null : verdict.reason };
}

/** Asks without credentials. @throws RunError SERVICE_UNREACHABLE and as `lookForService` */
export async function testServiceAddress(settings: Settings, session: Session): Promise<string[]> {
  const { lookForService } = await import('../../scim/service-look.ts');
  return [`At ${settings['scim.baseurl']} ${await lookForService(settings, session.env)}.`];
}

/** @throws RunError SERVICE_REFUSED for the credentials, SERVICE_UNREACHABLE */
export async function testService(settings: Settings, password: string, session: Session): Promise<string[]> {
  const service = await openServiceOf(impatient(settings), password, [], session);
  try {
    await service.reader.check();
    const users = await service.reader.count();
    const features = await service.openInquiry().features();
    const known =
      users === null ? 'it does not say how many users it has' : `it has ${counted(users, 'user')}`;
    return [
      `The credentials were accepted; ${known}.`,
      typeof features === 'string'
        ? 'It does not say what it supports: c42uds finds out by what it answers.'
        : featureSentence(features),
    ];
  } finally {
    await service.close();
  }
}

function featureSentence({ patch, filter, etag, maxResults }: ServiceFeatures): string {
  const features = Object.entries({ PATCH: patch, filters: filter, versions: etag });
  const named = (wanted: boolean): string[] =>
    features.filter(([, supported]) => supported === wanted).map(([name]) => name);
  const [has, lacks] = [named(true), named(false)];
  const page = maxResults === null ? '' : `; ${counted(maxResults, 'user')} a page at most`;
  const missing = lacks.length === 0 ? '' : `, not ${lacks.join(', ')}`;
  return `It says that it supports ${has.length === 0 ? 'nothing in particular' : has.join(', ')}${missing}${page}.`;
}
