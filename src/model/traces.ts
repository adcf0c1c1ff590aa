/** What is remembered to notice what leaves no trace in the directory, as the state port has it. */

/** What is remembered of a user to notice what the directory does not mark as a change of his entry. */
export interface UserTrace {
  readonly identity: string;
  /** A digest of the attributes that change without a trace (memberOf); `null` where they are not compared. */
  readonly links: string | null;
  /** The next moment, ISO 8601, at which a script may decide otherwise though nothing has changed. */
  readonly dueAt: string | null;
}

export interface Traces {
  /** The attributes by which everybody's links are remembered; `null` where they are not. */
  attributes(): readonly string[] | null;
  /** Notes the traces of users who have been judged. Remembered when the run ends. */
  add(traces: readonly UserTrace[]): void;
  /** Compares users whom a sweep has found with what is remembered of them. */
  compare(found: readonly Pick<UserTrace, 'identity' | 'links'>[]): void;
  /** Users whose links are others than remembered, or of whom nothing is; without those whom this run has judged. */
  changed(): string[];
  /**
   * Users whom a read of identities has returned and of whom nothing is remembered, not even that no account is wanted for
   * them: they were never read, or not since a complete read last missed them. Without those whom this run has judged.
   */
  unjudged(): string[];
  /** Users whose moment has passed; without those whom this run has judged. */
  due(): string[];
}
