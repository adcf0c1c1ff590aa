/** What the state remembers of the runs themselves. */

export interface RunRecord {
  /** On each line of the run in the log files; `null` of a run before ids were kept. */
  readonly runId: string | null;
  readonly mode: string;
  readonly scope: string;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly exitCode: number;
  readonly counts: Readonly<Record<string, number>>;
}

/** One row for each live run. */
export interface RunLog {
  /** When the latest of them began, the latest first. */
  starts(): readonly Date[];
  /**
   * How many accounts runs have deactivated in the last 24 hours, or since a plan was approved, that have not become active
   * again; 0 where the log of changes is not kept.
   */
  deactivatedLately(): number;
  /**
   * A plan was approved and carried out.
   * @param reviewed whether its deactivations were: then {@link deactivatedLately} begins anew
   */
  noteApproval(reviewed: boolean): void;
  /** How many plans were approved and carried out so far. */
  approvals(): number;
  /** Whether the clock is behind the last run that was carried out for everybody: what it did by date was done too early. */
  clockWentBack(): boolean;
  /** Whether a live run has ever been carried out for everybody: before that, all creations are a first synchronization. */
  hadWholeRun(): boolean;
  noteWholeRun(): void;
  add(run: Omit<RunRecord, 'runId'>): void;
}
