/** Where each property of the LDAP directory takes effect, and which tests prove it. */

import { ACCOUNTS_SENT, effect, NEVER_IN_PLAIN_TEXT, provenIn, type Effect, type Proof } from './effect.ts';
import type { OptionKey } from './options.ts';

const SESSION = 'src/ldap/session.ts';
const DIRECTORY = 'src/ldap/directory.ts';
const CONNECTIONS = 'src/ldap/connections.ts';
const RULES = 'src/cli/run-rules.ts';
const PASSWORDS = 'src/cli/passwords.ts';

const inDirectory = provenIn('directory');
const inMapping = provenIn('mapping');

const NAMED = effect(
  [RULES, 'src/sync/resource.ts'],
  inMapping('each ldap.attrib property feeds its own attribute of the user and no other'),
);
const LEFT_TO_SERVICE = [
  inMapping('an empty ldap.attrib property leaves its attribute of every user as the service holds it'),
  inMapping('an adopted user keeps what somebody has set by hand where the ldap.attrib property is empty'),
];
const MAPPED = effect(
  [...NAMED.files, 'src/model/run.ts', 'src/scim/layout.ts'],
  ...NAMED.proofs,
  ...LEFT_TO_SERVICE,
);
const FIRST_NAME = inMapping(
  'ldap.attrib.firstName is used where ldap.attrib.givenName gives no value, and only there',
);
const CLIENT_CERTIFICATE: Proof = [
  'test/ldap/client-certificate.test.ts',
  'authtype EXTERNAL binds by the client certificate, over ldaps:// and StartTLS',
];
const CERTIFICATES = inDirectory(
  'ldap.connection.allowunsafecerts and ldap.connection.ca.file decide which certificates are taken',
);
const ATTEMPTS = inDirectory(
  'ldap.delay.between.attempts is the time between two of the ldap.max.attempts attempts',
);

