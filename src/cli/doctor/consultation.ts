/** What all checks work with: the installation in question, and what has to be put away at the end. */

import type { Log } from '../../model/ports.ts';
import type { Session } from '../session.ts';

export class Consultation {
  /** The session for adapters: what they would warn of in a log becomes a part of the finding. */
  readonly session: Session;
  /** Absolute path of the configuration. */
  readonly configPath: string;
  readonly #warnings = new Set<string>();
  readonly #told = new Set<string>();
  readonly #endings: (() => Promise<void> | void)[] = [];

  constructor(session: Session, configPath: string) {
    this.configPath = configPath;
    const { openLog } = session;
    const log: Log = {
      ...openLog.log,
      error: (_component, message) => void this.#warnings.add(message),
      warn: (_component, message) => void this.#warnings.add(message),
      info: openLog.log.debug,
    };
    this.session = { ...session, openLog: { ...openLog, log } };
  }

  /** The warnings since the last call. Each is told once: several checks connect, and each is warned anew. */
  takeWarnings(): string[] {
    const taken = [...this.#warnings].filter((warning) => !this.#told.has(warning));
    for (const warning of taken) this.#told.add(warning);
    this.#warnings.clear();
    return taken;
  }

  /** To be called with what must be closed when the examination is over. */
  atEnd(close: () => Promise<void> | void): void {
    this.#endings.push(close);
  }

  /** Closes everything, the latest first. */
  async end(): Promise<void> {
    for (const close of this.#endings.splice(0).reverse()) await close();
  }
}
