/** A random world over real sockets: directory, service and scripts, their faults, and what must hold after each run. */

import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Settings } from '../../../src/config/options.ts';
import { readUser } from '../../../src/demo/scim-schema.ts';
import { RunError } from '../../../src/model/errors.ts';
import type { Log } from '../../../src/model/ports.ts';
import { HurriedClock } from '../../lib/hurried-clock.ts';
import { chanceOf, Dice } from './dice.ts';
import { directoryFaults } from './directory-faults.ts';
import type { Doom } from './doomed-state.ts';
import { FAULT_KINDS, FaultBook, type FaultKind } from './fault-kinds.ts';
import { FaultyService } from './faulty-service.ts';
import { Invariants, type RunWish } from './invariants.ts';
import { labRun, type LabOrder, type LabResult } from './lab-run.ts';
import { labBehaviour, labSettings, SCIM_LOGIN } from './lab-settings.ts';
import { BIND, People } from './people.ts';
import { childRun } from './child-run.ts';
import { ScriptSet, type JudgePool } from './scripts.ts';
import { ServiceFaults } from './service-faults.ts';
import { ServiceWatch } from './service-watch.ts';

export interface SocketLimits {
  readonly rounds: number;
  readonly people: number;
  /** Kinds of faults that do not happen, though the seed would have them. */
  readonly without: readonly FaultKind[];
}

export const USUAL_SOCKET_LIMITS: SocketLimits = { rounds: 6, people: 14, without: [] };

const USUAL_SHARE = 0.3;
/** A process of its own takes longer than a whole world without one. */
const SHARES: Partial<Record<FaultKind, number>> = { kill: 0.04 };
const HOUR_MS = 3_600_000;

export class SocketWorld implements AsyncDisposable {
  readonly invariants = new Invariants(() => this);
  readonly people: People;
  readonly service: FaultyService;
  readonly watch: ServiceWatch;
  readonly kinds: ReadonlySet<FaultKind>;
  readonly dice: Dice;
  /** What happened, for whoever looks for the cause. */
  readonly story: string[] = [];
  settings: Settings;
  faulty = true;
  scripts: ScriptSet;
  failureClockMs = Date.UTC(2026, 0, 1);
  readonly #seed: number;
  readonly #rates: { readonly directory: number; readonly service: number };
  readonly #folder = mkdtempSync(join(tmpdir(), 'c42uds-fault-lab-'));
  readonly #judges: JudgePool;
  readonly #clock = new HurriedClock();
  #runs = 0;

  constructor(seed: number, limits: SocketLimits, judges: JudgePool) {
    this.#seed = seed;
    this.#judges = judges;
    this.dice = new Dice(seed);
    const { dice } = this;
    const drawn = FAULT_KINDS.filter((kind) => dice.chance(SHARES[kind] ?? USUAL_SHARE));
    this.kinds = new Set(drawn.filter((kind) => !limits.without.includes(kind)));
    this.#rates = { directory: 0.03 + dice.next() * 0.15, service: 0.02 + dice.next() * 0.1 };
    const kind = dice.chance(0.6) ? 'ACTIVE_DIRECTORY' : 'OPENLDAP';
    // From the kinds that were drawn, not from those that are left: with fewer faults the rest stays the same.
    this.settings = labSettings(dice, kind, new Set(drawn), this.#folder);
    this.people = new People(kind, new Dice(seed + 1));
    this.watch = new ServiceWatch(this.#clock);
    this.service = new FaultyService(labBehaviour(dice, new Set(drawn)), this.watch);
    this.scripts = new ScriptSet(dice);
  }

  async start(people: number): Promise<void> {
    await this.people.start(2 + this.dice.below(3));
    await this.service.start();
    this.settings = {
      ...this.settings,
      'ldap.baseurl': this.people.url,
      'scim.baseurl': this.service.baseUrl,
    };
    for (let n = 0; n < people; n += 1) this.people.hire();
  }

  /** What happens between two runs. */
  async mishaps(round: number): Promise<void> {
    const { dice, people, kinds } = this;
    const happens = (kind: FaultKind, share: number): boolean => dice.chance(share) && kinds.has(kind);
    people.later(1 + dice.below(40));
    if (happens('twins', 0.4)) people.makeTwins();
    else if (dice.chance(0.7)) people.separateTwins();
    if (happens('otherServer', 0.4)) people.answering = 1 - people.answering;
    if (happens('clock', 0.3)) people.skewMs = dice.pick([-600_000, 0, 600_000]);
    if (happens('scripts', 0.2)) this.#changeScripts();
    if (happens('recreate', 0.5)) await this.#recreate();
    const path = this.settings['state.location'];
    if (happens('oldState', 0.2) && existsSync(`${path}.older`)) {
      // As the guide says, or in a hurry: then what a dead process has left beside the file is of another one.
      const isCareful = dice.chance(0.5);
      if (isCareful) for (const side of ['-wal', '-shm']) rmSync(path + side, { force: true });
      this.invariants.mayBeSpoilt = !isCareful && existsSync(`${path}-wal`);
      copyFileSync(`${path}.older`, path);
      // An account that neither the copy nor the directory knows of is nobody's: its owner cannot come back to it.
      people.banish();
      for (const person of people.all.values()) this.watch.doubt(person.identity);
      this.story.push('an older copy of the state was put back');
    } else if (existsSync(path) && round % 2 === 0) copyFileSync(path, `${path}.older`);
  }

  /** What was left to the service is wanted now: nobody can know that it happens to be what the service gave. */
  #changeScripts(): void {
    this.scripts = new ScriptSet(this.dice);
    for (const person of this.people.all.values()) this.watch.doubt(person.identity);
  }

  /** An administrator removes an account in the console, and perhaps makes it anew by hand. */
  async #recreate(): Promise<void> {
    const { store } = this.service;
    const account = this.dice.pick(store.all());
    if (account === undefined) return;
    store.remove(account.id);
    const how = this.dice.below(3);
    const bare = { ...account.resource };
    delete bare['externalId'];
    if (how > 0) await store.create(readUser(how === 1 ? account.resource : bare));
    this.watch.doubt(account.externalId ?? '');
    this.invariants.byHand.add(account.externalId ?? '');
    this.story.push(`by hand: ${account.userName} removed${how > 0 ? ' and made anew' : ''}`);
  }

