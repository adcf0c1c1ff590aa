/** Where a service manager, a package or an image wants state and logs, whoever writes the configuration. */

import { join } from 'node:path';
import type { OptionKey } from '../config/options.ts';

/**
 * What a configuration that is made here has to say of its places; nothing where nobody says so.
 * @param env with the variables of systemd.exec(5), which the Debian package and the container image set, too
 */
export function managedLocations(
  env: Readonly<Record<string, string | undefined>>,
): Partial<Record<OptionKey, string>> {
  const { STATE_DIRECTORY: state, LOGS_DIRECTORY: logs } = env;
  return {
    ...(state === undefined || state === '' ? {} : { 'state.location': join(state, 'state.db') }),
    ...(logs === undefined || logs === '' ? {} : { 'log.location': logs }),
  };
}
