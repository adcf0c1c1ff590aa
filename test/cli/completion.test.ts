import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { interpretArguments } from '../../src/cli/arguments.ts';
import { SHELLS } from '../../src/cli/completion.ts';
import { OPTIONS } from '../../src/config/options.ts';

function textOf(...words: string[]): string {
  const invocation = interpretArguments(words, '1.2.3');
  assert.equal(invocation.command, 'TEXT');
  return invocation.command === 'TEXT' ? invocation.text : '';
}

function has(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

/** What bash offers behind a line that ends with the word being typed. */
function offered(line: string): readonly string[] {
  const words = line.split(' ');
  const script = `${textOf('completion', 'bash')}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
_c42uds; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], {
    encoding: 'utf8',
    cwd: import.meta.dirname,
  });
  assert.equal(status, 0, stderr);
  return stdout.split('\n').filter((word) => word !== '');
}

test(
  'bash completes flags, commands, what belongs to a command, and files',
  { skip: has('bash') ? false : 'no bash' },
  () => {
    assert.deepEqual(offered('c42uds --sy'), ['--sync-now']);
    assert.deepEqual(offered('c42uds se'), ['setup', 'secrets']);
    assert.deepEqual(offered('c42uds secrets r'), ['rotate']);
    assert.deepEqual(offered('c42uds completion z'), ['zsh']);
    assert.deepEqual(offered('c42uds --sync-now --fu'), ['--full-sync']);
    assert.deepEqual(offered('c42uds --filter completion'), ['completion.test.ts']);
    assert.ok(offered('c42uds state check --c').includes('--config'));
    // What a command takes, also behind values and names.
    assert.deepEqual(offered('c42uds history --l'), ['--last']);
    assert.deepEqual(offered('c42uds history ann --last 5 --j'), ['--json']);
    assert.deepEqual(offered('c42uds demo --k'), ['--keep']);
    assert.deepEqual(offered('c42uds doctor --q'), ['--quiet']);
    assert.deepEqual(offered('c42uds script impact --r'), ['--report']);
    assert.deepEqual(offered('c42uds script test --user state --sa'), ['--save-case']);
    assert.deepEqual(offered('c42uds --config x migrate old --o'), ['--overwrite']);
    assert.deepEqual(offered('c42uds demo --config'), []);
  },
);

for (const shell of ['bash', 'zsh', 'fish'] as const) {
  test(
    `the script for ${shell} is one that ${shell} can read`,
    { skip: has(shell) ? false : `no ${shell}` },
    () => {
      const folder = mkdtempSync(join(tmpdir(), 'c42uds-completion-'));
      try {
        writeFileSync(join(folder, 'script'), textOf('completion', shell));
        const { status, stderr } = spawnSync(shell, ['-n', join(folder, 'script')], { encoding: 'utf8' });
        assert.equal(status, 0, stderr);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
}

test('every shell gets every flag and every command', () => {
  const help = textOf('help');
  const flags = [...help.matchAll(/^ {2}(?:-h, )?(--[a-z-]+)/gm)].map(([, flag]) => flag ?? '');
  assert.ok(flags.length > 8);
  for (const shell of SHELLS) {
    const script = textOf('completion', shell);
    for (const flag of flags.filter((name) => name !== '--help')) {
      assert.ok(script.includes(shell === 'fish' ? `-l ${flag.slice(2)}` : flag), `${shell}: ${flag}`);
    }
    for (const command of ['demo', 'state', 'secrets'])
      assert.ok(script.includes(command), `${shell}: ${command}`);
  }
});

test('an unknown shell is refused with those that are known', () => {
  assert.throws(() => interpretArguments(['completion', 'tcsh'], '1'), {
    code: 'COMMAND_LINE',
    message: /"tcsh".*bash, zsh, fish, powershell/,
  });
});

test('help explains every property, one of them, or those that begin alike', () => {
  const all = textOf('help', 'properties');
  for (const key of Object.keys(OPTIONS)) assert.ok(all.includes(`\n${key}=`), key);
  assert.match(textOf('help', 'properties', 'state.keep'), /^state\.keep=7\n {2}Daily copies/);
  assert.match(textOf('help', 'properties', 'guard.'), /guard\.absent[^]*guard\.moved/);
  assert.throws(() => interpretArguments(['help', 'properties', 'stat.keep'], '1'), {
    message: 'There is no property "stat.keep". Did you mean state.keep?',
  });
});

test('help on a command is the help of that command', () => {
  assert.match(textOf('help', 'state'), /^Usage: c42uds state/);
  assert.equal(textOf('help'), textOf('--help'));
  assert.throws(() => interpretArguments(['help', 'nothing'], '1'), {
    message: 'There is no help on "nothing".',
  });
});
