/** The words of `c42uds --help` that no option carries itself: examples and exit codes. */

import { EXIT_CODES } from '../model/errors.ts';

/** What each exit code means, for the help, the documents and whoever schedules runs. */
export const EXIT_CODE_MEANINGS: Readonly<Record<keyof typeof EXIT_CODES, string>> = {
  DONE: 'done; in a dry run: the plan could be applied',
  UNEXPECTED: 'unexpected error: a bug in c42uds',
  USAGE: 'command line, configuration, password or script is not usable; nothing was done',
  USERS_FAILED: 'finished, but some users failed; they are listed and tried again in the next run',
  DIRECTORY: 'directory unreachable, refused, or read incompletely',
  SERVICE: 'SCIM service unreachable or refused',
  GUARD: 'a safety limit stopped the run; nothing was written',
  LOCKED: 'another run is at work',
  INTERRUPTED: 'interrupted (Ctrl-C); the next run goes on from there',
  TERMINATED: 'terminated (SIGTERM); the next run goes on from there',
};

export const SUMMARY =
  'Keeps the users of a Code42, CrashPlan or any SCIM 2.0 service in step with an LDAP directory.\n' +
  'Without --sync-now every run is a dry run: it shows what would change and writes nothing.';

/** The part of the help below the options. */
export function helpFooter(): string {
  const codes = Object.entries(EXIT_CODES).map(
    ([name, code]) => `  ${String(code).padStart(3)}  ${EXIT_CODE_MEANINGS[name as keyof typeof EXIT_CODES]}`,
  );
  return [
    '',
    'Examples:',
    '  c42uds                                    show what changed since the last synchronization',
    '  c42uds --full-sync                        show every user in the search base',
    '  c42uds --sync-now                         synchronize what changed',
    '  c42uds --sync-now --full-sync             send every user again',
    '  c42uds --full-sync --filter sales.txt     only users that match the LDAP filter in sales.txt',
    '  c42uds --files pilot.txt --sync-now       only the usernames listed in pilot.txt',
    '  c42uds doctor                             check everything from files to service, and say what to do',
    '  c42uds script impact                      show what the edited scripts change, before they come into force',
    '  c42uds setup                              ask the set-up questions again, and try each answer',
    '  c42uds --scim-password < password.txt     store the SCIM password without a terminal',
    '',
    'The first run in a terminal, without a configuration, asks the set-up questions.',
    'Without --config, config.properties is looked for in the current folder, then in the program folder.',
    '',
    'Exit codes:',
    ...codes,
  ].join('\n');
}
