import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { openState, type OpenState } from '../../src/local/state.ts';
import type { ScriptSet } from '../../src/model/scripts.ts';
import type { Memory } from '../../src/model/memory.ts';

const folder = mkdtempSync(join(tmpdir(), 'c42uds-live-scripts-'));
after(() => {
  rmSync(folder, { recursive: true });
});

const MEMORY: Memory = {
  failures: [],
  watermark: null,
  absence: 'LEAVE',
  sawEverybody: false,
  linkedBy: null,
  retriedEverybody: true,
  learned: false,
  shortWalk: null,
  notFound: [],
  sentEverybody: false,
  wholeRun: true,
};

function scripts(org: string): ScriptSet {
  return {
    active: { name: 'activescript.js', text: 'function (entry) { return true; }' },
    org: { name: 'orgscript.js', text: org },
    role: { name: 'rolescript.js', text: 'function (entry) { return null; }' },
  };
}

function during<T>(mode: 'DRY' | 'LIVE', texts: ScriptSet | null, work: (state: OpenState) => T): T {
  const state = openState({
    path: join(folder, 'state.db'),
    mode,
    service: 'https://scim.example',
    scopeKey: 'scope',
    ...(texts === null ? {} : { scripts: texts }),
  });
  try {
    return work(state);
  } finally {
    state.close();
  }
}

describe('the scripts of the latest live run', () => {
  it('are kept whole by a run for everybody, and by no other', () => {
    const first = scripts('function (entry) { return "Zürich"; }');
    assert.equal(
      during('LIVE', first, (state) => state.liveScripts()),
      null,
    );
    during('LIVE', first, (state) => state.remember({ ...MEMORY, wholeRun: false }));
    assert.equal(
      during('DRY', first, (state) => state.liveScripts()),
      null,
    );
    during('LIVE', first, (state) => state.remember(MEMORY));
    const kept = during('DRY', null, (state) => state.liveScripts());
    assert.deepEqual(kept?.scripts, first);

    const second = scripts('function (entry) { return "Bern"; }');
    during('LIVE', second, (state) => state.remember({ ...MEMORY, wholeRun: false }));
    assert.deepEqual(
      during('DRY', second, (state) => state.liveScripts()),
      kept,
    );
    during('LIVE', second, (state) => state.remember(MEMORY));
    assert.deepEqual(during('DRY', null, (state) => state.liveScripts())?.scripts, second);
  });

  it('keep the time since when they are in force', () => {
    const before = during('DRY', null, (state) => state.liveScripts());
    assert.ok(before !== null);
    during('LIVE', before.scripts, (state) => state.remember(MEMORY));
    assert.equal(during('DRY', null, (state) => state.liveScripts())?.since, before.since);
  });
});
