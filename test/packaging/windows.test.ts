/** The scheduled task of Windows and the script that registers it, as far as they can be read without Windows. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

const FOLDER = join(import.meta.dirname, '../../packaging/windows');
const script = readFileSync(join(FOLDER, 'register-task.ps1'), 'utf8');
const task = readFileSync(join(FOLDER, 'c42uds-task.xml'), 'utf8');

describe('the task for the Task Scheduler', () => {
  it('is well-formed: every element that is opened is closed, in order', () => {
    const open: string[] = [];
    for (const [, end, name = ''] of task.replace(/^<\?xml.*?\?>/, '').matchAll(/<(\/?)(\w+)[^<>]*>/g)) {
      if (end === '') open.push(name);
      else assert.equal(open.pop(), name);
    }
    assert.deepEqual(open, []);
  });

  it('has the elements of triggers and actions in the order in which the schema of the Task Scheduler wants them', () => {
    const inOrder = (names: readonly string[]): void => {
      const places = names.map((name) => task.indexOf(`<${name}>`));
      assert.ok(
        places.every((place) => place > 0) && places.join() === places.toSorted((a, b) => a - b).join(),
        names.join(),
      );
    };
    inOrder([
      'Interval',
      'Duration',
      'StopAtDurationEnd',
      'StartBoundary',
      'RandomDelay',
      'ScheduleByDay',
      'DaysInterval',
    ]);
    inOrder(['UserId', 'LogonType', 'RunLevel']);
    inOrder(['Command', 'Arguments', 'WorkingDirectory']);
  });

  it('runs live with a configuration by its whole path, never twice at once, and is not killed in the middle', () => {
    assert.match(task, /<Arguments>--sync-now --config "@CONFIG@"<\/Arguments>/);
    assert.match(task, /<MultipleInstancesPolicy>IgnoreNew</);
    assert.match(task, /<ExecutionTimeLimit>PT0S</);
    assert.match(task, /<AllowHardTerminate>false</);
    assert.match(task, /<RunLevel>LeastPrivilege</);
  });
});

/** A line of PowerShell without its strings: in double quotes a backtick takes the meaning of the next character away. */
function withoutStrings(line: string): string {
  return line.replaceAll(/'[^']*'|"(?:`.|[^"`])*"/g, '');
}

describe('the script that registers the task', () => {
  it('fills in every placeholder of the task, and knows no other, and escapes what it fills in', () => {
    const places = new Set(task.match(/@[A-Z]+@/g));
    const filled = new Set([...script.matchAll(/^ {4}'(@[A-Z]+@)' +=/gm)].map(([, name]) => name));
    assert.deepEqual(filled, places);
    assert.match(script, /\[Security\.SecurityElement\]::Escape\(\$values\[\$name\]\)/);
  });

  it('asks for the password once, hands it to the Task Scheduler only, and refuses another user name before it does', () => {
    const [asked, refused, registered] = [
      script.indexOf('Get-Credential -UserName $runAs'),
      script.search(/if \(\$credential\.UserName\.TrimStart\('\\'\) -ne \$runAs\) \{\n\s+throw /),
      script.indexOf('-Password $credential.GetNetworkCredential().Password'),
    ];
    assert.ok(0 < asked && asked < refused && refused < registered, `${asked} ${refused} ${registered}`);
    assert.equal(script.split('GetNetworkCredential').length, 2);
    assert.doesNotMatch(script, /Write-(?:Output|Host|Verbose)[^\n]*\$credential/);
  });

  it('stops where somebody else has elevated it, and where the account cannot read its passwords, before it registers', () => {
    const registered = script.indexOf('Register-ScheduledTask -TaskName');
    const withPassword = script.lastIndexOf('Register-ScheduledTask -TaskName');
    const elevated = script.search(/if \([^\n]*\$signedIn -notcontains \$self\) \{\n\s+throw /);
    const encrypted = script.search(/if \(\$ServiceAccount -and [^\n]*ENC\\b[^\n]*\) \{\n\s+throw /);
    assert.ok(0 < elevated && elevated < encrypted && encrypted < registered);
    const unreadable = script.search(/if \(\$result -ne 0\) \{\n\s+throw /);
    assert.ok(registered < unreadable && unreadable < withPassword);
    assert.match(script, /^#Requires -RunAsAdministrator$/m);
  });

  it('names no variable that it has not set, and closes each string on its line', () => {
    const code = script.replace(/<#[^]*?#>/, '').replace(/^\s*#.*$/gm, '');
    const set = new Set(
      [...code.matchAll(/\$(\w+) = |\] \$(\w+)|foreach \(\$(\w+) in/g)].map((m) => m[1] ?? m[2] ?? m[3]),
    );
    const own = [
      'true',
      'null',
      '_',
      'PSScriptRoot',
      'PSCmdlet',
      'LASTEXITCODE',
      'env',
      'ErrorActionPreference',
    ];
    for (const [, name = ''] of code.replaceAll(/`\$/g, '').matchAll(/\$(\w+)/g))
      assert.ok(set.has(name) || own.includes(name), name);
    for (const line of code.split('\n')) assert.equal(withoutStrings(line).search(/['"]/), -1, line);
  });

  it('has as many brackets of each kind opened as closed', () => {
    const code = script.replace(/<#[^]*?#>/, '').replace(/^\s*#.*$/gm, '');
    for (const [left, right] of ['()', '{}', '[]'])
      assert.equal(code.split(left ?? '').length, code.split(right ?? '').length, `${left} ${right}`);
  });

  it('says where it is described that nobody has run it on Windows', () => {
    const guide = readFileSync(join(FOLDER, '../../docs/operating.md'), 'utf8');
    for (const text of [script, guide])
      assert.match(text.replaceAll(/\s+/g, ' '), /nobody has run (?:it|them) there yet/);
  });
});
