/** One user's failure: a value, not an exception, so that the others go on. */

export interface Failure {
  /** Where in the run the user failed. */
  readonly stage: 'READ' | 'SCRIPT' | 'MAPPING' | 'CONFLICT' | 'SEND';
  /** One sentence for an administrator: what happened and, where it helps, what to do. Holds no secret. */
  readonly message: string;
}
