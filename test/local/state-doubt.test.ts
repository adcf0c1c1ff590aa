import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { isSameBoot, presentBoot } from '../../src/lib/boot.ts';
import { runMarkOf } from '../../src/local/run-mark.ts';
import { setStateAside } from '../../src/local/state-aside.ts';
import { openState, type OpenState, type StateOptions } from '../../src/local/state.ts';
import type { Change } from '../../src/model/plan.ts';
import { USER_ATTRIBUTES, type UserResource } from '../../src/model/user.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'c42uds-doubt-'));
  path = join(folder, 'state.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open(over: Partial<StateOptions> = {}): OpenState {
  const rest = { service: 'https://scim.example', scopeKey: 'scope', mark: runMarkOf(path) };
  return openState({ path, mode: 'LIVE', ...rest, ...over });
}

function doubt(over: Partial<StateOptions> = {}): string | null {
  const state = open(over);
  try {
    return state.doubt;
  } finally {
    state.close();
  }
}

/** A live run from its beginning to its end. */
function run(sentEverybody = false): void {
  const state = open();
  state.beginWriting();
  state.remember({
    ...{ failures: [], watermark: null, absence: 'LEAVE', sawEverybody: false, linkedBy: null },
    ...{
      retriedEverybody: true,
      learned: false,
      shortWalk: null,
      notFound: [],
      wholeRun: true,
      sentEverybody,
    },
  });
  state.close();
}

/** A live run that dies once it has confirmed somebody: what it has committed is there, and nothing is tidied up. */
function dyingRun(over: Partial<StateOptions> = {}): void {
  const state = open(over);
  state.beginWriting();
  confirm(state, 'ann');
  for (const side of ['', '-wal', '.runs']) copyFileSync(path + side, join(folder, `dead${side}`));
  state.close();
  putBack('dead');
  copyFileSync(join(folder, 'dead.runs'), `${path}.runs`);
}

function confirm(state: OpenState, name: string, holds: Partial<UserResource> = {}): boolean {
  const empty = Object.fromEntries(USER_ATTRIBUTES.map((attribute) => [attribute, null]));
  const own = { userName: `${name}@example.com`, externalId: name, active: true };
  const to: UserResource = { ...(empty as unknown as UserResource), ...own };
  const rest = { cause: null, scimId: null, from: null, attributes: USER_ATTRIBUTES, awaitsManager: null };
  const change: Change = { identity: name, dn: `uid=${name}`, kind: 'CREATE', to, ...rest };
  return state.confirm(change, to, USER_ATTRIBUTES, {
    ok: true,
    scimId: name,
    how: 'CREATED',
    held: [],
    holds,
  });
}

function keepAs(name: string): void {
  copyFileSync(path, join(folder, name));
}

function putBack(name: string): void {
  for (const side of ['-wal', '-shm']) rmSync(path + side, { force: true });
  for (const side of ['', '-wal']) {
    if (existsSync(join(folder, name + side))) copyFileSync(join(folder, name + side), path + side);
  }
}

describe('an older copy that was put back', () => {
  it('is noticed until everybody has been sent again', () => {
    run();
    keepAs('older');
    run();
    run();
    assert.equal(doubt(), null);
    putBack('older');
    for (let n = 0; n < 3; n += 1) {
      assert.match(String(doubt()), /state\.db is an older copy of the state$/);
      run();
    }
    run(true);
    assert.equal(doubt(), null);
  });

  it('is noticed though every run since then died', () => {
    run();
    keepAs('older');
    dyingRun();
    assert.equal(doubt(), null);
    putBack('older');
    assert.match(String(doubt()), /is an older copy/);
  });

  it('is noticed though only runs over a still older copy came after it', () => {
    run();
    keepAs('oldest');
    run();
    keepAs('older');
    putBack('oldest');
    dyingRun();
    assert.match(String(doubt()), /is an older copy/);
    putBack('older');
    assert.match(String(doubt()), /is an older copy/);
  });

  it('is suspected where the mark is lost or unreadable, until everybody has been sent again', () => {
    run();
    for (const harm of ['LOST', 'SPOILT'] as const) {
      if (harm === 'LOST') rmSync(`${path}.runs`);
      else writeFileSync(`${path}.runs`, 'nonsense');
      assert.match(String(doubt()), /state\.db\.runs is missing/);
      run();
      assert.match(String(doubt()), /is an older copy/);
      run(true);
      assert.equal(doubt(), null);
    }
  });
});

describe('a state file that was begun anew', () => {
  it('is no older copy, though its first run died', () => {
    for (let n = 0; n < 3; n += 1) run();
    const aside = String(setStateAside(path, new Date()));
    assert.equal(doubt(), null);
    dyingRun();
    assert.equal(doubt(), null);
    run();
    assert.equal(doubt(), null);
    // The other file is one by now.
    copyFileSync(aside, path);
    assert.match(String(doubt()), /is an older copy/);
  });
});

describe('a power cut', () => {
  it('in the middle of a live run leaves a doubt, for the last commits may be gone with it', () => {
    run();
    dyingRun({ boot: 'one' });
    assert.equal(doubt({ boot: 'one', mode: 'DRY' }), null, 'the machine goes on: nothing is lost');
    assert.match(String(doubt({ boot: 'two' })), /The machine stopped in the middle of a live run/);
    // A run that finds out and dies as well does not make it a good state.
    dyingRun({ boot: 'two' });
    assert.match(String(doubt({ boot: 'two' })), /is an older copy/);
    run(true);
    assert.equal(doubt({ boot: 'three' }), null);
  });

  it('between runs, or after one that was ended in order, leaves none', () => {
    run();
    assert.equal(doubt({ boot: 'two' }), null);
    const stopped = open({ boot: 'two' });
    stopped.beginWriting();
    confirm(stopped, 'ann');
    stopped.close();
    assert.equal(doubt({ boot: 'three' }), null);
  });

  it('is told by the start of the machine, and by no step of the clock', () => {
    assert.ok(isSameBoot(presentBoot(), presentBoot()));
    assert.equal(isSameBoot('2026-01-01T10:00:00.000Z', '2026-01-01T10:01:00.000Z'), true);
    assert.equal(isSameBoot('2026-01-01T10:00:00.000Z', '2026-01-01T10:05:00.000Z'), false);
  });
});

describe('what the service holds otherwise', () => {
  it('is committed with the confirmation, so that a run that dies after it does not forget it', () => {
    const state = open();
    assert.equal(confirm(state, 'ann', { title: 'cut' }), true);
    assert.equal(confirm(state, 'ann', { title: 'cut' }), false);
    state.close();
    const next = open();
    assert.equal(next.deviations.count(), 1);
    next.close();
  });
});

describe('the mark', () => {
  it('is raised before the first write, and stays readable by its owner only', () => {
    const state = open();
    state.beginWriting();
    assert.equal(readFileSync(`${path}.runs`, 'utf8'), '1\n');
    state.close();
    assert.equal(runMarkOf(path).latest(), 2, 'the end of a run counts as well');
    assert.equal(statSync(`${path}.runs`).mode & 0o777, 0o600);
  });
});
