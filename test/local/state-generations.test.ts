import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { openState, type OpenState } from '../../src/local/state.ts';
import { generationsOf, keepGeneration } from '../../src/local/state-generations.ts';
import { setStateAside } from '../../src/local/state-aside.ts';
import { inspectState } from '../../src/local/state-inspection.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'c42uds-generations-'));
  path = join(folder, 'state.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open(): OpenState {
  return openState({ path, mode: 'LIVE', service: 'https://scim.example', scopeKey: 'scope' });
}

/** What a live run leaves behind. */
function run(): void {
  const state = open();
  const memory = {
    failures: [],
    watermark: null,
    absence: 'LEAVE' as const,
    sawEverybody: false,
    linkedBy: null,
    retriedEverybody: true,
    learned: false,
    shortWalk: null,
    notFound: [],
  };
  state.remember({ ...memory, sentEverybody: false, wholeRun: true });
  state.close();
}

describe('daily copies of the state file', () => {
  const day = (n: number): Date => new Date(Date.UTC(2026, 0, n));

  it('are made once a day, readable by the owner only, and kept as long as state.keep says', () => {
    assert.equal(keepGeneration(path, 3, day(1)), null, 'there is no state yet');
    run();
    for (let n = 1; n <= 5; n += 1) {
      const copy = keepGeneration(path, 3, day(n));
      assert.equal(copy, `${path}.2026-01-0${n}`);
      assert.equal(statSync(copy).mode & 0o777, 0o600);
      assert.equal(keepGeneration(path, 3, day(n)), null, 'a second time on one day');
    }
    assert.deepEqual(
      generationsOf(path),
      [3, 4, 5].map((n) => `${path}.2026-01-0${n}`),
    );
    assert.deepEqual(inspectState(path)?.copies, generationsOf(path));
  });

  it('are fewer as soon as state.keep is lower, and none with 0', () => {
    run();
    for (let n = 1; n <= 5; n += 1) keepGeneration(path, 5, day(n));
    keepGeneration(path, 2, day(5));
    assert.equal(generationsOf(path).length, 2);
    keepGeneration(path, 0, day(5));
    assert.deepEqual(generationsOf(path), []);
  });

  it('are not made with state.keep=0', () => {
    run();
    assert.equal(keepGeneration(path, 0, day(1)), null);
    assert.deepEqual(generationsOf(path), []);
  });

  it('hold what a run that was killed has committed', () => {
    const state = open();
    state.fail({ identity: 'ann', dn: 'uid=ann', userName: null }, { stage: 'SEND', message: 'refused' });
    const copy = keepGeneration(path, 3, day(1));
    state.close();
    assert.equal(inspectState(String(copy))?.failed, 1);
  });
});

describe('a state file that may be damaged', () => {
  it('is refused by a check when it is damaged in the middle, by name', () => {
    const state = open();
    for (let n = 0; n < 2000; n += 1) {
      state.fail(
        { identity: `id-${n}`, dn: `uid=user${n},dc=example`, userName: null },
        { stage: 'SEND', message: 'refused' },
      );
    }
    state.remember({
      failures: [],
      watermark: null,
      absence: 'LEAVE',
      sawEverybody: false,
      linkedBy: null,
      retriedEverybody: false,
      sentEverybody: false,
      wholeRun: true,
      learned: false,
      shortWalk: null,
      notFound: [],
    });
    state.close();
    assert.equal(inspectState(path)?.failed, 2000);
    const bytes = readFileSync(path);
    bytes.fill(0x5a, bytes.length / 2, bytes.length / 2 + 8192);
    writeFileSync(path, bytes);
    assert.throws(() => inspectState(path), { code: 'STATE_DAMAGED', message: /state\.db is damaged/ });
  });

  it('is set aside whole and never deleted', () => {
    run();
    const before = readFileSync(path);
    const aside = setStateAside(path, new Date('2026-01-01T10:00:00Z'));
    assert.equal(aside, `${path}.set-aside-2026-01-01T10-00-00-000Z`);
    assert.deepEqual(readFileSync(aside), before);
    assert.equal(inspectState(path), null);
    assert.equal(setStateAside(path, new Date()), null);
  });
});
