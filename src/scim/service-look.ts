/** A look at a SCIM service before anybody shows credentials: whether one is at an address at all. */

import { RunError } from '../model/errors.ts';
import { describe, isPage, isSuccess, readAnswer, type Answer } from './answer.ts';
import { openLine } from './line.ts';
import { maskFor } from './masking.ts';
import { proxyFor, type Environment } from './proxy.ts';
import type { ServiceSettings } from './service.ts';
import { transportReply } from './transport-error.ts';
import { trustedAuthorities } from './trust.ts';

const CONFIG_PATH = '/ServiceProviderConfig';

/**
 * Asks without credentials what is at `scim.baseurl`: whoever is there need not let us in, but must be able to answer.
 * @returns what answered, in words
 * @throws RunError SERVICE_UNREACHABLE, or as reading `scim.connection.ca.file` and the proxy variables does
 */
export async function lookForService(settings: ServiceSettings, environment: Environment): Promise<string> {
  const baseUrl = new URL(settings['scim.baseurl']);
  const timeoutMs = settings['scim.connection.timeout.period'];
  const line = openLine({
    origin: baseUrl.origin,
    connections: 1,
    connectTimeoutMs: timeoutMs,
    requestTimeoutMs: timeoutMs,
    authorities: trustedAuthorities(settings['scim.connection.ca.file']),
    proxy: proxyFor(baseUrl, environment),
  });
  const path = baseUrl.pathname.replace(/\/+$/, '') + CONFIG_PATH;
  const headers = { accept: 'application/scim+json, application/json;q=0.9' };
  try {
    const call = line.send({ method: 'GET', path, headers, body: null }, () => undefined);
    const timer = setTimeout(
      () => call.abort(new Error(`no complete answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
    const answer = await call.answer.finally(() => clearTimeout(timer));
    return meaningOf(readAnswer(answer), baseUrl);
  } catch (error) {
    const reply = transportReply(error, baseUrl.origin);
    if (reply instanceof RunError) throw reply;
    throw new RunError(
      'SERVICE_UNREACHABLE',
      `The SCIM service at ${baseUrl.origin} cannot be reached: ${describe(reply, maskFor([]))}`,
    );
  } finally {
    await line.close();
  }
}

function meaningOf(answer: Answer, baseUrl: URL): string {
  const shown = describe(answer, maskFor([]));
  const wrong = (message: string): RunError =>
    new RunError('SERVICE_UNREACHABLE', message, {
      fix: 'Set scim.baseurl to the base URL that the console shows for the provisioning provider.',
    });
  if (answer.status >= 300 && answer.status < 400) {
    throw wrong(`${baseUrl.href} redirects to ${answer.location ?? 'nowhere'}; c42uds does not follow.`);
  }
  if (isPage(answer)) throw wrong(`${baseUrl.href} answers with a page for people: ${shown}`);
  if (answer.status >= 500) throw wrong(`${baseUrl.href} answers, but with an error: ${shown}`);
  if (isSuccess(answer)) return 'a SCIM service answers';
  if (answer.status === 401 || answer.status === 403) return 'a service answers and wants credentials';
  // RFC 7644 4 wants it there, and some have it not.
  return `a service answers (${shown}); whether it is a SCIM service shows with the credentials`;
}
