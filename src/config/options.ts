/**
 * The table of properties: the one place that knows which there are. From it come the types, the validation,
 * `config.properties.example`, the reference in the docs and the redaction of the log.
 *
 * Properties marked `origin: 'ARTICLE'` carry the name and default of the vendor's article "Configure Code42 User
 * Directory Sync"; they must never change. Defaults are the text that stands in the file.
 */

interface Row {
  /** What the text in the file may be. INTEGER and MILLISECONDS take `min`; CHOICE takes `choices`, in any case. */
  readonly kind:
    'TEXT' | 'INTEGER' | 'MILLISECONDS' | 'BOOLEAN' | 'CHOICE' | 'LIST' | 'PATH' | 'URL' | 'SECRET';
  /** `''` means: not set, or chosen by the kind of directory where `doc` says so. */
  readonly default: string;
  readonly origin: 'ARTICLE' | 'C42UDS';
  readonly doc: string;
  readonly choices?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly schemes?: readonly string[];
  /** A URL for which several may stand, with blanks between them. */
  readonly several?: boolean;
  /** A URL that may have a query; it may hold a token, so it is never shown. */
  readonly query?: boolean;
  /** Other spellings that are accepted in the file. */
  readonly aliases?: readonly string[];
}

export const OPTIONS = {
  'ldap.baseurl': {
    kind: 'URL',
    default: 'ldap://',
    schemes: ['ldap:', 'ldaps:'],
    several: true,
    origin: 'ARTICLE',
    aliases: ['ldap.base.url'],
    doc: 'The LDAP or LDAPS URL of the directory server, ldap://HOST:PORT. Without a port: 389, or 636 for ldaps. Several, with blanks between them, are tried in their order; ldap:///dc=example,dc=com asks the DNS for the servers of example.com.',
  },
  'ldap.baseDn': {
    kind: 'TEXT',
    default: 'DC=example,DC=com',
    origin: 'ARTICLE',
    doc: 'The LDAP search base, a fully distinguished name.',
  },
  'ldap.bind.authtype': {
    kind: 'CHOICE',
    default: 'SIMPLE',
    choices: ['SIMPLE', 'NONE', 'EXTERNAL'],
    origin: 'ARTICLE',
    doc: 'SIMPLE binds with ldap.bind.user and its password; NONE binds anonymously (not recommended); EXTERNAL binds by the certificate of ldap.connection.client.cert.',
  },
  'ldap.bind.user': {
    kind: 'TEXT',
    default: 'cn=read-only-admin',
    origin: 'ARTICLE',
    doc: 'The bind user: user@domain.com, domain\\user, or a DN.',
  },
  'ldap.bind.password': {
    kind: 'SECRET',
    default: '',
    origin: 'ARTICLE',
    doc: 'Encrypted; set it with c42uds --ldap-bind-password. A password in plain text is never used and is removed. ${env:NAME}, ${file:PATH} and ${credential:NAME} take it from the environment, a file, or a credential of systemd.',
  },
  'ldap.connection.allowunsafecerts': {
    kind: 'BOOLEAN',
    default: 'false',
    origin: 'ARTICLE',
    doc: 'true accepts any certificate of an LDAPS server: self-signed, expired, of another host.',
  },
  'ldap.connection.pool': {
    kind: 'BOOLEAN',
    default: 'false',
    origin: 'ARTICLE',
    doc: 'true keeps one bound connection for all searches of a run; false opens a new one for each search.',
  },
  'ldap.connection.timeout.period': {
    kind: 'MILLISECONDS',
    default: '5000',
    min: 1,
    origin: 'ARTICLE',
    doc: 'Milliseconds to wait for a connection to the LDAP server, TLS handshake included.',
  },
  'ldap.delay.between.attempts': {
    kind: 'MILLISECONDS',
    default: '1000',
    min: 0,
    origin: 'ARTICLE',
    doc: 'Milliseconds between two attempts to connect to the LDAP server.',
  },
  'ldap.max.attempts': {
    kind: 'INTEGER',
    default: '10',
    min: 1,
    origin: 'ARTICLE',
    doc: 'Attempts to connect to the LDAP server before the run ends.',
  },
  'ldap.paging.size': {
    kind: 'INTEGER',
    default: '500',
    min: 1,
    max: 100_000,
    origin: 'ARTICLE',
    doc: 'The most entries to ask the LDAP server for at a time.',
  },
  'ldap.read.timeout.period': {
    kind: 'MILLISECONDS',
    default: '5000',
    min: 1,
    origin: 'ARTICLE',
    doc: 'Milliseconds without any answer from the LDAP server after which a search is given up.',
  },
  'ldap.referral': {
    kind: 'CHOICE',
    default: 'THROW',
    choices: ['IGNORE', 'FOLLOW', 'THROW'],
    origin: 'ARTICLE',
    doc: 'A referral to another server: IGNORE leaves that part out on purpose, FOLLOW reads it there, THROW makes the read incomplete.',
  },
  'ldap.schema.attributes.sensitive': {
    kind: 'LIST',
    default: 'userPassword,unixUserPassword,msSFU30Password,unicodepwd',
    origin: 'ARTICLE',
    doc: 'Attributes that scripts do not see and logs never show. They are not read, so an ldap.attrib property that names one is as an empty one.',
  },
  'ldap.attrib.countryCode': {
    kind: 'TEXT',
    default: 'c',
    origin: 'ARTICLE',
    doc: 'LDAP attribute of the country code (ISO 3166-1 alpha-2).',
  },
  'ldap.attrib.department': {
    kind: 'TEXT',
    default: 'department',
    origin: 'ARTICLE',
    doc: 'LDAP attribute of the department.',
  },
  'ldap.attrib.division': {
    kind: 'TEXT',
    default: 'division',
    origin: 'ARTICLE',
    doc: 'LDAP attribute of the division.',
  },
  'ldap.attrib.employeeType': {
    kind: 'TEXT',
    default: 'employeeType',
    origin: 'ARTICLE',
    doc: 'LDAP attribute of the employee type.',
  },
  'ldap.attrib.firstName': {
    kind: 'TEXT',
    default: 'givenName',
    origin: 'ARTICLE',
    doc: 'LDAP attribute of the first name; used where ldap.attrib.givenName gives none. The service keeps what it holds where both are empty.',
  },
  'ldap.attrib.givenName': {
    kind: 'TEXT',
    default: 'givenName',
    origin: 'ARTICLE',
    doc: 'LDAP attribute of the given name.',
  },
  'ldap.attrib.lastName': {
    kind: 'TEXT',
    default: 'sn',
    origin: 'ARTICLE',
    doc: 'LDAP attribute of the last name.',
  },
  'ldap.attrib.manager': {
    kind: 'TEXT',
    default: 'manager',
    origin: 'ARTICLE',
    doc: "LDAP attribute that holds the DN of the user's manager.",
  },
  'ldap.attrib.title': {
    kind: 'TEXT',
    default: 'title',
    origin: 'ARTICLE',
    doc: 'LDAP attribute of the title.',
  },
  'ldap.attrib.userName': {
    kind: 'TEXT',
    default: 'mail',
    origin: 'C42UDS',
    doc: 'LDAP attribute of the SCIM userName; never empty. Of several, with commas between them (mail,userPrincipalName), the first that a user has. Code42 wants an e-mail address.',
  },
  'ldap.attrib.email': {
    kind: 'TEXT',
    default: 'mail',
    origin: 'C42UDS',
    doc: 'LDAP attribute of the e-mail address; of a user without one the userName, where that is an address.',
  },
  'ldap.attrib.externalId': {
    kind: 'TEXT',
    default: '',
    origin: 'C42UDS',
    doc: 'LDAP attribute that identifies a user for ever. Empty: objectGUID, entryUUID or nsUniqueId, by the kind of directory.',
  },
  'ldap.search.filter': {
    kind: 'TEXT',
    default: '',
    origin: 'C42UDS',
    doc: 'Who is a user. Empty: (&(objectCategory=person)(objectClass=user)) on Active Directory, else (objectClass=inetOrgPerson).',
  },
  'ldap.server.kind': {
    kind: 'CHOICE',
    default: 'AUTO',
    choices: ['AUTO', 'ACTIVE_DIRECTORY', 'OPENLDAP', '389_DIRECTORY_SERVER', 'GENERIC'],
    origin: 'C42UDS',
    doc: 'What the LDAP server is; AUTO: what it says of itself. Empty values of ldap.search.filter, ldap.attrib.externalId and AUTO of ldap.change.tracking follow from it.',
  },
  'ldap.change.tracking': {
    kind: 'CHOICE',
    default: 'AUTO',
    choices: ['AUTO', 'USN_CHANGED', 'WHEN_CHANGED', 'MODIFY_TIMESTAMP', 'COMPARE'],
    origin: 'C42UDS',
    doc: 'How an incremental run finds what changed. AUTO: USN_CHANGED on Active Directory, else MODIFY_TIMESTAMP where served; COMPARE reads every user and sends only what differs.',
  },
  'ldap.change.overlap.period': {
    kind: 'MILLISECONDS',
    default: '60000',
    min: 0,
    origin: 'C42UDS',
    doc: 'How far an incremental run by time reads back before its watermark, for changes that replicate late.',
  },
  'ldap.group.baseDn': {
    kind: 'TEXT',
    default: '',
    origin: 'C42UDS',
    doc: 'Below which DN groups are looked for, for scripts that read entry.memberOfAll. Empty: the whole naming context of ldap.baseDn.',
  },
  'ldap.group.changes': {
    kind: 'CHOICE',
    default: 'AUTO',
    choices: ['AUTO', 'SWEEP', 'OFF'],
    origin: 'C42UDS',
    doc: 'How an incremental run sees changes that leave no trace on the user, as joining a group. AUTO: where a script, the mapping or the search filter reads memberOf or the like, it is compared for every user; SWEEP compares memberOf in any case; OFF leaves such changes to full runs.',
  },
  'ldap.connection.ca.file': {
    kind: 'PATH',
    default: '',
    origin: 'C42UDS',
    doc: 'PEM file with the certificate authority of the LDAPS server, used beside the built-in ones.',
  },
  'ldap.connection.client.cert': {
    kind: 'PATH',
    default: '',
    origin: 'C42UDS',
    doc: 'PEM file with the certificate that is shown to the LDAP server, for servers that ask for one and for ldap.bind.authtype=EXTERNAL.',
  },
  'ldap.connection.client.key': {
    kind: 'PATH',
    default: '',
    origin: 'C42UDS',
    doc: 'PEM file with the private key of ldap.connection.client.cert, without a passphrase. Empty: it stands in the file of the certificate.',
  },
  'ldap.connection.starttls': {
    kind: 'BOOLEAN',
    default: 'false',
    origin: 'C42UDS',
    doc: 'true encrypts a connection to ldap:// before the password is sent (StartTLS), and goes no further where the server cannot.',
  },
  'ldap.connection.cleartext': {
    kind: 'CHOICE',
    default: 'WARN',
    choices: ['WARN', 'LOOPBACK', 'ALLOW'],
    origin: 'C42UDS',
    doc: 'A bind password over plain ldap:// to another host: WARN sends it with a warning, LOOPBACK refuses, ALLOW says nothing.',
  },
  'driver.files.attribute.name': {
    kind: 'TEXT',
    default: 'sAMAccountName',
    origin: 'ARTICLE',
    doc: 'LDAP attribute by which the usernames of a --files list are looked up.',
  },
  'scim.baseurl': {
    kind: 'URL',
    default: 'https://www.crashplan.com/scim/v2',
    schemes: ['https:', 'http:'],
    origin: 'ARTICLE',
    doc: 'The base URL of the SCIM service, as the console shows it for the provisioning provider.',
  },
  'scim.username': {
    kind: 'TEXT',
    default: 'provider_id@cloud.code42.com',
    origin: 'ARTICLE',
    doc: 'The user name that the console shows for the provisioning provider.',
  },
  'scim.password': {
    kind: 'SECRET',
    default: '',
    origin: 'ARTICLE',
    doc: 'Encrypted; set it with c42uds --scim-password. A password in plain text is never used and is removed.',
  },
  'scim.client.threads': {
    kind: 'INTEGER',
    default: '1',
    min: 1,
    max: 64,
    origin: 'ARTICLE',
    doc: 'The most concurrent connections to the SCIM service. Organizations are created once at any number.',
  },
  'scim.auth.type': {
    kind: 'CHOICE',
    default: 'BASIC',
    choices: ['BASIC', 'BEARER'],
    origin: 'C42UDS',
    doc: 'BASIC sends scim.username and scim.password; BEARER sends scim.password as a token.',
  },
  'scim.org.attribute': {
    kind: 'TEXT',
    default: 'c42OrgName',
    origin: 'C42UDS',
    doc: 'SCIM attribute that carries the organization: a name, or URN:name for one of an extension schema.',
  },
  'scim.role.attribute': {
    kind: 'TEXT',
    default: 'roles',
    origin: 'C42UDS',
    doc: 'SCIM attribute that carries the roles: roles (RFC 7643 4.1.2), a name, or URN:name.',
  },
  'scim.update.method': {
    kind: 'CHOICE',
    default: 'AUTO',
    choices: ['AUTO', 'PATCH', 'PUT'],
    origin: 'C42UDS',
    doc: 'How users are updated. AUTO: PATCH, and PUT where the service has no PATCH.',
  },
  'scim.adopt.by': {
    kind: 'CHOICE',
    default: 'EXTERNAL_ID',
    choices: ['EXTERNAL_ID', 'USER_NAME'],
    origin: 'C42UDS',
    doc: 'When the service already holds a userName: EXTERNAL_ID adopts it only if its externalId is empty or ours, USER_NAME adopts it whatever its externalId (for users that another tool provisioned).',
  },
  'scim.connection.ca.file': {
    kind: 'PATH',
    default: '',
    origin: 'C42UDS',
    doc: 'PEM file with the certificate authority of the SCIM service or of an inspecting proxy, used beside the built-in ones.',
  },
  'scim.connection.timeout.period': {
    kind: 'MILLISECONDS',
    default: '10000',
    min: 1,
    origin: 'C42UDS',
    doc: 'Milliseconds to wait for a connection to the SCIM service.',
  },
  'scim.read.timeout.period': {
    kind: 'MILLISECONDS',
    default: '60000',
    min: 1,
    origin: 'C42UDS',
    doc: 'Milliseconds for one whole request to the SCIM service.',
  },
  'scim.max.attempts': {
    kind: 'INTEGER',
    default: '8',
    min: 1,
    origin: 'C42UDS',
    doc: 'Attempts at one change before that user fails.',
  },
  'scim.requests.per.second': {
    kind: 'INTEGER',
    default: '0',
    min: 0,
    origin: 'C42UDS',
    doc: 'The most requests a second to the SCIM service; 0 lets the service set the pace.',
  },
  'script.active.location': {
    kind: 'PATH',
    default: 'activescript.js',
    origin: 'ARTICLE',
    doc: 'The file with the "Active" JavaScript function.',
  },
  'script.org.location': {
    kind: 'PATH',
    default: 'orgscript.js',
    origin: 'ARTICLE',
    doc: 'The file with the "Org" JavaScript function.',
  },
  'script.role.location': {
    kind: 'PATH',
    default: 'rolescript.js',
    origin: 'ARTICLE',
    doc: 'The file with the "Role" JavaScript function.',
  },
  'script.timeout.period': {
    kind: 'MILLISECONDS',
    default: '1000',
    min: 10,
    origin: 'C42UDS',
    doc: 'Milliseconds that the scripts may take for one user.',
  },
  'script.memory.limit': {
    kind: 'INTEGER',
    default: '64',
    min: 16,
    max: 2048,
    origin: 'C42UDS',
    doc: 'Megabytes that the scripts may use.',
  },
  'workqueues.size': {
    kind: 'INTEGER',
    default: '500',
    min: 1,
    max: 100_000,
    origin: 'ARTICLE',
    doc: 'The number of users queued between the directory, the scripts and the comparison.',
  },
  'missed.user.check': {
    kind: 'BOOLEAN',
    default: 'false',
    origin: 'ARTICLE',
    doc: 'true counts how often a user is absent from the search base and deactivates him at deactivate.user.threshold.',
  },
  'deactivate.user.threshold': {
    kind: 'INTEGER',
    default: '5',
    min: 2,
    origin: 'ARTICLE',
    doc: 'Complete live runs in a row that a user may be absent from before he is deactivated.',
  },
  'deactivate.max.percent': {
    kind: 'INTEGER',
    default: '10',
    min: 0,
    max: 100,
    origin: 'C42UDS',
    doc: 'A run that would deactivate more than this share of the active users stops before its first write. 100 switches the guard off.',
  },
  'deactivate.max.count': {
    kind: 'INTEGER',
    default: '0',
    min: 0,
    origin: 'C42UDS',
    doc: 'A run that would deactivate more users than this stops before its first write. 0 sets no such limit.',
  },
  'deactivate.day.max.percent': {
    kind: 'INTEGER',
    default: '20',
    min: 0,
    max: 100,
    origin: 'C42UDS',
    doc: 'A run that, together with the runs of the 24 hours before it, would deactivate more than this share of the active users stops before its first write; what was approved does not count. 100 switches the guard off, and state.history.days=0 does.',
  },
  'deactivate.org.max.percent': {
    kind: 'INTEGER',
    default: '50',
    min: 0,
    max: 100,
    origin: 'C42UDS',
    doc: 'The same for the active users of one organization. 100 switches the guard off.',
  },
  'deactivate.unit.max.percent': {
    kind: 'INTEGER',
    default: '50',
    min: 0,
    max: 100,
    origin: 'C42UDS',
    doc: 'The same for the active users directly below one entry, an organizational unit as a rule, as far as they would be deactivated for absence: a lost right to read the unit. 100 switches the guard off.',
  },
  'guard.absent.max.percent': {
    kind: 'INTEGER',
    default: '50',
    min: 0,
    max: 100,
    origin: 'C42UDS',
    doc: 'A complete read of the whole base that misses more than this share of the known active users stops the run: a wrong base, a wrong filter or a lost right. 100 switches the guard off.',
  },
  'guard.created.max.percent': {
    kind: 'INTEGER',
    default: '50',
    min: 0,
    max: 100,
    origin: 'C42UDS',
    doc: 'Once a run has been carried out for everybody and 100 users are active, a run that would create more than 50 users and more than this share of the active ones stops before its first write: a search that has become too wide. 100 switches the guard off.',
  },
  'guard.failed.max.percent': {
    kind: 'INTEGER',
    default: '20',
    min: 0,
    max: 100,
    origin: 'C42UDS',
    doc: 'A run whose scripts fail for more than this share of the users it reads stops before its first write. 100 switches the guard off.',
  },
  'guard.cleared.max.percent': {
    kind: 'INTEGER',
    default: '20',
    min: 0,
    max: 100,
    origin: 'C42UDS',
    doc: 'A run that would clear the same attribute for more than this share of the active users stops before its first write: a lost right to read it. 100 switches the guard off.',
  },
  'guard.moved.max.percent': {
    kind: 'INTEGER',
    default: '30',
    min: 0,
    max: 100,
    origin: 'C42UDS',
    doc: 'A run that would change the organization, or the roles, of more than this share of the active users stops before its first write: a mistake in a script. 100 switches the guard off.',
  },
  'guard.replaced.max.percent': {
    kind: 'INTEGER',
    default: '20',
    min: 0,
    max: 100,
    origin: 'C42UDS',
    doc: 'A run that would give another userName, another email or another manager to more than this share of the active users stops before its first write: a mistake in the mapping or in the directory. 100 switches the guard off.',
  },
  'guard.reactivated.max.percent': {
    kind: 'INTEGER',
    default: '5',
    min: 0,
    max: 100,
    origin: 'C42UDS',
    doc: 'A run that would make more deactivated users active again than this share of the active users stops before its first write: a mistake in the Active script. 100 switches the guard off.',
  },
  'state.location': {
    kind: 'PATH',
    default: 'state.db',
    origin: 'C42UDS',
    doc: 'The state file: what the service has confirmed, absence counts, the watermark.',
  },
  'state.keep': {
    kind: 'INTEGER',
    default: '7',
    min: 0,
    max: 366,
    origin: 'C42UDS',
    doc: 'Daily copies of the state file to keep beside it; 0 keeps none.',
  },
  'state.history.days': {
    kind: 'INTEGER',
    default: '90',
    min: 0,
    max: 3660,
    origin: 'C42UDS',
    doc: 'Days for which the state file keeps each confirmed change, old and new value, for c42uds history USER; 0 keeps none.',
  },
  'secret.store': {
    kind: 'CHOICE',
    default: 'AUTO',
    choices: ['AUTO', 'FILE', 'KEYCHAIN'],
    origin: 'C42UDS',
    doc: 'Where the key of the encrypted passwords is kept: FILE is secret.key beside the configuration together with the id of the machine, KEYCHAIN the keychain of the signed-in user (on Linux the Secret Service). AUTO is KEYCHAIN on Windows and macOS, FILE elsewhere. After a change both passwords have to be set again.',
  },
  'metrics.file': {
    kind: 'PATH',
    default: '',
    origin: 'C42UDS',
    doc: 'Where each live run leaves its numbers for Prometheus (the textfile collector of the node exporter); the name must end in .prom for that. Empty: nowhere.',
  },
  'notify.url': {
    kind: 'URL',
    default: '',
    schemes: ['http:', 'https:'],
    query: true,
    origin: 'C42UDS',
    doc: 'A web hook that is told the end of each live run: a POST of JSON with numbers, without names of users. Empty: nobody is told.',
  },
  'notify.secret': {
    kind: 'SECRET',
    default: '',
    origin: 'C42UDS',
    doc: 'Signs what is sent to notify.url; set it with c42uds secrets set notify.secret. Empty: it is sent unsigned.',
  },
  'log.location': { kind: 'PATH', default: 'logs', origin: 'C42UDS', doc: 'The folder of the log files.' },
  'log.keep.days': {
    kind: 'INTEGER',
    default: '30',
    min: 1,
    origin: 'C42UDS',
    doc: 'Days that log files are kept.',
  },
  'log.keep.size': {
    kind: 'INTEGER',
    default: '1000',
    min: 0,
    origin: 'C42UDS',
    doc: 'MB that all log files together may take: the oldest are removed before their days are over, so that a trace never fills the disk. 0 sets no limit.',
  },
  'log.file.size': {
    kind: 'INTEGER',
    default: '50',
    min: 0,
    origin: 'C42UDS',
    doc: 'MB after which a log file is left for the next one of the same day. 0 sets no limit.',
  },
  'log.format': {
    kind: 'CHOICE',
    default: 'TEXT',
    choices: ['TEXT', 'JSON'],
    origin: 'C42UDS',
    doc: 'The format of the log files.',
  },
} as const satisfies Record<string, Row>;

export type OptionKey = keyof typeof OPTIONS;
export type Option = Row;

type ValueOf<R extends Row> = R['kind'] extends 'INTEGER' | 'MILLISECONDS'
  ? number
  : R['kind'] extends 'BOOLEAN'
    ? boolean
    : R['kind'] extends 'LIST'
      ? readonly string[]
      : R extends { readonly choices: readonly (infer C)[] }
        ? C
        : string;

/**
 * The values of one configuration, keyed by property name: numbers for INTEGER and MILLISECONDS, booleans, lists, one
 * of `choices` in upper case, absolute paths for PATH (`''` where not set), and for SECRET the text that stands in the
 * file, still encrypted.
 */
export type Settings = { readonly [K in OptionKey]: ValueOf<(typeof OPTIONS)[K]> };
