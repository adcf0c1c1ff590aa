/** `c42uds demo`: a whole synchronization on this machine, told step by step with the real program. */

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { writeInitialConfig } from '../config/configuration-changes.ts';
import { makeCompany } from '../demo/company.ts';
import { DEMO_SCRIPTS } from '../demo/demo-scripts.ts';
import { startDemoDirectory, type DemoDirectory } from '../demo/ldap-server.ts';
import { startDemoService, type DemoService } from '../demo/scim-service.ts';
import { CompanyStory, type Happening } from '../demo/story.ts';
import { EXIT_CODES, type ExitCode } from '../model/errors.ts';
import { SCHEMA_VERSION } from '../report/run-result.ts';
import type { DemoInvocation } from './invocation.ts';
import type { Session } from './session.ts';
import { PRETENDED_COLUMNS } from './terminal.ts';

const PEOPLE = 500;
const BIND_DN = 'CN=reader,OU=Service Accounts,DC=example,DC=com';
const BIND_PASSWORD = 'demo-ldap-password';
/** Lines of a command's output that are shown from its beginning and its end; the rest is counted. */
const HEAD_LINES = 9;
const TAIL_LINES = 12;
/** The table of a dry run is there to be looked at. */
const TABLE_LINES = 26;
const WHOLE_TABLE = 200;
const MARGIN = '  ';

/**
 * Plays the demo. Ends with 0 when every step did what it should, with 1 when one did not.
 * @throws RunError INTERRUPTED, TERMINATED
 */
export async function demonstrate(invocation: DemoInvocation, session: Session): Promise<ExitCode> {
  const company = makeCompany({
    kind: 'ACTIVE_DIRECTORY',
    size: PEOPLE,
    // In capitals, as Active Directory writes it.
    suffix: 'DC=example,DC=com',
  });
  const directory = await startDemoDirectory({
    kind: 'ACTIVE_DIRECTORY',
    suffix: company.suffix,
    entries: company.entries,
    bindDn: BIND_DN,
    bindPassword: BIND_PASSWORD,
  });
  const service = await startDemoService();
  const folder = mkdtempSync(join(tmpdir(), 'c42uds-demo-'));
  const stage = new Stage(session, folder, directory, service);
  try {
    stage.prepare(company.peopleBase);
    await stage.play(new CompanyStory(directory, company));
    stage.sayWhatNext(invocation.keep);
    const exitCode = stage.exitCode;
    const { commands, expectations } = stage;
    const places = { folder, directory: directory.url, service: service.baseUrl };
    const facts = { exitCode, kept: invocation.keep, ...places, commands, expectations };
    session.results.print({ type: 'demo', schemaVersion: SCHEMA_VERSION, ...facts });
    if (invocation.keep) await interrupted(session.signal);
    return exitCode;
  } finally {
    await directory.stop();
    await service.stop();
    if (!invocation.keep) rmSync(folder, { recursive: true, force: true });
  }
}

/** Resolves when the person has had enough. */
function interrupted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setInterval(() => undefined, 60_000);
    const done = (): void => {
      clearInterval(timer);
      resolve();
    };
    if (signal.aborted) done();
    signal.addEventListener('abort', done, { once: true });
  });
}

/** What a command is given, may end with, and how many lines of it are shown at first. */
interface Showing {
  readonly input?: string;
  readonly allowed?: readonly ExitCode[];
  readonly head?: number;
}

class Stage {
  /** Each command that was run, and what it ended with. */
  readonly commands: { command: string; exitCode: number | null; durationMs: number }[] = [];
  readonly expectations: { what: string; holds: boolean }[] = [];
  readonly #session: Session;
  readonly #folder: string;
  readonly #directory: DemoDirectory;
  readonly #service: DemoService;
  readonly #bold: (text: string) => string;

  constructor(session: Session, folder: string, directory: DemoDirectory, service: DemoService) {
    this.#session = session;
    this.#folder = folder;
    this.#directory = directory;
    this.#service = service;
    this.#bold = session.terminal.colours ? (text) => `\u001b[1m${text}\u001b[22m` : (text) => text;
  }

