/** How an error that ends a run appears in the log: who says it, what happened, what to do. */

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

/** One error line for each line of the message, then the fix. */
export function logRunError(error: RunError, log: Log): void {
  const component = componentOf(error.code);
  for (const line of error.message.split('\n')) log.error(component, line);
  log.error(component, error.fix);
  for (const line of (error.stack ?? '').split('\n').slice(1)) log.debug(component, line.trim());
  if (error.cause instanceof Error) log.debug(component, `Caused by ${String(error.cause)}`);
}
