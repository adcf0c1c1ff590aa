/** The real program against the demo's servers: reports, history and the grouped dry run in a real terminal. */

import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { startDemoDirectory, type DemoDirectory } from '../../src/demo/ldap-server.ts';
import { makeCompany } from '../../src/demo/company.ts';
import { startDemoService, type DemoService } from '../../src/demo/scim-service.ts';
import { assertPublished } from '../report/published-schema.ts';
import { Conversation, noTerminal } from './command-line.ts';
import { assertExit, Installation } from './installation.ts';

const PEOPLE = 300;
const BIND = { bindDn: 'CN=reader,OU=Service Accounts,DC=example,DC=com', bindPassword: 'bind-secret' };

describe('what a run tells, from end to end', () => {
  let directory: DemoDirectory;
  let service: DemoService;
  let installation: Installation;

  before(async () => {
    const company = makeCompany({ kind: 'ACTIVE_DIRECTORY', size: PEOPLE });
    const { suffix, entries, peopleBase } = company;
    directory = await startDemoDirectory({ kind: 'ACTIVE_DIRECTORY', suffix, entries, ...BIND });
    service = await startDemoService();
    installation = new Installation({
      'ldap.baseurl': directory.url,
      'ldap.baseDn': peopleBase,
      'ldap.bind.user': BIND.bindDn,
      'scim.baseurl': service.baseUrl,
      'scim.username': service.username,
    });
    assertExit(await installation.storePasswords(BIND.bindPassword, service.password), 0);
  });

  after(async () => {
    installation.remove();
    await service.stop();
    await directory.stop();
  });

  it('groups a dry run in a terminal, and shows how to see all', { skip: noTerminal() }, async () => {
    const talk = new Conversation([], { cwd: installation.folder });
    const { exitCode, screen } = await talk.end();
    assert.equal(exitCode, 0, screen);
    assert.match(screen, /\nTo create \(\d+\)\n {2}USERNAME +ACTIVE +ORG +ROLES\n/);
    assert.match(screen, /\n {2}and \d+ more\n/);
    assert.match(screen, /All of them:\n {2}c42uds --report plan\.html\n {2}c42uds \| less\n/);
  });

  it('writes every form of a report, and prints the result alone with --json', async () => {
    const words = ['--sync-now', '--json', '--report', 'r.html', 'r.json', 'r.csv', 'r.jsonl'];
    const run = await installation.run(words);
    assertExit(run, 0);
    const result = JSON.parse(run.stdout) as { confirmed: { CREATE: number } };
    assertPublished('run.json', result);
    const report = JSON.parse(readFileSync(installation.path('r.json'), 'utf8')) as { users: unknown[] };
    assertPublished('report.json', report);
    assert.equal(report.users.length, result.confirmed.CREATE);
    assert.match(readFileSync(installation.path('r.html'), 'utf8'), /^<!doctype html>[^]*<\/html>\n$/);
    assert.equal(statSync(installation.path('r.html')).mode & 0o777, 0o600);
  });

  it('lists the run and the changes of a user', async () => {
    const runs = await installation.run(['history', '--json']);
    assertExit(runs, 0);
    assertPublished('history.json', JSON.parse(runs.stdout));
    const report = JSON.parse(readFileSync(installation.path('r.json'), 'utf8')) as {
      users: { userName: string }[];
    };
    const [first] = report.users;
    const shown = await installation.run(['history', first?.userName ?? '']);
    assertExit(shown, 0);
    assert.match(shown.stdout, /UTC {2}created /);
  });
});