  get exitCode(): ExitCode {
    return this.expectations.every(({ holds }) => holds) ? EXIT_CODES.DONE : EXIT_CODES.UNEXPECTED;
  }

  prepare(baseDn: string): void {
    this.#heading('A demo directory, a demo SCIM service, a fresh folder');
    this.#say(`directory   ${this.#directory.url}   ${PEOPLE} made-up people in ${baseDn}`);
    this.#say(`service     ${this.#service.baseUrl}   empty; behaves like Code42's`);
    this.#say(`folder      ${this.#folder}   config.properties and three scripts`);
    writeInitialConfig(join(this.#folder, 'config.properties'), {
      'ldap.baseurl': this.#directory.url,
      'ldap.baseDn': baseDn,
      'ldap.bind.user': BIND_DN,
      'scim.baseurl': this.#service.baseUrl,
      'scim.username': this.#service.username,
      'scim.client.threads': '4',
      'missed.user.check': 'true',
      'deactivate.user.threshold': '2',
    });
    for (const [name, text] of Object.entries(DEMO_SCRIPTS)) writeFileSync(join(this.#folder, name), text);
  }

  async play(story: CompanyStory): Promise<void> {
    this.#heading('The passwords are stored encrypted, then both connections are tested');
    await this.#run(['--ldap-bind-password'], {
      input: BIND_PASSWORD,
      allowed: [EXIT_CODES.DONE, EXIT_CODES.USAGE],
    });
    await this.#run(['--scim-password'], { input: this.#service.password });

    this.#heading('A dry run: who would be created, and nothing is sent but GET');
    await this.#run([], { head: this.#session.terminal.isInteractive ? TABLE_LINES : HEAD_LINES });
    this.#expect(this.#service.requests().writes === 0, 'the service has seen no write');

    this.#heading('The first live run');
    await this.#run(['--sync-now']);
    this.#showService();

    this.#heading('Time passes');
    const happenings = [
      ...story.hires(5),
      ...story.disables(3),
      ...story.moves(3),
      ...story.marriages(2),
      ...story.promotions(2),
      ...story.deletions(2),
    ];
    for (const { text } of happenings) this.#say(text);

    this.#heading('A dry run: what that would change, and what decides it');
    await this.#run([], { head: this.#session.terminal.isInteractive ? WHOLE_TABLE : HEAD_LINES });

    this.#heading('An incremental live run sends these changes and nothing else');
    this.#service.resetRequests();
    await this.#run(['--sync-now']);
    const changed = happenings.filter(({ kind }) => kind !== 'DELETE').length;
    this.#expect(this.#service.requests().writes === changed, `${changed} changes cost ${changed} requests`);

    this.#heading('Nothing changed since; but the two deleted users are absent for the second time');
    this.#service.resetRequests();
    await this.#run(['--sync-now']);
    this.#showHappenings(happenings);
    this.#showService();
  }

