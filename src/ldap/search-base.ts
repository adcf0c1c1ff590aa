/** What follows from the kind of directory and from the entry of the search base: who is a user, and what he is known by. */

import type { DirectoryKind } from '../model/ports.ts';
import { RunError } from '../model/errors.ts';
import type { DirectorySettings } from './directory-settings.ts';
import { RESULT } from './result-codes.ts';
import type { BaseEntry, RootDse } from './root-dse.ts';

/** Active Directory's answer to who is a user leaves out computers, whose class is derived from user. */
export const USER_FILTERS: Readonly<Record<DirectoryKind, string>> = {
  ACTIVE_DIRECTORY: '(&(objectCategory=person)(objectClass=user))',
  OPENLDAP: '(objectClass=inetOrgPerson)',
  '389_DIRECTORY_SERVER': '(objectClass=inetOrgPerson)',
  GENERIC: '(objectClass=inetOrgPerson)',
};

export const NO_IDENTITY =
  'The directory shows no attribute that identifies a user for ever: a renamed user counts as a new one. Set ldap.attrib.externalId.';

/**
 * Does nothing where the search base can be read, here or, with `ldap.referral=FOLLOW`, where it is referred to.
 * @throws RunError DIRECTORY_SEARCH
 */
export function requireBase(settings: DirectorySettings, base: BaseEntry, rootDse: RootDse): void {
  if (base.problem === null) return;
  if (base.code === RESULT.REFERRAL && settings['ldap.referral'] === 'FOLLOW') return;
  const contexts = rootDse.namingContexts.map((context) => `"${context}"`).join(', ');
  const served = contexts === '' ? '' : ` The server holds ${contexts}.`;
  throw new RunError(
    'DIRECTORY_SEARCH',
    `The search base ldap.baseDn "${settings['ldap.baseDn']}" cannot be read: ${base.problem}.${served}`,
    {
      fix:
        settings['ldap.bind.authtype'] === 'NONE'
          ? 'Correct ldap.baseDn, or set ldap.bind.authtype=SIMPLE: the bind was anonymous.'
          : 'Correct ldap.baseDn, or give ldap.bind.user the right to read it.',
    },
  );
}

/** The attribute that identifies a user for ever; `null`: it is the DN, by choice or because there is nothing better. */
export function identityAttributeOf(
  settings: DirectorySettings,
  rootDse: RootDse,
  base: BaseEntry,
): string | null {
  const configured = settings['ldap.attrib.externalId'].trim();
  if (configured !== '') return /^(dn|entrydn|distinguishedname)$/i.test(configured) ? null : configured;
  if (rootDse.kind === 'ACTIVE_DIRECTORY') return 'objectGUID';
  if (rootDse.kind === 'OPENLDAP') return 'entryUUID';
  if (rootDse.kind === '389_DIRECTORY_SERVER') return 'nsUniqueId';
  return base.identityAttribute;
}
