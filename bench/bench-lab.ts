/** What the benchmarks of whole runs need: a loaded directory, a service, and an installation that knows both. */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { runMarkOf } from '../src/local/run-mark.ts';
import { PROGRAM } from '../test/e2e/command-line.ts';
import { Installation } from '../test/e2e/installation.ts';
import { startSlapd, type Slapd } from '../test/servers/slapd.ts';
import { seedState } from './seeded-state.ts';
import { measured, type Measured } from './measured.ts';

const PAGE_SIZE = '1000';
/** As the launchers of the packages and bin/c42uds.js with a runtime of its own start it. */
const NODE_FLAGS = ['--max-semi-space-size=8'];
/** The overlap of two incremental reads and the longest first read. */
const SETTLING_MS = 5 * 60_000;
const MOST_BY_A_RUN = 10_000;
const SERVICE_PASSWORD = 'Bench-passw0rd';

export class BenchLab implements AsyncDisposable {
  readonly slapd: Slapd;
  readonly users: number;
  readonly #service: ChildProcess;
  readonly serviceUrl: string;
  readonly #installation: Installation;
  readonly #folder: string;

  private constructor(
    users: number,
    folder: string,
    slapd: Slapd,
    service: ChildProcess,
    serviceUrl: string,
    installation: Installation,
  ) {
    this.users = users;
    this.#folder = folder;
    this.slapd = slapd;
    this.#service = service;
    this.serviceUrl = serviceUrl;
    this.#installation = installation;
  }

  /** The directory is loaded once for each number of users and kept in the cache. */
  static async open(users: number, cache: string): Promise<BenchLab> {
    const folder = join(cache, String(users));
    mkdirSync(folder, { recursive: true });
    const slapd = await startSlapd({ users, keptIn: join(folder, 'slapd') });
    const service = spawn(process.execPath, [join(import.meta.dirname, 'fast-service.ts')], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    if (service.stdout === null) throw new Error('the service has no standard output');
    const [port] = (await once(service.stdout, 'data')) as [Buffer];
    const serviceUrl = `http://127.0.0.1:${String(port).trim()}/scim/v2`;
    const installation = new Installation({
      'ldap.baseurl': slapd.url,
      'ldap.baseDn': slapd.baseDn,
      'ldap.bind.user': slapd.readerDn,
      'ldap.paging.size': PAGE_SIZE,
      'ldap.referral': 'IGNORE',
      'scim.baseurl': serviceUrl,
      'scim.username': 'bench@cloud.example.com',
    });
    await installation.storePasswords(slapd.readerPassword, SERVICE_PASSWORD);
    return new BenchLab(users, folder, slapd, service, serviceUrl, installation);
  }

  get statePath(): string {
    return this.#installation.path('state.db');
  }

  get stateBytes(): number {
    return statSync(this.statePath).size;
  }

  /** Runs c42uds, which must end with code 0. */
  async run(words: readonly string[], keep = false): Promise<Measured> {
    const done = await measured(process.execPath, [...NODE_FLAGS, PROGRAM, ...words], {
      cwd: this.#installation.folder,
      keep,
    });
    if (done.exitCode !== 0) throw new Error(`c42uds ${words.join(' ')} ended with ${done.exitCode}`);
    return done;
  }

  /**
   * Makes everybody known: a few by a first live run, whose figures are returned; many are written into the state once for
   * each number of users, since the first run of a million users would measure the service for an hour.
   */
  async knowEverybody(): Promise<(Measured & { readonly created: number }) | null> {
    const kept = join(this.#folder, 'state.db');
    const loaded = join(this.#folder, 'slapd', 'loaded');
    const few = this.users <= MOST_BY_A_RUN;
    if (!few && existsSync(kept) && statSync(kept).mtimeMs > statSync(loaded).mtimeMs) {
      copyFileSync(kept, this.statePath);
      await this.#adoptState();
      return null;
    }
    rmSync(kept, { force: true });
    if (!few) await seedState(this.statePath, this.slapd);
    await this.requests();
    const first = await this.run(['--sync-now', '--quiet']);
    const { POST = 0, PATCH = 0 } = await this.requests();
    if (few) return { ...first, created: POST };
    // Nobody may be new to a state that was written, or it is not what a run would have left.
    if (POST + PATCH > 0) throw new Error(`${POST} created and ${PATCH} updated`);
    copyFileSync(this.statePath, kept);
    return null;
  }

  /** Waits until the loading of the directory is as long ago as an incremental run may look back. */
  async settle(): Promise<void> {
    const loadedAtMs = statSync(join(this.#folder, 'slapd', 'loaded')).mtimeMs;
    await delay(Math.max(0, loadedAtMs + SETTLING_MS - Date.now()));
  }

  /** A state belongs to the service of its first run, which had another port. */
  async #adoptState(): Promise<void> {
    const { DatabaseSync } = await import('node:sqlite');
    const database = new DatabaseSync(this.statePath);
    database.prepare("UPDATE meta SET value = ? WHERE key = 'service'").run(this.serviceUrl);
    const number = database.prepare("SELECT value FROM meta WHERE key = 'run_number'").get()?.['value'];
    runMarkOf(this.statePath).raise(Number(number));
    database.close();
  }

  /** Requests by method since the last time. */
  async requests(): Promise<Record<string, number>> {
    const response = await fetch(`${this.serviceUrl}/counts`);
    return (await response.json()) as Record<string, number>;
  }

  ldapsearch(attributes: readonly string[]): Promise<Measured> {
    const { url, readerDn, readerPassword, baseDn } = this.slapd;
    return measured('ldapsearch', [
      ...['-x', '-LLL', '-H', url, '-D', readerDn, '-w', readerPassword, '-b', baseDn],
      ...['-E', `pr=${PAGE_SIZE}/noprompt`, '(objectClass=inetOrgPerson)', ...attributes],
    ]);
  }

  ldapts(attributes: readonly string[]): Promise<Measured> {
    const { url, readerDn, readerPassword, baseDn } = this.slapd;
    const script = join(import.meta.dirname, 'ldapts-read.ts');
    return measured(process.execPath, [
      script,
      url,
      readerDn,
      readerPassword,
      baseDn,
      PAGE_SIZE,
      ...attributes,
    ]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#installation.remove();
    this.#service.kill();
    await this.slapd.stop();
  }
}
