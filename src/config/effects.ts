/** Where each property takes effect and which test proves it: the hand-written half of `docs/properties.md`. */

import type { OptionKey } from './options.ts';

export interface Effect {
  /** The module that acts on the property. */
  readonly where: string;
  /** The test file that proves it; empty while there is none. */
  readonly test: string;
}

const DIRECTORY = 'src/ldap/';
const SERVICE = 'src/scim/';

const effect = (where: string, test: string): Effect => ({ where, test });

export const EFFECTS: Readonly<Record<OptionKey, Effect>> = {
  'ldap.baseurl': effect(DIRECTORY, 'test/ldap/'),
  'ldap.baseDn': effect(DIRECTORY, 'test/ldap/'),
  'ldap.bind.authtype': effect(DIRECTORY, 'test/ldap/'),
  'ldap.bind.user': effect(DIRECTORY, 'test/ldap/'),
  'ldap.bind.password': effect('src/local/secrets.ts, src/ldap/', 'test/local/secrets.test.ts'),
  'ldap.connection.allowunsafecerts': effect(DIRECTORY, 'test/ldap/'),
  'ldap.connection.pool': effect(DIRECTORY, 'test/ldap/'),
  'ldap.connection.timeout.period': effect(DIRECTORY, 'test/ldap/'),
  'ldap.delay.between.attempts': effect(DIRECTORY, 'test/ldap/'),
  'ldap.max.attempts': effect(DIRECTORY, 'test/ldap/'),
  'ldap.paging.size': effect(DIRECTORY, 'test/ldap/'),
  'ldap.read.timeout.period': effect(DIRECTORY, 'test/ldap/'),
  'ldap.referral': effect(DIRECTORY, 'test/ldap/'),
  'ldap.schema.attributes.sensitive': effect(DIRECTORY, 'test/ldap/'),
  'ldap.attrib.countryCode': effect('src/sync/', 'test/sync/'),
  'ldap.attrib.department': effect('src/sync/', 'test/sync/'),
  'ldap.attrib.division': effect('src/sync/', 'test/sync/'),
  'ldap.attrib.employeeType': effect('src/sync/', 'test/sync/'),
  'ldap.attrib.firstName': effect('src/sync/', 'test/sync/'),
  'ldap.attrib.givenName': effect('src/sync/', 'test/sync/'),
  'ldap.attrib.lastName': effect('src/sync/', 'test/sync/'),
  'ldap.attrib.manager': effect('src/sync/', 'test/sync/'),
  'ldap.attrib.title': effect('src/sync/', 'test/sync/'),
  'ldap.attrib.userName': effect('src/sync/', 'test/sync/'),
  'ldap.attrib.email': effect('src/sync/', 'test/sync/'),
  'ldap.attrib.externalId': effect(DIRECTORY, 'test/ldap/'),
  'ldap.search.filter': effect(DIRECTORY, 'test/ldap/'),
  'ldap.change.tracking': effect(DIRECTORY, 'test/ldap/'),
  'ldap.change.overlap.period': effect(DIRECTORY, 'test/ldap/'),
  'ldap.connection.ca.file': effect(DIRECTORY, 'test/ldap/'),
  'ldap.connection.cleartext': effect(DIRECTORY, 'test/ldap/'),
  'driver.files.attribute.name': effect('src/cli/, src/ldap/', 'test/e2e/'),
  'scim.baseurl': effect(SERVICE, 'test/scim/'),
  'scim.username': effect(SERVICE, 'test/scim/'),
  'scim.password': effect('src/local/secrets.ts, src/scim/', 'test/local/secrets.test.ts'),
  'scim.client.threads': effect('src/sync/, src/scim/', 'test/scim/'),
  'scim.auth.type': effect(SERVICE, 'test/scim/'),
  'scim.org.attribute': effect(SERVICE, 'test/scim/'),
  'scim.role.attribute': effect(SERVICE, 'test/scim/'),
  'scim.update.method': effect(SERVICE, 'test/scim/'),
  'scim.adopt.by': effect(SERVICE, 'test/scim/'),
  'scim.connection.ca.file': effect(SERVICE, 'test/scim/'),
  'scim.connection.timeout.period': effect(SERVICE, 'test/scim/'),
  'scim.read.timeout.period': effect(SERVICE, 'test/scim/'),
  'scim.max.attempts': effect(SERVICE, 'test/scim/'),
  'scim.requests.per.second': effect(SERVICE, 'test/scim/'),
  'script.active.location': effect('src/sandbox/', 'test/sandbox/'),
  'script.org.location': effect('src/sandbox/', 'test/sandbox/'),
  'script.role.location': effect('src/sandbox/', 'test/sandbox/'),
  'script.timeout.period': effect('src/sandbox/', 'test/sandbox/'),
  'script.memory.limit': effect('src/sandbox/', 'test/sandbox/'),
  'workqueues.size': effect('src/sync/', 'test/sync/'),
  'missed.user.check': effect('src/sync/', 'test/sync/'),
  'deactivate.user.threshold': effect('src/sync/', 'test/sync/'),
  'deactivate.max.percent': effect('src/sync/', 'test/sync/'),
  'deactivate.max.count': effect('src/sync/', 'test/sync/'),
  'deactivate.org.max.percent': effect('src/sync/guard.ts', 'test/sync/run.test.ts'),
  'guard.absent.max.percent': effect('src/sync/guard.ts', 'test/sync/run.test.ts'),
  'guard.failed.max.percent': effect('src/sync/guard.ts', 'test/sync/run.test.ts'),
  'guard.cleared.max.percent': effect('src/sync/guard.ts', 'test/sync/run.test.ts'),
  'guard.moved.max.percent': effect('src/sync/guard.ts', 'test/sync/run.test.ts'),
  'state.keep': effect('src/local/state-generations.ts', 'test/local/state-generations.test.ts'),
  'state.location': effect('src/local/', 'test/local/'),
  'log.location': effect('src/local/', 'test/local/'),
  'log.keep.days': effect('src/local/', 'test/local/'),
  'log.format': effect('src/local/', 'test/local/'),
};
