/** The manual page names what there is: flags, commands, exit codes, files. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { EXIT_CODES } from '../../src/model/errors.ts';
import { ROOT } from '../house/source-tree.ts';
import { runProgram } from '../e2e/command-line.ts';

const FOLDER = join(ROOT, 'packaging/debian');
const page = readFileSync(join(FOLDER, 'c42uds.1'), 'utf8');

/** The text without fonts and escapes, requests at the beginning of a line kept. */
const text = page
  .replaceAll('\\-', '-')
  .replaceAll(/^\.(?:B|I|BR|RB|BI|IR|RI) /gm, '')
  .replaceAll(/"| (?=[,.)])/g, '');

function sectionOf(name: string): string {
  return new RegExp(`^\\.SH ${name}\\n([^]*?)^\\.SH `, 'm').exec(text)?.[1] ?? '';
}

describe('the manual page', () => {
  it('names every flag and every command of the help, and none that the program does not have', async () => {
    const help = async (...words: string[]): Promise<string> =>
      (await runProgram([...words, '--help'], { cwd: ROOT })).stdout;
    const general = await help();
    const flags = new Set(text.match(/--[a-z][a-z-]+/g));
    const known = new Set(
      [general, await help('doctor'), await help('setup')].join().match(/--[a-z][a-z-]+/g),
    );
    assert.deepEqual(
      [...flags].filter((flag) => !known.has(flag)),
      [],
    );
    const [options = '', commands = ''] = general.split(/^Commands:/m);
    const first = [...options.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, flag = '']) => flag);
    assert.ok(first.length > 10);
    // Every tool has --version.
    assert.deepEqual(
      first.filter((flag) => !flags.has(flag)),
      ['--version'],
    );
    const names = [...commands.matchAll(/^ {2}([a-z]+) /gm)].map(([, name = '']) => name);
    const section = sectionOf('COMMANDS');
    assert.ok(names.length > 8);
    assert.deepEqual(
      names.filter((name) => !new RegExp(`^${name}\\b`, 'm').test(section)),
      [],
    );
  });

  it('has every exit code', () => {
    const section = sectionOf('EXIT STATUS');
    const told = [...section.matchAll(/^\.TP\n([\d ,]+)$/gm)]
      .flatMap(([, codes = '']) => codes.split(/\D+/))
      .map(Number);
    assert.deepEqual(
      told.sort((a, b) => a - b),
      Object.values(EXIT_CODES).sort((a: number, b: number) => a - b),
    );
  });

  it(
    'has no line that groff complains of',
    { skip: existsSync('/usr/bin/groff') ? false : 'no groff' },
    () => {
      const { stderr } = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-z'], {
        input: page,
        encoding: 'utf8',
      });
      assert.equal(stderr, '');
    },
  );
});
