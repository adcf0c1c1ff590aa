import assert from 'node:assert/strict';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { runMarkOf } from '../../src/local/run-mark.ts';
import { inspectState } from '../../src/local/state-inspection.ts';
import { restoreState, type Restored } from '../../src/local/state-restore.ts';
import { openState, type OpenState, type StateOptions } from '../../src/local/state.ts';
import { USER_ATTRIBUTES, type UserResource } from '../../src/model/user.ts';

const SERVICE = 'https://scim.example';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'c42uds-restore-'));
  path = join(folder, 'state.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open(over: Partial<StateOptions> = {}): OpenState {
  return openState({
    path,
    mode: 'LIVE',
    service: SERVICE,
    scopeKey: 'scope',
    mark: runMarkOf(path),
    ...over,
  });
}

/** A live run that confirms these people; `inTheMiddle` is called before it ends. */
function run(
  names: readonly string[] = [],
  sentEverybody = false,
  inTheMiddle = (): void => undefined,
): void {
  const state = open();
  state.beginWriting();
  for (const name of names) confirm(state, name);
  inTheMiddle();
  state.remember({
    ...{ failures: [], watermark: null, absence: 'LEAVE' as const, sawEverybody: false, linkedBy: null },
    ...{ retriedEverybody: true, learned: false, shortWalk: null, notFound: [], wholeRun: true },
    sentEverybody,
  });
  state.close();
}

function confirm(state: OpenState, name: string): void {
  const empty = Object.fromEntries(USER_ATTRIBUTES.map((attribute) => [attribute, null]));
  const own = { userName: `${name}@example.com`, externalId: name, active: true };
  const to: UserResource = { ...(empty as unknown as UserResource), ...own };
  const rest = { cause: null, scimId: null, from: null, attributes: USER_ATTRIBUTES, awaitsManager: null };
  const outcome = { ok: true, scimId: name, how: 'CREATED', held: [], holds: {} } as const;
  state.confirm(
    { identity: name, dn: `uid=${name}`, kind: 'CREATE', to, ...rest },
    to,
    USER_ATTRIBUTES,
    outcome,
  );
}

/** As an outside program copies: the file, and what lies beside it. */
function copyAll(to: string): void {
  for (const side of ['', '-wal']) if (existsSync(path + side)) copyFileSync(path + side, to + side);
}

function restore(copy: string, service = SERVICE): Restored {
  const now = new Date('2026-01-01T10:00:00Z');
  return restoreState({ copy, statePath: path, service, mark: runMarkOf(path), now });
}

function doubt(): string | null {
  const state = open({ mode: 'DRY' });
  try {
    return state.doubt;
  } finally {
    state.close();
  }
}

describe('a copy of the state that is restored', () => {
  it('counts as an older one until everybody was sent, though it was made after the latest run', () => {
    run(['ann']);
    const copy = join(folder, 'copy');
    copyAll(copy);
    restore(copy);
    for (let n = 0; n < 2; n += 1) {
      assert.match(String(doubt()), /state\.db is an older copy of the state$/);
      run();
    }
    run([], true);
    assert.equal(doubt(), null);
    // The one that was set aside is no better.
    copyFileSync(`${path}.set-aside-2026-01-01T10-00-00-000Z`, path);
    assert.match(String(doubt()), /is an older copy/);
  });

  it('is what is read then, and the log of a run that was killed goes aside with its own file', () => {
    run(['ann']);
    const copy = join(folder, 'copy');
    copyAll(copy);
    const bytes = readFileSync(copy);
    run(['ben', 'ida'], false, () => copyAll(join(folder, 'dead')));
    for (const side of ['', '-wal']) copyFileSync(join(folder, `dead${side}`), path + side);
    assert.ok(statSync(`${path}-wal`).size > 0);
    const { aside, holds } = restore(copy);
    assert.equal(holds.known, 1);
    assert.equal(inspectState(path)?.known, 1);
    assert.equal(inspectState(String(aside))?.known, 3);
    assert.ok(existsSync(`${String(aside)}-wal`));
    assert.deepEqual(readFileSync(copy), bytes);
  });

  it('has what it holds in the log beside it, and needs no log afterwards', () => {
    run(['ann']);
    const copy = join(folder, 'copy');
    run(['ben'], false, () => copyAll(copy));
    assert.ok(statSync(`${copy}-wal`).size > 0);
    assert.equal(restore(copy).holds.known, 2);
    rmSync(`${copy}-wal`);
    assert.equal(inspectState(path)?.known, 2);
    assert.match(String(doubt()), /is an older copy/);
  });

  it('is for its owner alone, is one file, and nothing but the former state stays beside it', () => {
    run(['ann']);
    mkdirSync(join(folder, 'backup'));
    const copy = join(folder, 'backup', 'copy');
    copyAll(copy);
    chmodSync(copy, 0o644);
    restore(copy);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(folder).sort(), [
      'backup',
      'state.db',
      'state.db.runs',
      'state.db.set-aside-2026-01-01T10-00-00-000Z',
    ]);
    assert.deepEqual(readdirSync(join(folder, 'backup')), ['copy']);
  });

  it('may be put where there is no state yet, as on another host', () => {
    run(['ann']);
    const copy = join(folder, 'copy');
    copyAll(copy);
    for (const side of ['', '.runs']) rmSync(path + side);
    assert.equal(restore(copy).aside, null);
    assert.match(String(doubt()), /is an older copy/);
  });
});

