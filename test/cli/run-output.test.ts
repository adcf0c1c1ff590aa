/** What is told of a run that ends without its summary. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { consoleDestination } from '../../src/cli/console-log.ts';
import { openRunOutput } from '../../src/cli/run-output.ts';
import { openTerminal } from '../../src/cli/terminal.ts';
import { openLog } from '../../src/local/log.ts';
import type { ChangeKind, Preview } from '../../src/model/plan.ts';
import type { UserResource } from '../../src/model/user.ts';
import { CapturedOutput } from './captured-output.ts';

function stopped(mode: 'DRY' | 'LIVE', kinds: readonly ChangeKind[], interrupted: boolean): string {
  const stderr = new CapturedOutput();
  const terminal = openTerminal(new CapturedOutput(), stderr, {});
  const opened = openLog('info');
  opened.addDestination(consoleDestination(terminal, 'info'));
  const request = { mode, scope: 'FULL', extraFilter: null, userNames: null } as const;
  const output = openRunOutput(request, terminal, opened);
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

test('a live run that an error ended before any change, and a dry run, say nothing of it', () => {
  assert.equal(stopped('LIVE', [], false), '');
  assert.equal(stopped('DRY', [], true), '');
});
