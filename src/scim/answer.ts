/** One answer of the service, as far as it can be understood, and how to speak of it to an administrator. */

import type { IncomingHttpHeaders } from 'node:http';
import { STATUS_CODES } from 'node:http';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { printable } from '../lib/printable.ts';
import { countOf, listOf, memberOf, objectOf, textOf, type JsonObject } from './json.ts';
import type { LineAnswer } from './line.ts';
import { withoutSecretMembers, type Mask } from './masking.ts';
import { quotaOf, type Quota } from './rate-limit-headers.ts';
import { retryAfterMs } from './retry-after.ts';

/** The service (or something on the way to it) answered. */
export interface Answer {
  readonly kind: 'ANSWER';
  /** What the service means: the status of the answer, or of the SCIM error that a 2xx carries. */
  readonly status: number;
  /** Present where a 2xx carries a SCIM error: its own status. */
  readonly claimedStatus?: number;
  /** `null` where the body is no JSON object. */
  readonly body: JsonObject | null;
  /** The body as text: empty for none. */
  readonly text: string;
  readonly location: string | null;
  readonly etag: string | null;
  /** The service's clock, an HTTP date. */
  readonly date: string | null;
  /** How long it asks us to wait, by Retry-After or, where it has nothing left to give, by its rate-limit headers. */
  readonly retryAfterMs: number | null;
  readonly quota: Quota | null;
}

/** No answer, or not all of it: nobody knows whether the service did what was asked. */
export interface Lost {
  readonly kind: 'LOST';
  readonly reason: string;
  readonly unknownHost: boolean;
}

export type Reply = Answer | Lost;

/** An answer that says yes. The statuses are those registered; any other 2xx is taken for one of them. */
export interface Success extends Answer {
  readonly status: 200 | 201 | 202 | 203 | 204 | 205 | 206 | 207 | 208 | 226;
}

const MAX_BODY_BYTES = 8 * 1024 * 1024;
const SHOWN_CHARACTERS = 200;
/** RFC 7644 3.12 */
const ERROR_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:error';

/** Reads an answer; a body that is not what it claims to be reads as text, never as an error. */
export function readAnswer(answer: LineAnswer): Answer {
  const { headers, status } = answer;
  const text = decompressed(answer.body, headers)
    .toString('utf8')
    .replace(/^\uFEFF/, '');
  const quota = quotaOf(headers);
  const askedMs = retryAfterMs(
    header(headers, 'retry-after') ?? undefined,
    header(headers, 'date') ?? undefined,
  );
  const body = parsed(text);
  const meant = status >= 200 && status < 300 && body !== null ? carriedError(body) : null;
  return {
    kind: 'ANSWER',
    status: meant ?? status,
    ...(meant === null ? {} : { claimedStatus: status }),
    body,
    text,
    location: header(headers, 'location'),
    etag: header(headers, 'etag'),
    date: header(headers, 'date'),
    retryAfterMs: askedMs ?? (quota?.remaining === 0 ? quota.resetMs : null),
    quota,
  };
}

/**
 * The status of the SCIM error that a body is; `null` where it is none. A yes that carries one is a refusal
 * (docs/decisions/scim.md, "A yes that says no").
 */
function carriedError(body: JsonObject): number | null {
  const schemas = listOf(memberOf(body, 'schemas')).map((each) => textOf(each)?.toLowerCase());
  if (!schemas.includes(ERROR_SCHEMA)) return null;
  const status = countOf(memberOf(body, 'status')) ?? 0;
  return status >= 400 && status < 600 ? status : UNSAID_ERROR;
}

/** An error that does not say which: refused, and not worth a second attempt. */
const UNSAID_ERROR = 400;

/** The error's `scimType` (RFC 7644 3.12), `null` for none. */
export function scimTypeOf(reply: Reply): string | null {
  return reply.kind === 'ANSWER' && reply.body !== null ? textOf(memberOf(reply.body, 'scimType')) : null;
}

/** Whether the service took the request and did it. */
export function isSuccess(reply: Reply): reply is Success {
  return isYes(reply) && !isPage(reply);
}

function isYes(reply: Reply): reply is Answer {
  return reply.kind === 'ANSWER' && reply.status >= 200 && reply.status < 300;
}

/**
 * Whether a page for people came with a status that says yes: the log-in or error page of something on the way. The
 * service may never have seen the request.
 */
export function isPage(reply: Reply): boolean {
  return isYes(reply) && reply.body === null && /^\s*</.test(reply.text);
}

/** Whether the same request may well succeed a little later, without anything having been mended. */
export function isTransient(reply: Reply): boolean {
  if (reply.kind === 'LOST') return true;
  if (reply.status === 408 || reply.status === 425 || reply.status === 429) return true;
  if (isPage(reply)) return true;
  return reply.status >= 500 && reply.status !== 501 && reply.status !== 505;
}

/** Whether nobody answered who could have done what was asked: no reply, or one of a gateway or a service that is down. */
export function isUnreachable(reply: Reply): boolean {
  return reply.kind === 'LOST' || [502, 503, 504].includes(reply.status);
}

/** The reply in words, on one line, cut and without secrets: `HTTP 400 invalidValue: …`. */
export function describe(reply: Reply, mask: Mask): string {
  if (reply.kind === 'LOST') return shown(mask(reply.reason));
  const scimType = scimTypeOf(reply);
  const text = withoutSecretMembers(reply.text);
  const detail = reply.body === null ? plainText(text) : (textOf(memberOf(reply.body, 'detail')) ?? text);
  const claimed = reply.claimedStatus === undefined ? '' : `${reply.claimedStatus} with SCIM error `;
  const head = `HTTP ${claimed}${reply.status}${scimType === null ? '' : ` ${shown(mask(scimType), SCIM_TYPE_CHARACTERS)}`}`;
  const words = detail.trim() === '' ? STATUS_CODES[reply.status] : detail;
  // Masked before it is cut: half a secret would not be found.
  return words === undefined ? head : `${head}: ${shown(mask(words))}`;
}

/** The longest that RFC 7644 3.12 knows has fourteen. */
const SCIM_TYPE_CHARACTERS = 40;

function shown(text: string, longest = SHOWN_CHARACTERS): string {
  const line = text.slice(0, 20_000).replace(/\s+/g, ' ').trim();
  return printable(line.length > longest ? `${line.slice(0, longest)}…` : line);
}

/** What a page of a proxy says, without its markup. Bounded: nobody reads five megabytes of it. */
function plainText(text: string): string {
  return text
    .slice(0, 20_000)
    .replace(/<(style|script|head)\b[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^<>]*>/g, ' ')
    .replace(/&nbsp;/g, ' ');
}

function parsed(text: string): JsonObject | null {
  const first = text.trimStart()[0];
  if (first !== '{') return null;
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Some servers compress without having been asked to. */
function decompressed(body: Buffer, headers: IncomingHttpHeaders): Buffer {
  const encoding = header(headers, 'content-encoding')?.trim().toLowerCase() ?? '';
  const limits = { maxOutputLength: MAX_BODY_BYTES };
  try {
    if (encoding === 'gzip' || encoding === 'x-gzip') return gunzipSync(body, limits);
    if (encoding === 'deflate') return inflateSync(body, limits);
    if (encoding === 'br') return brotliDecompressSync(body, limits);
  } catch {
    // Not what the header says, or far too much: shown as it came.
  }
  return body;
}

function header(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}