  /** One run, with whatever may go wrong in it, and the invariants that hold after any run. */
  async run({ mode, scope = 'INCREMENTAL', limited = false }: RunWish): Promise<LabResult> {
    this.#runs += 1;
    const { people, service, watch, settings } = this;
    const book = new FaultBook();
    const isKilled = this.faulty && mode === 'LIVE' && this.#happens('kill', 0.25);
    this.#arm(book);
    watch.beginRun({
      threads: settings['scim.client.threads'],
      isOurs: !isKilled,
    });
    this.invariants.beginRun(this.#runs);
    const someone = this.dice.pick(people.here());
    const userNames = limited && someone !== undefined ? [`${someone.name}@example.com`] : null;
    const order: LabOrder = {
      request: { mode, scope, extraFilter: null, userNames },
      settings,
      bindPassword: BIND.bindPassword,
      scimPassword: SCIM_LOGIN.password,
      scopeKey: this.scripts.key,
      failureClock: new Date(this.failureClockMs).toISOString(),
    };
    this.story.push(`run ${this.#runs}: ${mode} ${scope}${limited ? ' limited' : ''}`);
    const result = isKilled ? await this.#killedRun(order) : await this.#ownRun(order);
    await service.settle();
    watch.endRun();
    if (isKilled) for (const person of people.all.values()) watch.doubt(person.identity);
    this.failureClockMs += this.dice.below(4) * HOUR_MS;
    this.story.push(...watch.lines.splice(0), ...book.hits.map((hit) => `fault: ${hit}`));
    this.story.push(`ended with ${result.exitCode ?? 'death'}: ${result.words}`);
    this.invariants.endRun({ mode, scope, limited }, result, book);
    return result;
  }

  #happens(kind: FaultKind, share: number): boolean {
    return this.kinds.has(kind) && chanceOf(this.#seed, this.#runs, kind, 'happens') < share;
  }

  /** Nothing goes wrong any more: faults that are still drawn are not committed. */
  #arm(book: FaultBook): void {
    const { people, service, watch, kinds, faulty } = this;
    const common = { seed: this.#seed, run: this.#runs, kinds, book };
    const ignoresReferrals = this.settings['ldap.referral'] === 'IGNORE';
    const identityAttribute = people.kind === 'ACTIVE_DIRECTORY' ? 'objectGUID' : 'entryUUID';
    const draw = { ...common, rate: this.#rates.directory, ignoresReferrals, identityAttribute };
    people.misbehave(faulty ? directoryFaults(draw) : null);
    const faults = new ServiceFaults({ ...common, rate: this.#rates.service });
    service.draw = (request) => {
      const fault = faulty ? faults.next(request) : null;
      watch.faulted(fault);
      return fault;
    };
  }

  async #ownRun(order: LabOrder): Promise<LabResult> {
    const controller = new AbortController();
    const dies = this.faulty && this.#happens('crash', 0.5);
    const share = chanceOf(this.#seed, this.#runs, 'when');
    const doom: Doom = {
      atWrite: dies ? 1 + Math.floor(share * share * 40) : null,
      done: chanceOf(this.#seed, this.#runs, 'done') < 0.5,
      onDeath: () => controller.abort(new RunError('INTERRUPTED', 'killed')),
    };
    if (this.faulty && this.#happens('interrupt', 0.3))
      this.#interruptAt(1 + Math.floor(share * 12), controller);
    const judge = await this.#judges.judgeFor(this.scripts);
    return labRun(order, { judge, clock: this.#clock, log: this.#log, doom, watch: this.watch, controller });
  }

  #interruptAt(request: number, controller: AbortController): void {
    this.#atRequest(request, () => controller.abort(new RunError('TERMINATED', 'SIGTERM')));
  }

  /** A process of its own, ended by SIGKILL at the nth request; it may come to its end before. */
  async #killedRun(order: LabOrder): Promise<LabResult> {
    const child = childRun(order, this.scripts.texts);
    const share = chanceOf(this.#seed, this.#runs, 'kill at');
    this.#atRequest(1 + Math.floor(share * 25), () => child.kill());
    return child.result;
  }

  #atRequest(number: number, work: () => void): void {
    const { service } = this;
    const { draw } = service;
    let seen = 0;
    service.draw = (request) => {
      seen += 1;
      if (seen === number) work();
      return draw(request);
    };
  }

  readonly #log: Log = {
    error: (component, message) => void this.watch.lines.push(`ERROR ${component} ${message}`),
    warn: (component, message) => void this.watch.lines.push(`WARN ${component} ${message}`),
    info: (component, message) => void this.watch.lines.push(`INFO ${component} ${message}`),
    debug: (component, message) => void this.watch.lines.push(`     ${component} ${message}`),
    trace: () => undefined,
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await this.service.stop();
    await this.people.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
