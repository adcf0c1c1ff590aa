/** What the service holds otherwise than it was sent, as the state port has it. */

/** An account that is to be closed, and of which nobody knows that it is. */
export interface OpenClosure {
  readonly identity: string;
  readonly dn: string;
  readonly userName: string;
  readonly scimId: string;
  /** Since when; ISO 8601, UTC. */
  readonly since: string;
  /** Whether the service has shown it as active; else it has merely not been seen closed. */
  readonly isShown: boolean;
  /** Whether it is time to look at it: what the service has denied twice is asked for once more, after a day. */
  readonly isDue: boolean;
}

/** What the service's own answers show otherwise than it was sent. It is not sent again for that, but by a full sync. */
export interface Deviations {
  /** Users of whom the service holds something otherwise. */
  count(): number;
  /**
   * Users who are inactive as far as we know, and whose accounts have been shown as active, or never as closed, long enough
   * ago for a service that closes them with some delay: a deactivation that was taken without a word, or a reactivation
   * that was refused or never answered.
   */
  openClosures(): readonly OpenClosure[];
  /**
   * Users whose deactivation was refused or never answered, whose turn to be read again has come, and whom this run has
   * not read: after complete reads they have no entry any more, and their accounts may be open. By userName.
   */
  leftOpen(): readonly OpenClosure[];
  /** The externalId that the service was seen to hold instead of the one it was sent; none where there is no such. */
  externalIdsHeld(identity: string): readonly string[];
  /** Whether nobody has seen the account closed since a change was to close it, or to open it. */
  mayBeOpen(identity: string): boolean;
  /** The account has been seen open. One that had not been found before is closed as if it never had been tried. */
  seenOpen(identity: string): void;
  /** The account has been seen closed: it is remembered as inactive. */
  seenClosed(identity: string): void;
  /** The service says that there is no such account: forgotten once several runs were told so, over a day. */
  notFound(identity: string): void;
}
