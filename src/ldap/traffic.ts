/** Counts what goes over all connections of a run, and shows it to `--trace`. */

import type { MessageTrace } from './message-trace.ts';

export class Traffic {
  requests = 0;
  entries = 0;
  bytesSent = 0;
  bytesRead = 0;
  readonly #trace: MessageTrace | null;

  constructor(trace: MessageTrace | null = null) {
    this.#trace = trace;
  }

  /** `null` where nobody asked for each message. No member of its own: the counts are copied as they are. */
  get trace(): MessageTrace | null {
    return this.#trace;
  }
}
