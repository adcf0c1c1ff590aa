/** Opens a bound connection to one server, and tells a refusal, after which nothing may be tried again, from a failure. */

import { RunError } from '../model/errors.ts';
import type { Log } from '../model/ports.ts';
import { BerCursor } from './ber.ts';
import { connect, ConnectError } from './connecting.ts';
import type { Connection } from './connection.ts';
import type { DirectorySettings } from './directory-settings.ts';
import { bindRequest, externalBindRequest, OPERATION } from './requests.ts';
import { describeRefusedBind, describeResult, readResult, RESULT } from './result-codes.ts';
import type { LdapResult } from './result-codes.ts';
import { formatServer } from './server-url.ts';
import type { ServerAddress } from './server-url.ts';
import type { TlsTrust } from './tls-trust.ts';
import { Traffic } from './traffic.ts';

/** Answers to a bind that say "not now" instead of "not you". */
const PASSING_CODES: ReadonlySet<number> = new Set([
  RESULT.OPERATIONS_ERROR,
  RESULT.TIME_LIMIT,
  RESULT.BUSY,
  RESULT.UNAVAILABLE,
  80,
]);

const WANT_ENCRYPTION: ReadonlySet<number> = new Set([RESULT.STRONGER_AUTH, RESULT.CONFIDENTIALITY_REQUIRED]);
const ENCRYPTION_FIX = 'Use ldaps:// in ldap.baseurl, or set ldap.connection.starttls=true.';

export interface SessionOptions {
  readonly settings: DirectorySettings;
  readonly bindPassword: string | null;
  readonly trust: TlsTrust;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Counts what goes over the connections of a run. */
  readonly traffic?: Traffic;
}

/**
 * A connection to `server`, bound as the settings say.
 * @param pinnedAddress IP address to use instead of a new look-up of the host name
 * @throws ConnectError where another attempt or another server may succeed
 * @throws RunError DIRECTORY_REFUSED; PASSWORD_MISSING, CONFIG_INVALID before anything is sent
 */
export async function openSession(
  options: SessionOptions,
  server: ServerAddress,
  pinnedAddress: string | null,
): Promise<Connection> {
  const { settings, signal } = options;
  const credentials = credentialsOf(options);
  const connection = await connect({
    server,
    trust: options.trust,
    startTls: settings['ldap.connection.starttls'],
    connectTimeoutMs: settings['ldap.connection.timeout.period'],
    readTimeoutMs: settings['ldap.read.timeout.period'],
    pinnedAddress,
    signal,
    traffic: options.traffic ?? new Traffic(),
  });
  await unlessStopped(connection, signal, bind(connection, credentials, options));
  return connection;
}

/** Waits for `work` on a connection that nobody else knows yet, and hence nobody else can close. */
async function unlessStopped(
  connection: Connection,
  signal: AbortSignal,
  work: Promise<void>,
): Promise<void> {
  const stop = (): void => connection.lose('the run was stopped');
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop);
  try {
    await work;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

interface Credentials {
  readonly name: string;
  /** `''` where none is sent. */
  readonly password: string;
  readonly external: boolean;
}

/** Anonymous is only what was asked to be: RFC 4513 5.1.2 makes a bind with a name and no password succeed as anonymous. */
function credentialsOf({ settings, bindPassword }: SessionOptions): Credentials {
  const anonymous = { name: '', password: '', external: false };
  if (settings['ldap.bind.authtype'] === 'NONE') return anonymous;
  if (settings['ldap.bind.authtype'] === 'EXTERNAL') return { ...anonymous, external: true };
  const name = settings['ldap.bind.user'].trim();
  if (name === '') {
    throw new RunError('CONFIG_INVALID', 'ldap.bind.user is empty, but ldap.bind.authtype is SIMPLE');
  }
  if (bindPassword === null || bindPassword === '') {
    throw new RunError('PASSWORD_MISSING', `There is no LDAP bind password for ${name}.`, {
      fix: 'Set it with c42uds --ldap-bind-password.',
    });
  }
  return { name, password: bindPassword, external: false };
}

async function bind(
  connection: Connection,
  credentials: Credentials,
  options: SessionOptions,
): Promise<void> {
  const { server } = connection;
  checkCleartext(connection, credentials, options);
  const { name, password, external } = credentials;
  if (external && !connection.encrypted) {
    connection.close();
    throw new RunError(
      'CONFIG_INVALID',
      'ldap.bind.authtype=EXTERNAL needs TLS, which shows the certificate.',
      {
        fix: ENCRYPTION_FIX,
      },
    );
  }
  const encode = (id: number): Buffer =>
    external ? externalBindRequest(id) : bindRequest(id, name, password);
  const result = await new Promise<LdapResult>((resolve, reject) => {
    connection.request(encode, {
      reply(operation, bytes, start, end) {
        if (operation !== OPERATION.BIND_RESPONSE) return false;
        resolve(readResult(new BerCursor(bytes, start, end), end));
        return true;
      },
      lost: (reason) => reject(new ConnectError(reason)),
    });
  });
  if (result.code === RESULT.SUCCESS) return;
  connection.close();
  if (PASSING_CODES.has(result.code))
    throw new ConnectError(`the bind failed with ${describeResult(result)}`);
  // Never again with the same password: repeated refusals lock the account.
  const anonymous = external ? 'the bind by ldap.connection.client.cert' : 'an anonymous bind';
  const who = name === '' ? anonymous : `the bind of ${name}`;
  throw new RunError(
    'DIRECTORY_REFUSED',
    `Unable to contact LDAP source at ${formatServer(server)}, reason: '${who} was refused: ${describeRefusedBind(result)}'`,
    WANT_ENCRYPTION.has(result.code) ? { fix: ENCRYPTION_FIX } : {},
  );
}

/** `ldap.connection.cleartext`, judged by the address that answered and not by a name. */
function checkCleartext(
  connection: Connection,
  credentials: Credentials,
  { settings, log }: SessionOptions,
): void {
  const { server, address, encrypted } = connection;
  const policy = settings['ldap.connection.cleartext'];
  if (encrypted || credentials.password === '' || policy === 'ALLOW' || isLoopback(address)) return;
  if (policy === 'WARN') {
    log.warn(
      'LdapService',
      `The bind password goes to ${formatServer(server)} unencrypted. Use ldaps:// or ldap.connection.starttls, or set ldap.connection.cleartext=ALLOW.`,
    );
    return;
  }
  connection.close();
  throw new RunError(
    'CONFIG_INVALID',
    `ldap.connection.cleartext=LOOPBACK forbids to send the bind password unencrypted to ${formatServer(server)}.`,
    { fix: ENCRYPTION_FIX },
  );
}

function isLoopback(address: string | null): boolean {
  return address !== null && (/^(::ffff:)?127\./.test(address) || address === '::1');
}
