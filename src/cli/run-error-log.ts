/** How an error that ends a run appears in the log: who says it, what happened, what to do. */

import { ERRORS } from '../model/errors.ts';
import type { ErrorCode, RunError } from '../model/errors.ts';
import type { Log, LogComponent } from '../model/ports.ts';

/** The article's own error line comes from `LdapService`; the others follow its pattern. */
function componentOf(code: ErrorCode): LogComponent {
  if (code.startsWith('DIRECTORY_')) return 'LdapService';
  if (code.startsWith('SERVICE_')) return 'ScimService';
  if (code.startsWith('SCRIPT_')) return 'ScriptService';
  if (code.startsWith('GUARD_')) return 'SyncService';
  return 'main';
}

/** What to do where the message names no line that could be corrected. */
const FIXES_WITHOUT_LINE: Partial<Record<ErrorCode, string>> = {
  SCRIPT_INVALID: 'Correct the script.',
  CONFIG_INVALID: 'Correct config.properties.',
  FILE_INVALID: 'Correct the file.',
};

function fixOf({ code, fix, message }: RunError): string {
  const general = FIXES_WITHOUT_LINE[code];
  // "line 3", "activescript.js:3", "character 14".
  if (general === undefined || fix !== ERRORS[code].fix || /\b(?:line|character) \d|:\d/.test(message))
    return fix;
  return general;
}

/** One error line for each line of the message, then the fix. */
export function logRunError(error: RunError, log: Log): void {
  const component = componentOf(error.code);
  for (const line of error.message.split('\n')) log.error(component, line);
  log.error(component, fixOf(error));
  for (const line of (error.stack ?? '').split('\n').slice(1)) log.debug(component, line.trim());
  if (error.cause instanceof Error) log.debug(component, `Caused by ${String(error.cause)}`);
}
