import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Check, doubtful, failing, fine, type CheckPlan } from '../../../src/cli/doctor/check.ts';
import { patiently } from '../../../src/cli/doctor/patience.ts';
import { RunError } from '../../../src/model/errors.ts';

const PLENTY_MS = 60_000;

function check<T>(id: string, plan: Pick<CheckPlan<T>, 'examine'> & Partial<CheckPlan<T>>): Check<T> {
  return new Check({ id, stage: 'DIRECTORY', title: id, ...plan });
}

describe('a check', () => {
  it('hands what it found to those that need it, a warning no less', async () => {
    const first = check('first', { examine: () => doubtful('so so', 'mend it', 42) });
    const second = check('second', { needs: [first], examine: () => fine(`got ${first.value}`, null) });
    assert.equal((await first.carryOut(PLENTY_MS)).status, 'WARNING');
    assert.equal((await second.carryOut(PLENTY_MS)).message, 'got 42');
  });

  it('that is skipped names the one that failed, not the one in between', async () => {
    const failing = check('failing', {
      examine: () => {
        throw new RunError('DIRECTORY_REFUSED', 'no');
      },
    });
    const between = check('between', { needs: [failing], examine: () => fine('', null) });
    const last = check('last', { needs: [between], examine: () => fine('', null) });
    assert.equal((await failing.carryOut(PLENTY_MS)).exitCode, 4);
    await between.carryOut(PLENTY_MS);
    const { status, waitsFor } = await last.carryOut(PLENTY_MS);
    assert.deepEqual([status, waitsFor], ['SKIPPED', 'failing']);
  });

  it('may fail and still hand on what it found', async () => {
    const guard = new RunError('GUARD_TRIPPED', 'too many');
    const first = check('first', { examine: () => failing(guard, 42) });
    const second = check('second', { needs: [first], examine: () => fine(`got ${first.value}`, null) });
    const { status, message, exitCode } = await first.carryOut(PLENTY_MS);
    assert.deepEqual([status, message, exitCode], ['FAILURE', 'too many', 6]);
    assert.equal((await second.carryOut(PLENTY_MS)).message, 'got 42');
  });

  it('ends at its limit, and is told to', async () => {
    const { promise: told, resolve: tell } = Promise.withResolvers<undefined>();
    const slow = check<null>('slow', {
      limitMs: 20,
      examine: (signal) => {
        signal.addEventListener('abort', () => tell(undefined));
        return new Promise(() => undefined);
      },
    });
    const { status, message, exitCode } = await slow.carryOut(PLENTY_MS);
    assert.deepEqual([status, message, exitCode], ['FAILURE', 'no result within 1 s', 4]);
    await told;
  });

  it('is not begun when the whole examination has had its time', async () => {
    let begun = false;
    const late = check('late', {
      examine: () => {
        begun = true;
        return fine('', null);
      },
    });
    const { status, message } = await late.carryOut(0);
    assert.equal(status, 'FAILURE');
    assert.match(message, /^not reached/);
    assert.equal(begun, false);
  });

  it('without which a run does its work warns where it goes wrong, and so does a bug in it', async () => {
    for (const error of [new RunError('SERVICE_UNREACHABLE', 'gone'), new TypeError('oh')]) {
      const advisory = check('advisory', {
        isAdvisory: true,
        examine: () => {
          throw error;
        },
      });
      const { status, exitCode } = await advisory.carryOut(PLENTY_MS);
      assert.deepEqual([status, exitCode], ['WARNING', null]);
    }
  });
});

describe('patience', () => {
  const signal = new AbortController().signal;

  it('tries again what may pass, as often as it may', async () => {
    let made = 0;
    const attempt = async (): Promise<number> => {
      made += 1;
      if (made < 3) throw new RunError('DIRECTORY_UNREACHABLE', 'not yet');
      return made;
    };
    assert.equal(await patiently({ attempts: 3, delayMs: 1, signal }, attempt), 3);
  });

  it('never tries a refused password twice', async () => {
    let made = 0;
    const attempt = async (): Promise<never> => {
      made += 1;
      throw new RunError('DIRECTORY_REFUSED', 'wrong password');
    };
    await assert.rejects(patiently({ attempts: 9, delayMs: 1, signal }, attempt), /wrong password/);
    assert.equal(made, 1);
  });
});
