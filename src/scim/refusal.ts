/** Answers after which no other request can succeed either: they end the run. */

import { RunError } from '../model/errors.ts';
import { describe, scimTypeOf, type Answer } from './answer.ts';
import type { Mask } from './masking.ts';
import { proxyError } from './transport-error.ts';

export interface RefusalContext {
  readonly baseUrl: URL;
  readonly userName: string;
  readonly mask: Mask;
}

/** The error that ends the run, or `null` where the answer is about this one request. */
export function refusal(answer: Answer, context: RefusalContext): RunError | null {
  const { baseUrl, mask } = context;
  const service = `${baseUrl.origin}${baseUrl.pathname}`;
  switch (answer.status) {
    case 401:
      return new RunError(
        'SERVICE_REFUSED',
        `The SCIM service ${service} refused the credentials of ${context.userName}: ${describe(answer, mask)}`,
      );
    case 403:
      // With a scimType the service speaks of one user or attribute (RFC 7644 3.12), without one of who we are.
      if (scimTypeOf(answer) !== null) return null;
      return new RunError(
        'SERVICE_REFUSED',
        `The SCIM service ${service} does not allow ${context.userName} to do this: ${describe(answer, mask)}`,
        { fix: 'Check in the console what the provisioning provider named by scim.username may do.' },
      );
    case 407:
      return proxyError(`The proxy refused the request to ${service}: ${describe(answer, mask)}`, 407);
    default:
      return isRedirect(answer.status) ? redirected(answer, service, mask) : null;
  }
}

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400 && status !== 304;
}

/** Not followed: 301 to 303 would turn a write into a GET, and credentials must not go to another origin. */
function redirected(answer: Answer, service: string, mask: Mask): RunError {
  const target = mask(answer.location ?? 'an address it does not name').slice(0, 200);
  return new RunError(
    'SERVICE_UNREACHABLE',
    `The SCIM service ${service} redirects to ${target} (HTTP ${answer.status}); c42uds does not follow.`,
    { fix: 'Set scim.baseurl to the address where the service itself answers.' },
  );
}
