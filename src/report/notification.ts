/** Tells a web hook how a live run ended: signed JSON, sent a few times if need be, never a reason to fail. */

import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { request as requestPlain, type IncomingMessage } from 'node:http';
import { request as requestSecure } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunEnd } from './run-end.ts';

export interface NotificationTarget {
  readonly url: string;
  /** What the body is signed with; `null` sends it unsigned. */
  readonly secret: string | null;
  readonly attempts: number;
  readonly timeoutMs: number;
  readonly pauseMs: number;
}

/** Three attempts in about half a minute: a run that has ended must not keep its schedule waiting. */
export const NOTIFICATION_LIMITS = { attempts: 3, timeoutMs: 8000, pauseMs: 1000 } as const;

/**
 * Sends the end of a run. A 2xx answer is success; 408, 429 and 5xx, and no answer, are tried again.
 * Signed like so: `X-C42uds-Signature: t=SECONDS,v1=HEX`, HEX being HMAC-SHA-256 (RFC 2104) of `SECONDS.BODY`.
 * @returns `null`, or why it did not arrive, without the URL, which may hold a token
 */
export async function notify(end: RunEnd, target: NotificationTarget, nowMs: number): Promise<string | null> {
  const body = JSON.stringify(end);
  const seconds = Math.floor(nowMs / 1000);
  const headers = {
    'Content-Type': 'application/json',
    'User-Agent': `c42uds/${end.version}`,
    ...(target.secret === null ? {} : { 'X-C42uds-Signature': signature(body, seconds, target.secret) }),
  };
  let problem = '';
  for (let attempt = 1; attempt <= target.attempts; attempt += 1) {
    if (attempt > 1) await delay(target.pauseMs * 2 ** (attempt - 2));
    const answer = await post(target, headers, body);
    if (answer === null) return null;
    problem = answer.problem;
    if (!answer.again) break;
  }
  return problem;
}

/** What stands in the signature header. */
export function signature(body: string, seconds: number, secret: string): string {
  const digest = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${digest}`;
}

async function post(
  { url, timeoutMs }: NotificationTarget,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<{ readonly problem: string; readonly again: boolean } | null> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const options = { method: 'POST', headers, signal };
    // Said, so that NODE_TLS_REJECT_UNAUTHORIZED does not decide it. Node's own client follows no redirect, which would
    // carry the body to a host that nobody has named.
    const request =
      new URL(url).protocol === 'https:'
        ? requestSecure(url, { ...options, rejectUnauthorized: true })
        : requestPlain(url, options);
    // What goes wrong after the answer has begun is of no use to anybody, nor is the text of the answer.
    request.on('error', () => undefined).end(body);
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    answer.on('error', () => undefined).destroy();
    const status = answer.statusCode ?? 0;
    if (status >= 200 && status < 300) return null;
    const again = status === 408 || status === 429 || status >= 500;
    return { problem: `it answered HTTP ${status}`, again };
  } catch (error) {
    const problem = signal.aborted ? `no answer within ${timeoutMs / 1000} s` : reasonOf(error);
    return { problem, again: true };
  }
}

function reasonOf(error: unknown): string {
  // The message itself may hold the URL.
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? `the connection failed (${code})` : 'the connection failed';
}
