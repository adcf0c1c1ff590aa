/** What is told of a run that ends without its summary. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { consoleDestination } from '../../src/cli/console-log.ts';
import { openRunOutput } from '../../src/cli/run-output.ts';
import { openTerminal } from '../../src/cli/terminal.ts';
import { openLog } from '../../src/local/log.ts';
import type { ChangeKind, Preview } from '../../src/model/plan.ts';
import type { RunRequest } from '../../src/model/run.ts';
import type { UserResource } from '../../src/model/user.ts';
import { CapturedOutput } from './captured-output.ts';

interface Circumstances extends Partial<RunRequest> {
  readonly isDoubtful?: boolean;
}

function stopped(
  mode: 'DRY' | 'LIVE',
  kinds: readonly ChangeKind[],
  interrupted: boolean,
  { isDoubtful = false, ...asked }: Circumstances = {},
): string {
  const stderr = new CapturedOutput();
  const terminal = openTerminal(new CapturedOutput(), stderr, {});
  const opened = openLog('info');
  opened.addDestination(consoleDestination(terminal, 'info'));
  const request = { scope: 'INCREMENTAL', extraFilter: null, userNames: null, ...asked, mode } as const;
  const output = openRunOutput(request, terminal, opened);
  if (isDoubtful) output.noteDoubt();
  for (const kind of kinds) output.observer.preview(confirmed(kind));
  output.summarizeStopped(interrupted);
  return stderr.text;
}

function confirmed(kind: ChangeKind): Preview {
  const to: UserResource = {
    externalId: 'e1',
    userName: 'ada',
    active: true,
    givenName: null,
    familyName: null,
    email: null,
    title: null,
    userType: null,
    department: null,
    division: null,
    country: null,
    manager: null,
    org: null,
    roles: null,
  };
  const change = {
    identity: 'e1',
    dn: 'cn=ada',
    kind,
    cause: null,
    scimId: '1',
    from: to,
    to,
    attributes: [],
    awaitsManager: null,
  };
  return { userName: 'ada', decision: null, change, failure: null };
}

test('a live run that is interrupted says what was confirmed and that the next run goes on', () => {
  assert.equal(
    stopped('LIVE', ['CREATE', 'CREATE', 'DEACTIVATE'], true),
    '[WARN    SyncService] The run ended early. 3 changes were confirmed (2 created, 1 deactivated); ' +
      'the next run goes on with the rest.\n',
  );
  assert.match(stopped('LIVE', [], true), /No change was confirmed; the next run/);
});

test('what the next run does after an interrupted one is said as it is for each kind of run', () => {
  for (const [circumstances, words] of [
    [{}, 'the next run goes on with the rest'],
    [
      { scope: 'FULL' },
      'the next run with --full-sync begins again with everybody, one without it sends only what has changed',
    ],
    [{ isDoubtful: true }, 'the next run begins again with everybody'],
    [{ userNames: ['ada'] }, 'the same command sends the rest'],
    [{ extraFilter: '(cn=a*)', scope: 'FULL' }, 'the same command sends all of them again'],
    [
      { approve: '0f3a' },
      'the next run goes on with the rest. What is left of the approved plan is looked at by the guards again',
    ],
  ] as const satisfies readonly (readonly [Circumstances, string])[]) {
    assert.ok(stopped('LIVE', ['CREATE'], true, circumstances).endsWith(`(1 created); ${words}.\n`), words);
  }
});

test('a live run that an error ended before any change, and a dry run, say nothing of it', () => {
  assert.equal(stopped('LIVE', [], false), '');
  assert.equal(stopped('DRY', [], true), '');
});