  sayWhatNext(keep: boolean): void {
    this.#heading('Your own directory');
    this.#say(
      'In an empty folder of yours, run c42uds (here: node bin/c42uds.js). It asks for the address of',
    );
    this.#say('the directory, the search base, the account, and the same for the SCIM service; it writes');
    this.#say(
      'config.properties and three scripts that provision nobody. Edit the scripts, look at dry runs,',
    );
    this.#say('and when the plan is right: c42uds --sync-now. docs/operating.md goes on from there.');
    if (!keep) return;
    this.#heading('Both servers go on running until you press Ctrl-C');
    this.#say(`c42uds --config ${join(this.#folder, 'config.properties')} --full-sync`);
    this.#say(
      `ldapsearch -x -H ${this.#directory.url} -D '${BIND_DN}' -w ${BIND_PASSWORD} -b ${this.#directory.suffix}`,
    );
    this.#say(
      `curl -u ${this.#service.username}:${this.#service.password} '${this.#service.baseUrl}/Users?count=3'`,
    );
  }

  /** Runs the real program in the folder and shows the beginning and the end of what it prints. */
  async #run(
    flags: readonly string[],
    { input = '', allowed = [EXIT_CODES.DONE], head = HEAD_LINES }: Showing = {},
  ): Promise<void> {
    const { signal, terminal, programFolder } = this.#session;
    signal.throwIfAborted();
    terminal.out('');
    this.#say(this.#bold(`$ c42uds ${flags.join(' ')}`.trimEnd()));
    const started = performance.now();
    const child = spawn(process.execPath, [join(programFolder, 'bin', 'c42uds.js'), ...flags], {
      cwd: this.#folder,
      env: this.#environment(),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdin.end(input === '' ? '' : `${input}\n`);
    const lines: string[] = [];
    const both = [child.stdout, child.stderr].map(async (stream) => {
      for await (const line of createInterface({ input: stream })) lines.push(line);
    });
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    await Promise.all(both);
    const durationMs = performance.now() - started;
    const command = `c42uds ${flags.join(' ')}`.trimEnd();
    this.commands.push({ command, exitCode, durationMs: Math.round(durationMs) });
    const hidden = lines.length - head - TAIL_LINES;
    if (hidden > 1) lines.splice(head, hidden, `… ${hidden} more lines …`);
    for (const line of lines) this.#say(line);
    this.#say(`(exit code ${exitCode ?? 'none'}, ${(durationMs / 1000).toFixed(1)} s)`);
    if (!(allowed as readonly (number | null)[]).includes(exitCode)) {
      signal.throwIfAborted();
      this.#expect(false, `c42uds ${flags.join(' ')} ends with ${allowed.join(' or ')}`);
    }
  }

  /** Nothing of ours but how the output looks: as it would if the person had typed the command. */
  #environment(): Record<string, string> {
    const { terminal, env } = this.#session;
    if (!terminal.isInteractive) return {};
    const kept = ['NO_COLOR', 'TERM'].flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]));
    const columns = String(terminal.columns - MARGIN.length);
    return { ...(Object.fromEntries(kept) as Record<string, string>), [PRETENDED_COLUMNS]: columns };
  }

  #showService(): void {
    const users = this.#service.users();
    const active = users.filter((user) => user.active).length;
    const orgs = new Map<string, number>();
    for (const user of users) orgs.set(user.org, (orgs.get(user.org) ?? 0) + 1);
    const counts = [...orgs].sort((a, b) => b[1] - a[1]).map(([org, count]) => `${org} ${count}`);
    this.#say('');
    this.#say(
      `The service holds ${users.length} users, ${active} of them active, in ${orgs.size} organizations:`,
    );
    this.#say(counts.join(', '));
    this.#expect(this.#service.duplicateOrgs().length === 0, 'each organization exists once');
  }

  /** What the service now holds of each person to whom something happened. */
  #showHappenings(happenings: readonly Happening[]): void {
    this.#say('');
    for (const { kind, mail } of happenings) {
      const user = this.#service.find(mail);
      const held = user === null ? 'unknown' : `${user.active ? 'active' : 'inactive'}, ${user.org}`;
      this.#say(`${kind.toLowerCase().padEnd(10)} ${mail.padEnd(36)} ${held}`);
      const leaves = kind === 'DISABLE' || kind === 'DELETE';
      if (user === null || user.active === leaves)
        this.#expect(false, `${mail} is ${leaves ? 'inactive' : 'active'}`);
    }
  }

  #expect(holds: boolean, what: string): void {
    this.#say(`${holds ? '✓' : '✗ NOT TRUE:'} ${what}`);
    this.expectations.push({ what, holds });
  }

  #heading(text: string): void {
    this.#session.terminal.out('');
    this.#session.terminal.out(this.#bold(`== ${text} ==`));
  }

  #say(line: string): void {
    this.#session.terminal.out(MARGIN + line);
  }
}
