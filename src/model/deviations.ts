/** What the service holds otherwise than it was sent, as the state port has it. */

/** An account whose deactivation the service took while it went on showing it as active. */
export interface OpenClosure {
  readonly identity: string;
  readonly userName: string;
  /** When it was seen first; ISO 8601, UTC. */
  readonly since: string;
}

/** What the service's own answers show otherwise than it was sent. It is not sent again for that, but by a full sync. */
export interface Deviations {
  /** Users of whom the service holds something otherwise. */
  count(): number;
  /** Closed accounts that were seen as active, long enough ago for a service that closes them with some delay. */
  openClosures(): readonly OpenClosure[];
  /** The account has been seen closed, or is gone. */
  closed(identity: string): void;
  /**
   * Users whose change of `active` was refused or never answered, whose turn to be read again has come, and whom this run
   * has not read: after complete reads they have no entry any more, and their accounts may be open. By userName.
   */
  leftOpen(): readonly { readonly identity: string; readonly userName: string }[];
  /** Nothing is left to be done for a user of {@link leftOpen}. */
  release(identity: string): void;
}
