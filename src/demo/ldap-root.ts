/** The root DSE of the demo directory: what a client learns of the server before it searches (RFC 4512 5.1). */

import { PAGED_RESULTS, WHO_AM_I } from './ldap-message.ts';
import { generalizedTime, type DemoDirectoryKind } from './ldap-syntax.ts';
import { DemoEntry } from './ldap-entry.ts';

export interface RootFacts {
  readonly kind: DemoDirectoryKind;
  readonly suffix: string;
  readonly now: Date;
  readonly highestUsn: number;
}

/** The name of the object whose invocationId tells one copy of a domain's USNs from another's. */
export function dsServiceName(suffix: string): string {
  return `CN=NTDS Settings,CN=DEMO-DC1,CN=Servers,CN=Default-First-Site-Name,CN=Sites,CN=Configuration,${suffix}`;
}

/** The root DSE as it stands now. */
export function rootDse(facts: RootFacts): DemoEntry {
  const entry = new DemoEntry('', '');
  const set = (name: string, ...values: string[]): void => entry.set(name, values);
  set('supportedLDAPVersion', '3');
  set('supportedControl', PAGED_RESULTS);
  set('namingContexts', facts.suffix);
  if (facts.kind === 'OPENLDAP') {
    set('objectClass', 'top', 'OpenLDAProotDSE');
    set('structuralObjectClass', 'OpenLDAProotDSE');
    set('supportedExtension', WHO_AM_I);
    set('supportedFeatures', '1.3.6.1.4.1.4203.1.5.1');
    set('subschemaSubentry', 'cn=Subschema');
    return entry;
  }
  set(
    'namingContexts',
    facts.suffix,
    `CN=Configuration,${facts.suffix}`,
    `CN=Schema,CN=Configuration,${facts.suffix}`,
  );
  set('defaultNamingContext', facts.suffix);
  set('rootDomainNamingContext', facts.suffix);
  set('configurationNamingContext', `CN=Configuration,${facts.suffix}`);
  set('schemaNamingContext', `CN=Schema,CN=Configuration,${facts.suffix}`);
  // LDAP_CAP_ACTIVE_DIRECTORY_OID: how clients recognize the kind of directory.
  set('supportedCapabilities', '1.2.840.113556.1.4.800', '1.2.840.113556.1.4.1670');
  set('currentTime', generalizedTime(facts.now, facts.kind));
  set('highestCommittedUSN', String(facts.highestUsn));
  set('dsServiceName', dsServiceName(facts.suffix));
  set('dnsHostName', 'demo-dc1.example.com');
  set('isSynchronized', 'TRUE');
  return entry;
}

/** The directory service agent's own object, which Active Directory keeps outside the tree of users. */
export function ntdsSettings(suffix: string, key: string, invocationId: Buffer): DemoEntry {
  const entry = new DemoEntry(dsServiceName(suffix), key);
  entry.set('objectClass', ['top', 'applicationSettings', 'nTDSDSA']);
  entry.set('cn', ['NTDS Settings']);
  entry.set('distinguishedName', [entry.dn]);
  entry.set('invocationId', [invocationId]);
  return entry;
}
