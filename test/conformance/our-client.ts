/** Our SCIM client, as the conformance suite sees a client. */

import { RunError } from '../../src/model/errors.ts';
import type { Outcome } from '../../src/model/plan.ts';
import { differingAttributes, type UserResource } from '../../src/model/user.ts';
import { openAt } from '../scim/open-service.ts';
import type { ClientAdapter, Person, Result } from './scenario.ts';

export const OUR_CLIENT: ClientAdapter = {
  name: 'c42uds',
  open({ baseUrl, userName, password, connections, requestTimeoutMs }) {
    const settings = {
      'scim.username': userName,
      'scim.client.threads': connections,
      'scim.read.timeout.period': requestTimeoutMs,
      'scim.max.attempts': 6,
    };
    const pace = { baseDelayMs: 10, maxDelayMs: 40, maxHoldMs: 1_000, firstConnections: 16 };
    const { reader, writer, close } = openAt(baseUrl, settings, { password, pace });
    return {
      provision: (person) => ended(() => writer.create(resourceOf(person))),
      change: (id, before, after) => {
        const [from, to] = [resourceOf(before), resourceOf(after)];
        return ended(() => writer.update(id, to, differingAttributes(from, to)));
      },
      async list() {
        const ids: string[] = [];
        for await (const user of reader.list()) ids.push(user.scimId);
        return ids;
      },
      close,
    };
  },
};

function resourceOf(person: Person): UserResource {
  const unused = { familyName: null, userType: null, country: null, division: null, manager: null };
  return { ...person, ...unused };
}

async function ended(work: () => Promise<Outcome>): Promise<Result> {
  try {
    const outcome = await work();
    if (!outcome.ok) return { kind: 'FAILED', words: outcome.failure.message };
    return { kind: 'DONE', id: outcome.scimId, words: `held: ${outcome.held.join(', ')}` };
  } catch (error) {
    if (error instanceof RunError) return { kind: 'STOPPED', words: error.message };
    throw error;
  }
}
