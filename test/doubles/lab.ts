/** A whole c42uds in memory around a real state file: the engine, a directory, a service, and runs on demand. */

import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runMarkOf } from '../../src/local/run-mark.ts';
import { openState, type OpenState } from '../../src/local/state.ts';
import type { Preview } from '../../src/model/plan.ts';
import type { Log } from '../../src/model/ports.ts';
import {
  managedAttributes,
  type RunObserver,
  type RunRequest,
  type RunRules,
  type RunSummary,
} from '../../src/model/run.ts';
import { run } from '../../src/sync/run.ts';
import { MemoryDirectory } from './memory-directory.ts';
import { MemoryService } from './memory-service.ts';
import { RuleJudge } from './rule-judge.ts';

export const RULES: RunRules = {
  mapping: {
    userName: ['mail'],
    email: 'mail',
    givenName: 'givenName',
    firstName: 'givenName',
    familyName: 'sn',
    title: 'title',
    userType: 'employeeType',
    country: 'c',
    department: 'department',
    division: 'division',
    manager: 'manager',
  },
  filesAttributeName: 'uid',
  workQueueSize: 50,
  adoptByUserName: false,
  clientThreads: 4,
  groupChanges: 'AUTO',
  missedUserCheck: false,
  deactivateUserThreshold: 2,
  deactivateMaxPercent: 100,
  deactivateMaxCount: 0,
  deactivateDayMaxPercent: 100,
  deactivateOrgMaxPercent: 100,
  absentMaxPercent: 50,
  createdMaxPercent: 100,
  failedMaxPercent: 20,
  clearedMaxPercent: 100,
  movedMaxPercent: 100,
  replacedMaxPercent: 100,
  deactivateUnitMaxPercent: 100,
  reactivatedMaxPercent: 100,
};

/** A file system in memory: the code is the same, and only what a power cut would take is not the same. */
const SHARED_MEMORY = '/dev/shm';

export interface LabRun extends RunSummary {
  readonly previews: readonly Preview[];
  readonly writes: readonly string[];
}

export class Lab implements Disposable {
  readonly folder: string;
  readonly directory = new MemoryDirectory();
  readonly service = new MemoryService();
  readonly judge = new RuleJudge();
  readonly logged: string[] = [];
  rules: RunRules = RULES;
  scopeKey = 'scope';
  populationKey = 'base';
  /** The clock of failures and their next attempts. */
  now = new Date('2026-01-01T00:00:00Z');
  controller = new AbortController();
  /** The scripts of the last live run, where a test says that they were others. */
  former: RuleJudge | null = null;
  /** What a test wants to be told of its runs. */
  observe: Partial<RunObserver> = {};

  /** @param where MEMORY puts the state file where no disk has to be waited for, if the system has such a place */
  constructor(where: 'DISK' | 'MEMORY' = 'DISK') {
    const parent = where === 'MEMORY' && existsSync(SHARED_MEMORY) ? SHARED_MEMORY : tmpdir();
    this.folder = mkdtempSync(join(parent, 'c42uds-lab-'));
  }

  get statePath(): string {
    return join(this.folder, 'state.db');
  }

  hire(name: string, attributes: Record<string, string | string[]> = {}): void {
    this.directory.put(`id-${name}`, dnOf(name), {
      uid: name,
      mail: `${name}@example.com`,
      sn: name,
      ...attributes,
    });
  }

  /** Runs once over a state file opened afresh, as every process does. */
  async run(request: Partial<RunRequest> = {}): Promise<LabRun> {
    const state = this.openState(request.mode ?? 'LIVE');
    const previews: Preview[] = [];
    const writesBefore = this.service.writes.length;
    try {
      const summary = await run({
        request: {
          ...{ mode: 'LIVE', scope: 'INCREMENTAL', extraFilter: null, userNames: null },
          ...request,
          ...(state.doubt === null ? {} : { scope: 'FULL' }),
        },
        rules: this.rules,
        directory: this.directory,
        judge: this.judge,
        ...(this.former === null
          ? {}
          : { former: { judge: this.former, changedScripts: ['orgscript.js'], since: null } }),
        reader: this.service,
        openWriter: request.mode === 'DRY' ? null : this.service.openWriter,
        state,
        log: this.log,
        observer: {
          stage: () => undefined,
          progress: () => undefined,
          preview: (preview) => previews.push(preview),
          ...this.observe,
        },
        signal: this.controller.signal,
      });
      return { ...summary, previews, writes: this.service.writes.slice(writesBefore) };
    } finally {
      state.close();
    }
  }

  openState(mode: 'DRY' | 'LIVE'): OpenState {
    const { statePath: path, scopeKey, populationKey } = this;
    return openState({
      path,
      mode,
      service: 'https://scim.example',
      scopeKey,
      populationKey,
      managed: managedAttributes(this.rules.mapping),
      mark: runMarkOf(path),
      now: () => this.now,
      history: { days: 90, sensitive: new Set() },
    });
  }

  /** As if somebody had deleted the state file. */
  forgetState(): void {
    for (const side of ['', '-wal', '-shm']) rmSync(this.statePath + side, { force: true });
  }

  copyState(name: string): void {
    copyFileSync(this.statePath, join(this.folder, name));
  }

  restoreState(name: string): void {
    copyFileSync(join(this.folder, name), this.statePath);
  }

  readonly log: Log = {
    error: (_, message) => this.logged.push(message),
    warn: (_, message) => this.logged.push(message),
    info: (_, message) => this.logged.push(message),
    debug: () => undefined,
    trace: () => undefined,
  };

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function dnOf(name: string): string {
  return `uid=${name},ou=people,dc=example,dc=com`;
}