export const DIRECTORY_EFFECTS: Readonly<Record<Extract<OptionKey, `ldap.${string}`>, Effect>> = {
  'ldap.baseurl': effect(
    [CONNECTIONS, 'src/ldap/server-url.ts', 'src/ldap/server-list.ts', 'src/ldap/fail-over.ts'],
    inDirectory('the directory that ldap.baseurl names is read, and no other'),
    ['test/ldap/referrals.test.ts', 'the URLs of servers and referrals are read as RFC 4516 has them'],
    [
      'test/ldap/fail-over.test.ts',
      'the first server of the list that answers is read, and the log says why not the others',
    ],
    ['test/ldap/server-list.test.ts', 'ldap:///dc=… reads a server that the DNS names, by priority'],
  ),
  'ldap.baseDn': effect(
    [DIRECTORY, 'src/ldap/search-plan.ts'],
    inDirectory('only users below ldap.baseDn are read'),
  ),
  'ldap.bind.authtype': effect(
    [SESSION, PASSWORDS],
    ['test/ldap/bind.test.ts', 'authtype NONE binds without name and password'],
    CLIENT_CERTIFICATE,
    inDirectory('ldap.bind.authtype=NONE needs no password and sends none; SIMPLE ends without one'),
  ),
  'ldap.bind.user': effect(SESSION, [
    'test/ldap/bind.test.ts',
    'every form of a bind user is sent as it stands',
  ]),
  'ldap.bind.password': effect(
    [PASSWORDS, 'src/local/secrets.ts', SESSION],
    ACCOUNTS_SENT,
    NEVER_IN_PLAIN_TEXT,
  ),
  'ldap.connection.allowunsafecerts': effect([DIRECTORY, 'src/ldap/tls-trust.ts'], CERTIFICATES, [
    'test/ldap/slapd.test.ts',
    'allowunsafecerts=true accepts each of them',
  ]),
  'ldap.connection.pool': effect(CONNECTIONS, [
    'test/ldap/connection-faults.test.ts',
    'ldap.connection.pool keeps one connection for all reads; without it each read has its own',
  ]),
  'ldap.connection.timeout.period': effect(
    [SESSION, 'src/ldap/connecting.ts'],
    inDirectory('ldap.connection.timeout.period bounds the TLS handshake too'),
  ),
  'ldap.delay.between.attempts': effect([CONNECTIONS, 'src/ldap/fail-over.ts'], ATTEMPTS),
  'ldap.max.attempts': effect([CONNECTIONS, 'src/ldap/fail-over.ts'], ATTEMPTS, [
    'test/ldap/connection-faults.test.ts',
    'an unreachable server is tried ldap.max.attempts times and then named as the article names it',
  ]),
  'ldap.paging.size': effect(
    [DIRECTORY, 'src/ldap/paged-search.ts'],
    [
      'test/ldap/paged-search.test.ts',
      'a search is read page by page until the cookie is empty, and is complete then',
    ],
    inDirectory('ldap.paging.size is the most entries that one answer brings'),
  ),
  'ldap.read.timeout.period': effect(
    [SESSION, 'src/ldap/connection.ts'],
    [
      'test/ldap/connection-faults.test.ts',
      'a search that is not answered ends after ldap.read.timeout.period',
    ],
    [
      'test/ldap/connection-faults.test.ts',
      'a server that accepts and says nothing ends after ldap.read.timeout.period',
    ],
  ),
  'ldap.referral': effect(
    [DIRECTORY, 'src/ldap/directory-read.ts', 'src/ldap/referral.ts'],
    ['test/ldap/referrals.test.ts', 'THROW: a referral makes the read incomplete and its URL is named'],
    [
      'test/ldap/referrals.test.ts',
      'IGNORE: a referral inside the base is left out on purpose, the read is complete, the log knows',
    ],
    [
      'test/ldap/referrals.test.ts',
      'FOLLOW: the part is read at the other server, page by page, bound with the same name and password',
    ],
  ),
  'ldap.schema.attributes.sensitive': effect(
    [DIRECTORY, 'src/ldap/entry-decoder.ts'],
    inDirectory('what ldap.schema.attributes.sensitive names is seen by no script and stands in no log'),
    inMapping(
      'an ldap.attrib property that names a sensitive attribute is as an empty one: nothing is cleared',
    ),
    ['test/ldap/entries.test.ts', 'sensitive attributes are dropped in any case and with any option'],
  ),
  'ldap.attrib.countryCode': MAPPED,
  'ldap.attrib.department': MAPPED,
  'ldap.attrib.division': MAPPED,
  'ldap.attrib.employeeType': MAPPED,
  'ldap.attrib.firstName': { ...MAPPED, proofs: [FIRST_NAME, ...LEFT_TO_SERVICE] },
  'ldap.attrib.givenName': { ...MAPPED, proofs: [...MAPPED.proofs, FIRST_NAME] },
  'ldap.attrib.lastName': MAPPED,
  'ldap.attrib.manager': MAPPED,
  'ldap.attrib.title': MAPPED,
  'ldap.attrib.userName': {
    files: NAMED.files,
    proofs: [
      ...NAMED.proofs,
      inMapping('of several attributes in ldap.attrib.userName the first that a user has is the userName'),
    ],
  },
  'ldap.attrib.email': MAPPED,
  'ldap.attrib.externalId': effect(
    DIRECTORY,
    inMapping('ldap.attrib.externalId names the attribute by which a user is known at the service'),
    ['test/ldap/facts.test.ts', 'the kind of directory decides identity, user filter and tracking'],
  ),
  'ldap.search.filter': effect(DIRECTORY, inDirectory('only users whom ldap.search.filter finds are read'), [
    'test/ldap/facts.test.ts',
    'the kind of directory decides identity, user filter and tracking',
  ]),
  'ldap.server.kind': effect(
    [DIRECTORY, 'src/ldap/root-dse.ts'],
    ['test/ldap/facts.test.ts', 'ldap.server.kind overrules what the server says of itself'],
  ),
  'ldap.change.tracking': effect(
    [DIRECTORY, 'src/ldap/change-tracking.ts'],
    inDirectory(
      'by ldap.change.tracking an incremental run reads who has changed, or with COMPARE everybody',
    ),
    ['test/ldap/facts.test.ts', 'the kind of directory decides identity, user filter and tracking'],
  ),
  'ldap.change.overlap.period': effect(
    [DIRECTORY, 'src/ldap/change-tracking.ts'],
    inDirectory('ldap.change.overlap.period is how far back from its watermark an incremental run reads'),
  ),
  'ldap.group.baseDn': effect('src/ldap/group-search.ts', [
    'test/ldap/groups.test.ts',
    'groups are looked for below ldap.group.baseDn, and else in the naming context of the base',
  ]),
  'ldap.group.changes': effect(
    [RULES, 'src/sync/traceless.ts', 'src/local/trace-table.ts'],
    inDirectory('ldap.group.changes decides whether an incremental run sees who joined or left a group'),
  ),
  'ldap.connection.ca.file': effect([DIRECTORY, 'src/ldap/tls-trust.ts'], CERTIFICATES),
  'ldap.connection.client.cert': effect([DIRECTORY, 'src/ldap/tls-trust.ts'], CLIENT_CERTIFICATE),
  'ldap.connection.client.key': effect([DIRECTORY, 'src/ldap/tls-trust.ts'], CLIENT_CERTIFICATE, [
    'test/ldap/client-certificate.test.ts',
    'a certificate or key that cannot be used is named before anything is sent',
  ]),
  'ldap.connection.starttls': effect(
    [SESSION, 'src/ldap/start-tls.ts'],
    [
      'test/ldap/start-tls.test.ts',
      'with ldap.connection.starttls users and password are encrypted over ldap://',
    ],
  ),
  'ldap.connection.cleartext': effect(SESSION, [
    'test/ldap/bind.test.ts',
    'a password over plain ldap:// to another address: warned of, refused or sent, as the policy says',
  ]),
};
