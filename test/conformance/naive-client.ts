/**
 * A client as it is written when nothing ever goes wrong: each request once, and again when it fails. It shows that the
 * suite can be failed, and how little another client needs to be put through it.
 */

import type { ClientAdapter, Person, Result } from './scenario.ts';

const ATTEMPTS = 3;

export const NAIVE_CLIENT: ClientAdapter = {
  name: 'naive',
  open({ baseUrl, userName, password, requestTimeoutMs }) {
    const authorization = `Basic ${Buffer.from(`${userName}:${password}`).toString('base64')}`;

    async function send(method: string, path: string, body?: object): Promise<Response> {
      for (let attempt = 1; ; attempt += 1) {
        try {
          const response = await fetch(baseUrl + path, {
            method,
            headers: { authorization, 'content-type': 'application/scim+json' },
            body: body === undefined ? null : JSON.stringify(body),
            signal: AbortSignal.timeout(requestTimeoutMs),
          });
          if (response.status < 500 || attempt === ATTEMPTS) return response;
        } catch (error) {
          if (attempt === ATTEMPTS) throw error;
        }
      }
    }

    async function write(method: string, path: string, body: object, id?: string): Promise<Result> {
      try {
        const response = await send(method, path, body);
        if (!response.ok)
          return { kind: 'FAILED', words: `HTTP ${response.status}: ${await response.text()}` };
        const shown = response.status === 204 ? {} : ((await response.json()) as { id?: string });
        return { kind: 'DONE', id: id ?? String(shown.id), words: '' };
      } catch (error) {
        return { kind: 'FAILED', words: String(error) };
      }
    }

    return {
      provision: (person) => write('POST', '/Users', bodyOf(person)),
      change: (id, _before, after) => write('PUT', `/Users/${id}`, bodyOf(after), id),
      async list() {
        const response = await send('GET', '/Users');
        const { Resources = [] } = (await response.json()) as { Resources?: { id: string }[] };
        return Resources.map((user) => user.id);
      },
      close: () => Promise.resolve(),
    };
  },
};

function bodyOf({
  userName,
  externalId,
  active,
  givenName,
  title,
  department,
  email,
  org,
  roles,
}: Person): object {
  const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
  return {
    userName,
    externalId,
    active,
    title,
    name: { givenName },
    emails: [{ value: email, type: 'work', primary: true }],
    [enterprise]: { department },
    ...(org === null ? {} : { c42OrgName: org }),
    ...(roles === null ? {} : { roles: roles.map((value) => ({ value })) }),
  };
}
