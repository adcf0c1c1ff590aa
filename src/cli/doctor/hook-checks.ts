/** Whether the web hook can be reached. Nothing is sent to it. */

import type { LoadedSettings } from '../../config/settings.ts';
import { hookRoute, HookUnreachable } from '../../report/notification-route.ts';
import { NOTIFICATION_LIMITS } from '../../report/notification.ts';
import { RunError } from '../../model/errors.ts';
import { Check, doubtful, fine, type Finding } from './check.ts';
import { handshakeFinding } from './network-findings.ts';

export function hookChecks(configuration: Check<LoadedSettings>): readonly Check<unknown>[] {
  return [
    new Check({
      id: 'notify-hook',
      stage: 'SERVICE',
      title: 'Web hook',
      needs: [configuration],
      // A hook that is not told fails no run.
      isAdvisory: true,
      examine: async (signal) => {
        const url = configuration.value.settings['notify.url'];
        return url === '' ? fine('none is set', null) : hookFinding(url, signal);
      },
    }),
  ];
}

async function hookFinding(url: string, signal: AbortSignal): Promise<Finding<null>> {
  try {
    const { origin, address, handshake } = await hookRoute(url, NOTIFICATION_LIMITS.timeoutMs, signal);
    if (handshake !== null)
      return handshakeFinding(`${origin} answers`, handshake, null, 'nobody is told of runs');
    const message = `${origin} answers (${address})`;
    if (/^(127\.|::1$|::ffff:127\.)/.test(address)) return fine(message, null);
    const fix = 'Use https:// in notify.url: what is sent can be read and changed on the way.';
    return doubtful(`${message}, unencrypted`, fix, null);
  } catch (error) {
    if (!(error instanceof HookUnreachable)) throw error;
    const fix =
      'Check notify.url, the DNS and the firewall: until then each live run warns that nobody was told of it.';
    throw new RunError('SERVICE_UNREACHABLE', `The web hook ${error.message}.`, { fix, cause: error });
  }
}
