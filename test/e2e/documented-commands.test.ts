/** Every command of the documents runs as it stands there, or its document says why it is not run. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { interpretArguments } from '../../src/cli/arguments.ts';
import { ROOT } from '../house/source-tree.ts';
import { TrapScene } from '../traps/trap-scene.ts';
import { cleanEnvironment, finished, PROGRAM, type Finished } from './command-line.ts';
import { documentedCommands, readCommands, readPlainText, reasonNotRun } from './documented-commands.ts';
import { assertExit } from './installation.ts';

/** What stands for something of the reader's own, and what is there for it here. */
const PLACEHOLDERS: readonly (readonly [RegExp, string])[] = [
  [/--files FILE…/, '--files names.txt'],
  [/--filter FILE/, '--filter filter.txt'],
  [/--plan FILE/, '--plan plan.jsonl'],
  [/--report FILE…?/, '--report report.html'],
  [/\/opt\/C42UserDirectorySync-1\.0|(?<=migrate )FOLDER/, 'original'],
  [/(?<=--to )\/opt\/sync/, 'migrated'],
  [/(?<=--to )\/etc\/c42uds/, 'migrated-for-the-service'],
  [/\/opt\/sync/g, '.'],
  [/\/var\/lib\/c42uds\//, './'],
  [/\bUSER\b|ada@example\.com|(?<=--user )ada\b/, '"$USER_NAME"'],
  [/(?<=properties )NAME/, 'ldap.baseDn'],
  [/(?<=--approve )ID/, '0123456789ab'],
  [/(?<=restore )COPY/, 'copy-of-the-state'],
];
/** What a person would type. */
const INPUT: Readonly<Record<string, string>> = {
  'c42uds --ldap-bind-password': 'pw-of-the-reader\n',
  'c42uds --scim-password': 'SCIM_PASSWORD\n',
  'c42uds secrets set notify.secret': 'a secret of the hook\n',
};
/** Without their arguments these are names of commands, wherever a sentence speaks of them. */
const NAMES_ONLY = ['c42uds migrate', 'c42uds state restore'];

function filledIn(command: string): string {
  return PLACEHOLDERS.reduce((text, [what, here]) => text.replaceAll(new RegExp(what, 'g'), here), command);
}

describe('the commands of the documents', () => {
  let scene: TrapScene;

  before(async () => {
    scene = await TrapScene.start({ kind: 'ACTIVE_DIRECTORY', people: 30 });
    const { installation, company } = scene;
    assertExit(await installation.run(['--sync-now']), 0);
    const { logonName = '' } = company.people[3] ?? {};
    writeFileSync(installation.path('names.txt'), `${logonName}\n`);
    writeFileSync(installation.path('filter.txt'), '(department=*)\n');
    copyFileSync(installation.path('state.db'), installation.path('copy-of-the-state'));
    mkdirSync(installation.path('cases'));
    const cases = [{ name: 'an engineer', entry: { department: 'R&D' }, expected: { org: 'R&D' } }];
    writeFileSync(installation.path('cases/engineers.json'), JSON.stringify({ cases }));
    mkdirSync(installation.path('original'));
    for (const name of ['config.properties', 'activescript.js', 'orgscript.js', 'rolescript.js'])
      writeFileSync(installation.path(`original/${name}`), readFileSync(installation.path(name)));
    mkdirSync(installation.path('path'));
    const shim = installation.path('path/c42uds');
    writeFileSync(shim, `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`);
    chmodSync(shim, 0o755);
    writeFileSync(installation.path('path/less'), '#!/bin/sh\nexec cat\n');
    chmodSync(installation.path('path/less'), 0o755);
  });

  after(async () => {
    await scene[Symbol.asyncDispose]();
  });

  /** In a shell, in a folder with a configuration whose users have been synchronized. */
  async function run(command: string): Promise<Finished> {
    const { folder } = scene.installation;
    const child = spawn('bash', ['-euo', 'pipefail', '-c', filledIn(command)], {
      cwd: folder,
      env: {
        ...cleanEnvironment(),
        PATH: `${join(folder, 'path')}:${process.env['PATH'] ?? ''}`,
        USER_NAME: scene.company.people[3]?.mail,
      },
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end((INPUT[command] ?? '').replace('SCIM_PASSWORD', scene.service.password));
    return finished(child);
  }

  const documents = documentedCommands();
  const met = new Set<string>(NAMES_ONLY);
  for (const document of documents) {
    for (const command of document.commands) {
      if (reasonNotRun(command, document) !== null || met.has(command)) continue;
      met.add(command);
      it(`${document.path}: ${command}`, async () => {
        assertExit(await run(command), 0);
      });
    }
  }

  it('that are run are many', () => {
    assert.ok(met.size > 30, [...met].join('\n'));
  });

  it('that are not run can be understood: flags, npm scripts, benchmarks and files are there', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const benchmarks = readFileSync(join(ROOT, 'bench/main.ts'), 'utf8');
    for (const document of documents) {
      for (const command of document.commands.filter((name) => reasonNotRun(name, document) !== null)) {
        for (const [program = '', ...words] of filledIn(command)
          .split(/ *(?:&&|\|) */)
          .map((part) => part.replace(/^[A-Z\d_]+=\S+ /, '').split(/ +/))) {
          const told = `${document.path}: ${command}`;
          if (program === 'c42uds') assert.doesNotThrow(() => interpretArguments(words, '1'), told);
          if (program === 'npm' && words[0] === 'run') assert.ok(words[1] && words[1] in scripts, told);
          if (program === 'npm' && words[1] === 'bench')
            for (const name of words.filter((word, at) => at > 2 && /^[a-z]/.test(word)))
              assert.ok(benchmarks.includes(name), `${told}: ${name}`);
          if (program === 'node') assert.ok(existsSync(join(ROOT, words[0] ?? '')), told);
        }
      }
    }
  });

  it('stand in blocks that say their language, and none is excused that does not stand there', () => {
    for (const document of documents) {
      assert.deepEqual(document.complaints, [], document.path);
      const used = new Set(document.commands.map((command) => reasonNotRun(command, document)));
      for (const [command, reason] of document.notRunHere) {
        assert.ok(used.has(command), `${document.path} shows no command ${command}`);
        const test = /test\/\S+/.exec(reason)?.[0];
        assert.ok(test === undefined || existsSync(join(ROOT, test)), `${document.path}: ${reason}`);
      }
    }
  });
});

describe('a document', () => {
  it('shows the commands of its blocks, spans, tables and crontabs, without comments', () => {
    const text = [
      'Say `c42uds history\nUSER` or `--json`.\n',
      '```sh\nnpm ci   # brings Node\nc42uds \\\n  --quiet\n```\n',
      '```json\n{ "c42uds doctor": 1 }\n```\n',
      '| `c42uds state check \\| less` | `17 * * * *  c42uds doctor` |\n',
      '<!-- not run here:\nnpm *  # takes long\n-->\n',
    ].join('\n');
    const document = readCommands('x.md', text);
    assert.deepEqual(document.commands, [
      'c42uds history USER',
      'npm ci',
      'c42uds --quiet',
      'c42uds state check | less',
      'c42uds doctor',
    ]);
    assert.deepEqual(
      document.commands.map((command) => reasonNotRun(command, document)),
      [null, 'npm *', null, null, null],
    );
    assert.deepEqual(document.complaints, []);
  });

  it('of plain text shows what is indented, without what is said of it, and no names of files', () => {
    const text =
      'First:\n\n  c42uds doctor --quiet   says little\n  /etc/c42uds  files\n  [Service]\n  ExecStart=\n  ls -l\n';
    const document = readPlainText('x', text, ['ls *  # for no reason']);
    assert.deepEqual(document.commands, ['c42uds doctor --quiet', 'ls -l']);
    assert.deepEqual(
      document.commands.map((command) => reasonNotRun(command, document)),
      [null, 'ls *'],
    );
  });

  it('is told of a block without a language, and of an excuse without a reason', () => {
    const text = 'A:\n\n    c42uds\n\n```\nc42uds\n```\n\n<!-- not run here:\nc42uds\n-->\n';
    assert.equal(readCommands('x.md', text).complaints.length, 3);
  });
});
