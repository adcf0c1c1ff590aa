/** The dry run as a person at a terminal sees it, and as a program does. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { columnsOf } from '../../src/lib/text-width.ts';
import type { Preview } from '../../src/model/plan.ts';
import { USER_ATTRIBUTES } from '../../src/model/user.ts';
import type { AttributeSources } from '../../src/report/attribute-sources.ts';
import { PLAIN } from '../../src/report/palette.ts';
import { PreviewGroups } from '../../src/report/preview-groups.ts';
import { dnOf } from '../properties/program-folder.ts';
import { startChangedScene } from './report-scene.ts';

const TITLES = /^(Skipped.*|Without.*|To .*|Failed.*) \(([\d,]+)\)$/;

test('on a terminal users are grouped, the gravest last, each change with what decides it', async (t) => {
  const { program } = await startChangedScene(t);
  const { stdout, text } = await program.runBefore({ isTTY: true, env: { NO_COLOR: '1' } }, '--full-sync');
  const lines = stdout.split('\n');
  assert.deepEqual(
    lines.filter((line) => TITLES.test(line)),
    [
      'Skipped: inactive, and unknown to the service (1)',
      'To send again (1)',
      'To update (1)',
      'To create (1)',
      'To reactivate (1)',
      'To deactivate (1)',
      'Failed (1)',
    ],
    text,
  );
  for (const line of [
    '  ann@example.com  true    =cmd|calc  Desktop User',
    '      title: Weaver -> </script><script>document.title="owned"</script><img',
    '        src=x onerror=alert(1)>  (title)',
    '      org: Mills -> =cmd|calc  (orgscript.js)',
    '      familyName new, title "Chief", of\\nlooms',
    '      active: false -> true  (activescript.js)',
    '      activescript.js says inactive',
  ]) {
    assert.ok(lines.includes(line), `${line}\n--- is missing in:\n${stdout}`);
  }
  assert.match(stdout, /^\[INFO {4}main\] Safety limits:$/m);
  assert.doesNotMatch(stdout, /\u001b|--report plan\.html/);
});

test('no line is wider than the terminal, and nothing is left out of it', async (t) => {
  const { program, directory } = await startChangedScene(t);
  const name = `${'very.long.'.repeat(6)}name`;
  directory.modify(dnOf('new'), {
    replace: { mail: [`${name}@example.com`], department: ['織物'.repeat(30)] },
  });
  const { stdout } = await program.runBefore({ isTTY: true, env: { NO_COLOR: '1' } }, '--full-sync');
  // Lines of the log are left to the terminal: who copies one, or a command in it, gets it whole.
  const shown = stdout.split('\n').filter((line) => !line.startsWith('['));
  assert.deepEqual(
    shown.filter((line) => columnsOf(line) > 80),
    [],
  );
  const row = shown.slice(shown.indexOf('To create (1)') + 2).slice(0, 12);
  const cells = (from: number, to: number): string => row.map((line) => line.slice(from, to).trim()).join('');
  const at = shown[shown.indexOf('To create (1)') + 1]?.indexOf('ACTIVE') ?? 0;
  assert.ok(cells(2, at).startsWith(`${name}@example.com`), row.join('\n'));
  assert.equal([...row.slice(0, 8).join('')].filter((letter) => letter === '織').length >= 30, true);
});

test('colours are for a terminal that wants them', async (t) => {
  const { program } = await startChangedScene(t);
  const coloured = await program.runBefore({ isTTY: true });
  assert.match(coloured.stdout, /\u001b\[31mTo deactivate \(1\)\u001b\[0m/);
  assert.doesNotMatch((await program.run()).stdout, /\u001b/);
});

test('into a pipe goes a line for each user as it comes, with username, active, org and roles', async (t) => {
  const { program } = await startChangedScene(t);
  const { stdout } = await program.run('--full-sync');
  assert.match(stdout, /^CHANGE +USERNAME +ACTIVE +ORG +ROLES$/m);
  assert.match(stdout, /^deactivate ben@example\.com +false +Mills +Desktop User$/m);
  assert.match(stdout, /^skip +ida@example\.com +false +- +Desktop User$/m);
});

describe('thousands of changes', () => {
  const of = Object.fromEntries(USER_ATTRIBUTES.map((name) => [name, name])) as AttributeSources['of'];
  const sources: AttributeSources = { of, sensitive: new Set() };

  function leaver(n: number): Preview {
    const from = {
      userName: `user${n}@example.com`,
      externalId: `id-${n}`,
      active: true,
      givenName: null,
      familyName: null,
      email: null,
      title: null,
      userType: null,
      country: null,
      department: null,
      division: null,
      manager: null,
      org: 'Mills',
      roles: null,
    };
    const to = { ...from, active: false };
    const change = {
      identity: from.externalId,
      dn: `uid=user${n}`,
      kind: 'DEACTIVATE' as const,
      cause: 'SCRIPT' as const,
      scimId: String(n),
      from,
      to,
      attributes: ['active' as const],
      awaitsManager: null,
    };
    return { userName: from.userName, decision: null, change, failure: null };
  }

  test('show the first of each group and how to see all of them', () => {
    const groups = new PreviewGroups(sources, 'FULL');
    for (let n = 0; n < 4155; n += 1) groups.add(leaver(n));
    const lines = groups.lines(PLAIN, 80, 'c42uds --full-sync');
    assert.ok(lines.length < 80, `${lines.length} lines`);
    assert.ok(lines.includes('To deactivate (4,155)'));
    assert.ok(lines.includes('  and 4,130 more'));
    assert.deepEqual(lines.slice(-2), [
      '  c42uds --full-sync --report plan.html',
      '  c42uds --full-sync | less',
    ]);
  });

  test('two hundred users still fit, and all are shown', () => {
    const groups = new PreviewGroups(sources, 'FULL');
    for (let n = 0; n < 200; n += 1) groups.add(leaver(n));
    const lines = groups.lines(PLAIN, 80, 'c42uds');
    assert.equal(lines.filter((line) => line.includes('@example.com')).length, 200);
    assert.doesNotMatch(lines.join('\n'), /--report/);
  });
});
