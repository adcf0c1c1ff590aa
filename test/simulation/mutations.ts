/**
 * Safety rules that can be switched off, to see that the simulation notices: each is a piece of the real source and what
 * stands there instead. `mutation-hook.ts` puts it in place while the module is loaded; the file stays as it is.
 */

export interface Mutation {
  readonly rule: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** A second place in the same file, where a rule is kept twice. */
  readonly and?: { readonly find: string; readonly replace: string };
}

export const MUTATIONS: readonly Mutation[] = [
  {
    rule: 'absence follows from complete reads only',
    file: 'src/sync/run.ts',
    find: 'return wholeBase && verdict.complete;',
    replace: 'return wholeBase;',
  },
  {
    rule: 'absence follows from reads of the whole base only',
    file: 'src/sync/run.ts',
    find: 'return wholeBase && verdict.complete;',
    replace: 'return verdict.complete;',
  },
  {
    rule: 'the watermark stays after an incomplete read',
    file: 'src/sync/run.ts',
    find: 'wholeRun && verdict.complete ? verdict.watermark : null',
    replace:
      "!isLimited(parts) ? { tracking: 'USN_CHANGED', serverId: 'server-1', value: String(parts.directory.usn) } : null",
  },
  {
    rule: 'the watermark stays after a limited run',
    file: 'src/sync/run.ts',
    find: 'wholeRun && verdict.complete ? verdict.watermark : null',
    replace: 'verdict.complete ? verdict.watermark : null',
  },
  {
    rule: 'who fails in a script is remembered',
    file: 'src/sync/run.ts',
    find: 'failures: [...state.failures()],',
    replace: 'failures: [],',
  },
  {
    rule: 'who failed is read again',
    file: 'src/local/failure-memory.ts',
    find: 'failure IS NOT NULL AND (retry_at <= ?',
    replace: 'failure IS NOT NULL AND 0 AND (retry_at <= ?',
  },
  {
    rule: 'what is confirmed is remembered',
    file: 'src/sync/apply.ts',
    find: 'state.confirm(change, sent, attributes, outcome);',
    replace: 'false;',
  },
  {
    rule: 'the inactive are never created',
    file: 'src/sync/compare.ts',
    find: 'if (!desired.decision.active || desired.resource === null) return null;',
    replace: 'if (desired.resource === null) return null;',
  },
  {
    rule: 'a manager who comes later is given to unchanged reports',
    file: 'src/sync/compare.ts',
    find: "if (options.dependents !== 'NONE') {",
    replace: 'if (options.dependents === null) {',
  },
  {
    rule: 'an id at the service belongs to one user',
    file: 'src/local/known-users.ts',
    find: "'DELETE FROM users WHERE scim_id = ? AND identity <> ?'",
    replace: "'DELETE FROM users WHERE 0 AND scim_id = ? AND identity <> ?'",
  },
  {
    rule: 'what was sent and never confirmed is sent again',
    file: 'src/sync/apply.ts',
    find: 'state.begin(change, change.scimId === null ? USER_ATTRIBUTES : attributes);',
    replace: ';',
  },
  {
    rule: 'absence reaches the threshold before anybody is deactivated',
    file: 'src/sync/compare.ts',
    find: 'if (known.missedCount + 1 < threshold) return null;',
    replace: '',
  },
  {
    rule: 'a user who returns starts at zero',
    file: 'src/local/known-users.ts',
    find: 'UPDATE users SET missed = -1 WHERE missed <> 0 AND missed <> -1',
    replace: 'UPDATE users SET missed = -1 WHERE 0',
    and: {
      find: 'manager_dn_key = d.manager_dn_key, missed = 0',
      replace: 'manager_dn_key = d.manager_dn_key',
    },
  },
  {
    rule: 'who was away without a trace is read again',
    file: 'src/local/known-users.ts',
    find: 'SELECT identity FROM users WHERE missed <> 0 AND scim_id IS NOT NULL',
    replace: 'SELECT identity FROM users WHERE 0 AND scim_id IS NOT NULL',
  },
  {
    rule: 'who is seen and was never judged is read',
    file: 'src/local/trace-table.ts',
    find: 'SELECT identity FROM present EXCEPT',
    replace: 'SELECT identity FROM present WHERE 0 EXCEPT',
  },
  {
    rule: 'who is gone is no more remembered as judged',
    file: 'src/local/trace-table.ts',
    find: 'if (sawEverybody && !this.#wasEmpty) {',
    replace: 'if (false) {',
  },
  {
    rule: 'guard: the share of users who are deactivated',
    file: 'src/sync/deactivation-guards.ts',
    find: 'if (all.exceeds(rules.deactivateMaxPercent, active)) {',
    replace: 'if (all.exceeds(100, active)) {',
  },
  {
    rule: 'guard: the share of users who are absent',
    file: 'src/sync/guard.ts',
    find: 'if (!absent.exceeds(rules.absentMaxPercent, active)) return [];',
    replace: 'return [];',
  },
  {
    rule: 'guard: the share of users who lose an attribute',
    file: 'src/sync/change-guards.ts',
    find: 'limit: (rules) => rules.clearedMaxPercent',
    replace: 'limit: () => 100',
  },
  {
    rule: 'guard: the share of users who change the organization',
    file: 'src/sync/change-guards.ts',
    find: 'limit: (rules) => rules.movedMaxPercent',
    replace: 'limit: () => 100',
  },
  {
    rule: 'settings that are put back leave nobody as they made him',
    file: 'src/local/state-origin.ts',
    find: "if (this.#meta.get('scope_key') !== scopeKey) this.#meta.remove('watermark');\n      this.#meta.set('scope_key', scopeKey);",
    replace: '',
  },
  {
    rule: 'managers in a circle are linked in a second pass',
    file: 'src/sync/apply.ts',
    find: 'await this.#each(this.#withoutManager, (change) => this.#link(change));',
    replace: '',
  },
  {
    rule: 'a link to a manager settles nothing of what failed before',
    file: 'src/local/known-users.ts',
    find: 'if (user.managerDnKey !== undefined && user.keepsFailure !== true) this.settle(user.identity);',
    replace: 'this.settle(user.identity);',
  },
  {
    rule: 'found under another DN is a move, not another user',
    file: 'src/sync/resource.ts',
    find: 'identity: entry.identity,\n    dn: entry.dn,',
    replace: 'identity: entry.dn,\n    dn: entry.dn,',
  },
  {
    rule: 'an account that nobody else has is adopted',
    file: 'src/sync/apply.ts',
    find: 'state.rightfulHolder(scimId, identity, this.#absenceIsProven, rules.adoptByUserName) === null',
    replace: 'false && scimId === identity',
  },
  {
    rule: 'a creation without an answer is looked for',
    file: 'src/sync/lost-creations.ts',
    find: 'const lost = state.lostCreations(absenceIsKnown);',
    replace: 'const lost = state.lostCreations(absenceIsKnown).slice(0, 0);',
  },
  {
    rule: 'one "nobody" of a look-up is not believed',
    file: 'src/local/lost-creations.ts',
    find: 'AND vain_lookups >= ${LOOKUPS_IN_VAIN} AND sought_since <= ?`',
    replace: 'AND vain_lookups >= 1 AND ? IS NOT NULL`',
  },
  {
    rule: 'nobody is deactivated whose name another entry claims',
    file: 'src/sync/compare.ts',
    find: "return state.isClaimed(known) ? 'SPARED' : changeForAbsent(known);",
    replace: 'return changeForAbsent(known);',
  },
];