describe('a copy that was made in the middle of a run', () => {
  it('is noticed as an older one, though it is put back by hand and no run has begun since', () => {
    run(['ann']);
    const copy = join(folder, 'copy');
    run(['ben'], false, () => copyAll(copy));
    assert.equal(doubt(), null);
    for (const side of ['', '-wal']) copyFileSync(copy + side, path + side);
    assert.match(String(doubt()), /is an older copy/);
  });
});

describe('a copy that cannot be the state', () => {
  const cases: [string, string, RegExp, (copy: string) => void][] = [
    ['that is not there', 'FILE_UNREADABLE', /no such file/, (copy) => rmSync(copy)],
    [
      'that is a folder',
      'FILE_UNREADABLE',
      /not an ordinary file/,
      (copy) => {
        rmSync(copy);
        mkdirSync(copy);
      },
    ],
    [
      'that is the state itself',
      'FILE_INVALID',
      /is the state file itself/,
      (copy) => {
        rmSync(copy);
        symlinkSync(path, copy);
      },
    ],
    ['that is empty', 'FILE_INVALID', /is empty/, (copy) => truncateSync(copy)],
    ['that was cut', 'STATE_DAMAGED', /copy is damaged/, (copy) => truncateSync(copy, 40_000)],
    ['that is something else', 'STATE_DAMAGED', /copy is damaged/, (copy) => writeFileSync(copy, 'a letter')],
    [
      'that is another database',
      'STATE_DAMAGED',
      /not one of c42uds/,
      (copy) => changed(copy, 'PRAGMA user_version = 0'),
    ],
    [
      'of a newer version',
      'STATE_NEWER',
      /newer version/,
      (copy) => changed(copy, 'PRAGMA user_version = 999'),
    ],
    [
      'of another service',
      'STATE_FOREIGN',
      /belongs to the service https:\/\/other/,
      (copy) => changed(copy, "UPDATE meta SET value = 'https://other' WHERE key = 'service'"),
    ],
  ];
  for (const [which, code, message, harm] of cases) {
    it(`${which} is refused by its name, and state, mark and folder stay as they were`, () => {
      run(['ann']);
      const copy = join(folder, 'copy');
      copyAll(copy);
      harm(copy);
      const before = [readFileSync(path), readFileSync(`${path}.runs`), readdirSync(folder)];
      assert.throws(
        () => restore(copy),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, code, String(error));
          assert.match(error.message, message);
          assert.ok(error.message.includes(copy) && !error.message.includes('restoring'), error.message);
          return true;
        },
      );
      assert.deepEqual([readFileSync(path), readFileSync(`${path}.runs`), readdirSync(folder)], before);
    });
  }
});

function changed(file: string, statement: string): void {
  const database = new DatabaseSync(file);
  database.exec(statement);
  database.close();
}
