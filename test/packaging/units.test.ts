/** What systemd itself says of the units of the Debian package, without running them. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';

const UNITS = join(import.meta.dirname, '../../packaging/debian');
/** systemd rates from 0 (shut in) to 10 (free); what is left open is the network and compiling at run time. */
const MOST_EXPOSED = 2;

const available = spawnSync('systemd-analyze', ['--version']).status === 0;

/** The values of a key of the unit, in order. */
function valuesOf(key: string): string[] {
  const text = readFileSync(join(UNITS, 'c42uds.service'), 'utf8');
  return [...text.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value = '']) => value);
}

describe('the service', () => {
  it('asks the doctor about the configuration of the run, and no failure of it is ignored', () => {
    const [[pre = '', ...others], [run = '']] = [valuesOf('ExecStartPre'), valuesOf('ExecStart')];
    assert.deepEqual(others, []);
    const [program, ...words] = pre.split(' ');
    const [runProgram, ...runWords] = run.split(' ');
    // A "-" before the path would let the run begin after a failure; "+" and "!" would take the sandbox away.
    assert.equal(program, runProgram);
    assert.match(program ?? '', /^\//);
    assert.deepEqual(words, ['doctor', '--quiet', ...runWords.slice(runWords.indexOf('--config'))]);
  });

  it('is started by its timer alone: enabled by itself it would run at every start of the machine', () => {
    assert.doesNotMatch(readFileSync(join(UNITS, 'c42uds.service'), 'utf8'), /^\[Install\]/m);
    assert.match(
      readFileSync(join(UNITS, 'c42uds.timer'), 'utf8'),
      /^\[Install\]\nWantedBy=timers\.target$/m,
    );
  });

  it('may write the folders of state and logs, and no other', () => {
    assert.deepEqual(valuesOf('ProtectSystem'), ['strict']);
    assert.deepEqual(valuesOf('StateDirectory'), ['c42uds']);
    assert.deepEqual(valuesOf('LogsDirectory'), ['c42uds']);
    assert.deepEqual(valuesOf('ReadWritePaths'), []);
  });
});

describe('the units', { skip: available ? false : 'no systemd-analyze on this machine' }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'c42uds-units-'));
  after(() => {
    rmSync(folder, { recursive: true });
  });
  for (const name of ['c42uds.service', 'c42uds.timer']) {
    // The program and its manual page are not installed here: something that is there stands for them.
    const text = readFileSync(join(UNITS, name), 'utf8')
      .replaceAll('/usr/lib/c42uds/bin/c42uds', '/bin/true')
      .replaceAll(/^Documentation=.*\n/gm, '');
    writeFileSync(join(folder, name), text);
  }

  mkdirSync(join(folder, 'c42uds.service.d'));
  for (const name of readdirSync(join(UNITS, 'examples')))
    cpSync(join(UNITS, 'examples', name), join(folder, 'c42uds.service.d', name));

  function analyze(...words: readonly string[]): {
    readonly exitCode: number | null;
    readonly output: string;
  } {
    const ended = spawnSync('systemd-analyze', words, { encoding: 'utf8', timeout: 30_000 });
    return { exitCode: ended.status, output: ended.stdout + ended.stderr };
  }

  it('hold, with the examples of drop-ins, no line that systemd does not know or would ignore', () => {
    const { exitCode, output } = analyze(
      'verify',
      join(folder, 'c42uds.service'),
      join(folder, 'c42uds.timer'),
    );
    const ours = output.split('\n').filter((line) => line.includes('c42uds'));
    assert.deepEqual(ours, []);
    assert.equal(exitCode, 0, output);
  });

  it(`shut the service in: at most ${MOST_EXPOSED} of the 10 points of systemd-analyze security`, () => {
    const { output } = analyze('security', '--offline=true', '--no-pager', join(folder, 'c42uds.service'));
    const level = Number(/Overall exposure level for c42uds\.service: ([\d.]+)/.exec(output)?.[1]);
    assert.ok(level > 0 && level <= MOST_EXPOSED, output);
  });
});
