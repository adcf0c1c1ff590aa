/** What the service holds otherwise than it was sent, as the state port has it. */

import type { UserAttribute, UserResource } from './user.ts';

/** An account whose deactivation the service took while it went on showing it as active. */
export interface OpenClosure {
  readonly identity: string;
  readonly userName: string;
  /** When it was seen first; ISO 8601, UTC. */
  readonly since: string;
}

/** What the service's own answers show otherwise than it was sent. It is not sent again for that, but by a full sync. */
export interface Deviations {
  /**
   * Notes what an answer to these attributes showed instead of them, at once; what it shows as sent is forgotten. Returns
   * whether it shows anything that was not known before.
   */
  note(identity: string, sent: readonly UserAttribute[], holds: Partial<UserResource>): boolean;
  /** Users of whom the service holds something otherwise. */
  count(): number;
  /** Closed accounts that were seen as active, long enough ago for a service that closes them with some delay. */
  openClosures(): readonly OpenClosure[];
  /** The account has been seen closed, or is gone. */
  closed(identity: string): void;
}
