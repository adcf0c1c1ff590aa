/**
 * The table of errors that end a run, and the exit code of each.
 *
 * One user's failure is a value (`failure.ts`); the run's failure is a {@link RunError}. Exit codes are few and are
 * a contract with whoever schedules us: 0 is never anything but success.
 */

export const EXIT_CODES = {
  DONE: 0,
  UNEXPECTED: 1,
  USAGE: 2,
  USERS_FAILED: 3,
  DIRECTORY: 4,
  SERVICE: 5,
  GUARD: 6,
  LOCKED: 7,
  INTERRUPTED: 130,
  TERMINATED: 143,
} as const;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

/** Every error code, its exit code, and what an administrator does about it in general. */
export const ERRORS = {
  COMMAND_LINE: { exitCode: EXIT_CODES.USAGE, fix: 'Run c42uds -help to see every flag.' },
  NOT_CONFIGURED: {
    exitCode: EXIT_CODES.USAGE,
    fix: 'Run c42uds setup in a terminal to answer the set-up questions, or copy config.properties.example.',
  },
  CONFIG_INVALID: { exitCode: EXIT_CODES.USAGE, fix: 'Correct the named lines of config.properties.' },
  PASSWORD_MISSING: {
    exitCode: EXIT_CODES.USAGE,
    fix: 'Set it with c42uds --ldap-bind-password or c42uds --scim-password.',
  },
  PASSWORD_UNREADABLE: {
    exitCode: EXIT_CODES.USAGE,
    fix: 'Set it again on this machine with c42uds --ldap-bind-password or c42uds --scim-password.',
  },
  SCRIPT_INVALID: { exitCode: EXIT_CODES.USAGE, fix: 'Correct the script at the named line.' },
  NO_LIVE_SCRIPTS: {
    exitCode: EXIT_CODES.USAGE,
    fix: 'Every live run for everybody keeps its scripts from now on. Until then c42uds --full-sync shows what the scripts say.',
  },
  FILE_UNREADABLE: { exitCode: EXIT_CODES.USAGE, fix: 'Check the path and its permissions.' },
  FILE_INVALID: { exitCode: EXIT_CODES.USAGE, fix: 'Correct the file at the named place.' },
  FOLDER_READ_ONLY: {
    exitCode: EXIT_CODES.USAGE,
    fix: 'Give the account that runs c42uds write permission to the folder.',
  },
  STATE_NEWER: {
    exitCode: EXIT_CODES.USAGE,
    fix: 'Run the newer version of c42uds that wrote it, or put the copy of this version back with c42uds state restore COPY.',
  },
  STATE_DAMAGED: {
    exitCode: EXIT_CODES.USAGE,
    fix: 'Put the latest daily copy in its place with c42uds state restore COPY, or run c42uds state rebuild: it keeps the file aside, and the next run learns the users from the service again.',
  },
  STATE_FOREIGN: {
    exitCode: EXIT_CODES.USAGE,
    fix: 'Set scim.baseurl back, or name another file in state.location for the other service.',
  },
  DIRECTORY_UNREACHABLE: {
    exitCode: EXIT_CODES.DIRECTORY,
    fix: 'Check ldap.baseurl, the network and the firewall (ports 389, 636).',
  },
  DIRECTORY_REFUSED: {
    exitCode: EXIT_CODES.DIRECTORY,
    fix: 'Check ldap.bind.user and set the password with c42uds --ldap-bind-password.',
  },
  DIRECTORY_SEARCH: { exitCode: EXIT_CODES.DIRECTORY, fix: 'Check ldap.baseDn and ldap.search.filter.' },
  DIRECTORY_INCOMPLETE: {
    exitCode: EXIT_CODES.DIRECTORY,
    fix: 'Nobody was counted absent or deactivated for absence. Mend the named cause and run again.',
  },
  SERVICE_UNREACHABLE: {
    exitCode: EXIT_CODES.SERVICE,
    fix: 'Check scim.baseurl, the network, the proxy and the firewall (ports 443, 4285).',
  },
  SERVICE_REFUSED: {
    exitCode: EXIT_CODES.SERVICE,
    fix: 'Check scim.username and set the password with c42uds --scim-password.',
  },
  GUARD_TRIPPED: {
    exitCode: EXIT_CODES.GUARD,
    fix: 'Review the listed users. Nothing was written.',
  },
  USERS_FAILED: { exitCode: EXIT_CODES.USERS_FAILED, fix: 'Mend what is said of the first user.' },
  LOCKED: { exitCode: EXIT_CODES.LOCKED, fix: 'Wait until the other run has ended.' },
  INTERRUPTED: {
    exitCode: EXIT_CODES.INTERRUPTED,
    fix: 'Nothing is lost: what the service has confirmed is remembered. Run again.',
  },
  TERMINATED: {
    exitCode: EXIT_CODES.TERMINATED,
    fix: 'Nothing is lost: what the service has confirmed is remembered. Run again.',
  },
} as const satisfies Record<string, { exitCode: ExitCode; fix: string }>;

export type ErrorCode = keyof typeof ERRORS;

/**
 * An error that ends the run. Its message names the user, server, property or line it is about, in words for an
 * administrator and without secrets; `fix` says what to do next.
 */
export class RunError extends Error {
  readonly code: ErrorCode;
  readonly exitCode: ExitCode;
  readonly fix: string;

  constructor(code: ErrorCode, message: string, options: { fix?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'RunError';
    this.code = code;
    this.exitCode = ERRORS[code].exitCode;
    this.fix = options.fix ?? ERRORS[code].fix;
  }
}
