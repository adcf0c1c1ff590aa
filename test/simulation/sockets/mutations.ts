/** Safety rules of the adapters, which the simulation in memory cannot see, switched off in turn: see `../mutations.ts`. */

import type { Mutation } from '../mutations.ts';

/** `seed`: a world that noticed it when this was written; where it does not any more, others are looked through. */
export interface SocketMutation extends Mutation {
  readonly seed: number;
}

export const SOCKET_MUTATIONS: readonly SocketMutation[] = [
  {
    rule: 'a lost connection is not the end of a search',
    file: 'src/ldap/paged-search.ts',
    find: 'if (end.lost !== null) return incomplete(end.lost);',
    replace: "if (end.lost !== null) return { kind: 'COMPLETE' };",
    seed: 1,
  },
  {
    rule: 'a size limit is not the end of a search',
    file: 'src/ldap/paged-search.ts',
    find: 'if (end.result.code === RESULT.SUCCESS) return null;',
    replace:
      "if (end.result.code === RESULT.SIZE_LIMIT) return { kind: 'COMPLETE' }; if (end.result.code === RESULT.SUCCESS) return null;",
    seed: 1,
  },
  {
    rule: 'a page without a paging cookie is not the last',
    file: 'src/ldap/paged-search.ts',
    find: 'if (cookie === null) {',
    replace: "if (cookie === null) return { kind: 'COMPLETE' };\nif (cookie === null) {",
    seed: 1,
  },
  {
    rule: 'a referral inside the base leaves the read incomplete',
    file: 'src/ldap/directory-read.ts',
    find: 'this.#faults.push(describeReferral(urls, search.base, referralPolicy, whole));',
    replace: '',
    seed: 1,
  },
  {
    rule: 'an entry without an identity leaves the read incomplete',
    file: 'src/ldap/directory-read.ts',
    find: 'if (this.#unusableCount > 0) {',
    replace: 'if (this.#unusableCount > 1_000_000) {',
    seed: 1,
  },
  {
    rule: 'a shortened list of values is never passed on',
    file: 'src/ldap/attribute-ranges.ts',
    find: 'else decoded.unusable.push({ dn: entry.dn, message: problem });',
    replace: 'else decoded.entries.push(entry);',
    seed: 1,
  },
  {
    rule: 'a watermark is of one server',
    file: 'src/ldap/change-tracking.ts',
    find: "if (since.serverId !== serverId) return 'another server answers than in the last run';",
    replace: '',
    seed: 1,
  },
  {
    rule: 'a creation without an answer is looked up before it is repeated',
    file: 'src/scim/user-writer.ts',
    find: 'const found = await lookup.byNameFirst(user);',
    replace: "const found: Found = { kind: 'NONE' };",
    seed: 1,
  },
  {
    rule: 'a wrong total does not end the walk over the list',
    file: 'src/scim/user-list.ts',
    find: 'isTotalProved ||= total !== null && total > page.length;',
    replace: 'isTotalProved = true;',
    seed: 1,
  },
  {
    rule: 'Retry-After is obeyed',
    file: 'src/scim/answer.ts',
    find: 'retryAfterMs: askedMs ??',
    replace: 'retryAfterMs: null ??',
    seed: 1,
  },
  {
    rule: 'a page for people with status 200 is no success',
    file: 'src/scim/answer.ts',
    find: 'return isYes(reply) && reply.body === null && /^\\s*</.test(reply.text);',
    replace: 'return false;',
    seed: 1,
  },
  {
    rule: 'PUT repeats what the service does not show',
    file: 'src/scim/user-update.ts',
    find: ', ...unshown(resource, change)]',
    replace: ']',
    seed: 1,
  },
  {
    rule: 'one user introduces an organization, the others wait',
    file: 'src/scim/organization-gate.ts',
    find: 'const leader = this.#leading.get(folded);',
    replace: 'const leader = undefined;',
    seed: 1,
  },
  {
    rule: 'who is gone under his id is looked for again',
    file: 'src/scim/user-update.ts',
    find: "if (reply.kind === 'ANSWER' && reply.status === 404) return { kind: 'MISSING' };",
    replace: '',
    seed: 1,
  },
  {
    rule: "an account that is somebody's is not taken over by name",
    file: 'src/local/name-matching.ts',
    find: 'AND NOT EXISTS (SELECT 1 FROM users o WHERE o.scim_id = f.scim_id AND o.identity <> d.identity)',
    replace: '',
    seed: 164,
  },
  {
    rule: 'an older copy of the state knows nobody for sure',
    file: 'src/local/list-memory.ts',
    find: 'return !this.#isDoubtful && this.#meta',
    replace: 'return this.#meta',
    seed: 199,
  },
  {
    rule: 'a log left beside another state file is noticed',
    file: 'src/local/state-file.ts',
    find: 'if (wasCutShort) requireWhole(prepared, path);',
    replace: '',
    seed: 89,
  },
];
