/** `--ldap-bind-password` and `--scim-password`: ask once, encrypt, store, then test both connections. */

import { setProperty } from '../config/configuration-changes.ts';
import { PASSWORD_COMMANDS } from '../config/secret-properties.ts';
import type { SecretKey } from '../config/secret-properties.ts';
import { loadSettings } from '../config/settings.ts';
import type { LoadedSettings } from '../config/settings.ts';
import { EXIT_CODES, RunError } from '../model/errors.ts';
import type { ErrorCode, ExitCode } from '../model/errors.ts';
import { errorFacts, SCHEMA_VERSION } from '../report/run-result.ts';
import { openDirectoryOf, openServiceOf } from './adapters.ts';
import { configurationPath, openConfiguration } from './configuration.ts';
import type { PasswordInvocation } from './invocation.ts';
import { keepSecret, needsBindPassword, openPassword, sealPassword } from './passwords.ts';
import { lineOfInput, openPrompts } from './prompts.ts';
import { logRunError } from './run-error-log.ts';
import type { Session } from './session.ts';

/**
 * Stores the password, also where a test of a connection then fails: the reason may be anything else.
 * @returns 0, or the exit code of the failed test, that of the connection whose password was set first
 * @throws RunError before anything is stored
 */
export async function setPassword(
  { which, configPath }: PasswordInvocation,
  session: Session,
): Promise<ExitCode> {
  const { log } = session.openLog;
  const loaded = openConfiguration(configurationPath(configPath, session), session);
  const key: SecretKey = which === 'LDAP' ? 'ldap.bind.password' : 'scim.password';
  const password = await askForSecret(key, session);
  keepSecret(key, password, loaded.settings, session.openLog);

  const sealed = await sealPassword(key, password, loaded.path, loaded.settings['secret.store']);
  const { clearedSecrets } = setProperty(loaded.path, key, sealed);
  log.info('main', `The password was encrypted and written to ${key} in ${loaded.path}`);
  for (const cleared of clearedSecrets) {
    const command = PASSWORD_COMMANDS[cleared];
    log.warn('main', `The plain text in ${cleared} was removed from ${loaded.path}. Set it with ${command}.`);
  }
  const tests = await testConnections(which, loadSettings(loaded.path), session);
  const facts = { configuration: loaded.path, property: key, removedPlainText: clearedSecrets, ...tests };
  session.results.print({ type: 'passwordSet', schemaVersion: SCHEMA_VERSION, ...facts });
  return tests.exitCode;
}

/**
 * Asks once, hidden; without a terminal, one line of standard input.
 * @throws RunError PASSWORD_MISSING, INTERRUPTED
 */
export async function askForSecret(key: SecretKey, session: Session): Promise<string> {
  const prompts = session.interactive ? await openPrompts(session) : null;
  if (prompts === null && session.stdin.isTTY === true) {
    throw new RunError(
      'PASSWORD_MISSING',
      `${key} cannot be asked for without showing it: the output is no terminal.`,
      {
        fix: 'Run the command without redirecting its output, or give the password on standard input.',
      },
    );
  }
  const password =
    prompts === null
      ? await lineOfInput(session)
      : await prompts.hidden(key, (answer) => (answer === '' ? 'An answer is needed.' : true));
  if (password === '') {
    throw new RunError('PASSWORD_MISSING', `No password for ${key} on standard input; nothing was changed.`, {
      fix: `Write it as one line: ${PASSWORD_COMMANDS[key]} < FILE`,
    });
  }
  return password;
}

/** What came of testing a connection. */
interface TestedConnection {
  readonly status: 'OK' | 'FAILED' | 'NOT_TESTED';
  readonly exitCode: ExitCode;
  readonly message: string;
  readonly fix: string | null;
  readonly error: ErrorCode | null;
}

interface ConnectionTests {
  readonly exitCode: ExitCode;
  readonly directory: TestedConnection;
  readonly service: TestedConnection;
}

async function testConnections(
  which: 'LDAP' | 'SCIM',
  loaded: LoadedSettings,
  session: Session,
): Promise<ConnectionTests> {
  const directory = await tested(session, () => testDirectory(loaded, session));
  const service = await tested(session, () => testService(loaded, session));
  const [first, second] = which === 'LDAP' ? [directory, service] : [service, directory];
  const { exitCode } = first.exitCode === EXIT_CODES.DONE ? second : first;
  if (exitCode !== EXIT_CODES.DONE) session.openLog.log.warn('main', 'The password stays stored.');
  return { exitCode, directory, service };
}

/** Reports the failure of a test as a run would, and goes on to the next. */
async function tested(session: Session, test: () => Promise<string>): Promise<TestedConnection> {
  const { log } = session.openLog;
  try {
    const message = await test();
    log.info('main', message);
    return { status: 'OK', exitCode: EXIT_CODES.DONE, message, fix: null, error: null };
  } catch (error) {
    session.signal.throwIfAborted();
    if (!(error instanceof RunError)) throw error;
    // The other password may simply come next: that is no failure of this command.
    const { exitCode, code } = error;
    const { message, fix } = errorFacts(error, (text) => session.openLog.redacted(text));
    if (code === 'PASSWORD_MISSING') {
      log.warn('main', `Not tested: ${message} ${fix}`);
      return { status: 'NOT_TESTED', exitCode: EXIT_CODES.DONE, message, fix, error: code };
    }
    logRunError(error, log);
    return { status: 'FAILED', exitCode, message, fix, error: code };
  }
}

async function testDirectory(loaded: LoadedSettings, session: Session): Promise<string> {
  const { settings } = loaded;
  const password = needsBindPassword(settings)
    ? await openPassword('ldap.bind.password', loaded, session.openLog)
    : null;
  const directory = await openDirectoryOf(settings, password, session);
  try {
    const { url, kind } = await directory.check();
    return `The directory ${url} was reached and the bind accepted (${kind}).`;
  } finally {
    await directory.close();
  }
}

async function testService(loaded: LoadedSettings, session: Session): Promise<string> {
  const { settings } = loaded;
  const password = await openPassword('scim.password', loaded, session.openLog);
  const service = await openServiceOf(settings, password, [], session);
  try {
    await service.reader.check();
    return `The SCIM service ${settings['scim.baseurl']} was reached and the password accepted.`;
  } finally {
    await service.close();
  }
}
