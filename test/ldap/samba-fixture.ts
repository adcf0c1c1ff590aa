/** What the tests against Samba share. */

import assert from 'node:assert/strict';
import { openDirectory } from '../../src/ldap/directory.ts';
import type { DirectorySettings } from '../../src/ldap/directory.ts';
import type { Entry } from '../../src/model/entry.ts';
import type { Directory, DirectoryQuery } from '../../src/model/ports.ts';
import type { Samba } from '../servers/samba.ts';
import { directorySettings, EVERYTHING, readToEnd, rememberingLog } from './directory-fixture.ts';

const opened: Directory[] = [];

/** A directory that reads the employees as the reader; {@link closeAll} closes it. */
export function open(
  samba: Samba,
  changes: Partial<DirectorySettings> = {},
  log = rememberingLog(),
  password = samba.readerPassword,
): Directory {
  const settings = directorySettings({
    'ldap.baseurl': samba.url,
    'ldap.baseDn': samba.staffDn,
    'ldap.bind.user': samba.readerDn,
    ...changes,
  });
  const directory = openDirectory(settings, password, log);
  opened.push(directory);
  return directory;
}

/** Closes every directory that {@link open} made since the last time. */
export async function closeAll(): Promise<void> {
  for (const directory of opened.splice(0)) await directory.close();
}

/** Checks and reads; the read must be complete. */
export async function entriesOf(
  directory: Directory,
  query: Partial<DirectoryQuery> = {},
): Promise<readonly Entry[]> {
  await directory.check();
  const read = await readToEnd(directory.read({ ...EVERYTHING, ...query }));
  assert.equal(read.verdict.complete, true, read.reason);
  return read.entries;
}
