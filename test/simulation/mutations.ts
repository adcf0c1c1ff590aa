/**
 * Safety rules that can be switched off, to see that the simulation notices: each is a piece of the real source and what
 * stands there instead. `mutation-hook.ts` puts it in place while the module is loaded; the file stays as it is.
 */

export interface Mutation {
  readonly rule: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
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
    rule: 'who fails at the service is remembered',
    file: 'src/sync/apply.ts',
    find: 'state.fail({ ...change, userName: change.to.userName }, failure);',
    replace: '',
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
    find: 'failure IS NOT NULL AND retry_at <= ?',
    replace: 'failure IS NOT NULL AND 0 AND retry_at <= ?',
  },
  {
    rule: 'what is confirmed is remembered',
    file: 'src/sync/apply.ts',
    find: 'state.confirm(change, sent, attributes, outcome);',
    replace: '',
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
    find: "if (options.dependents !== 'NONE') addAll(state, state.dependents(options.dependents), changeForDependent);",
    replace: '',
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
    replace: '',
  },
  {
    rule: 'absence reaches the threshold before anybody is deactivated',
    file: 'src/sync/compare.ts',
    find: 'if (missedCount < threshold) return null;',
    replace: '',
  },
];
