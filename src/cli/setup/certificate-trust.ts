/** Offers to trust the authority behind a directory's certificate, after a person has seen it. */

import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Session } from '../session.ts';
import type { RunError } from '../../model/errors.ts';
import type { SetupAnswers } from './setup-answers.ts';

export interface TrustOffer {
  /** What the server shows. */
  readonly lines: readonly string[];
  readonly question: string;
  /** From now on the authority is trusted; whether that is enough, the next try shows. */
  accept(): void;
}

export class CertificateTrust {
  readonly #answers: SetupAnswers;
  readonly #session: Session;
  #written: string | null = null;

  constructor(answers: SetupAnswers, session: Session) {
    this.#answers = answers;
    this.#session = session;
  }

  /** `null` where the failure is about something else, or where trust would not mend it. */
  async offer(error: RunError): Promise<TrustOffer | null> {
    if (!isAboutUnknownAuthority(error)) return null;
    const { shownCertificates } = await import('../../ldap/shown-certificates.ts');
    const settings = this.#answers.settings();
    const chain = await shownCertificates(
      settings['ldap.baseurl'],
      settings['ldap.connection.starttls'],
      settings['ldap.connection.timeout.period'],
    );
    this.#session.signal.throwIfAborted();
    const last = chain.at(-1);
    if (last === undefined) return null;
    const lines = chain.flatMap(({ subject, issuer, validTo, fingerprint }) => [
      `Certificate of ${subject}`,
      `  issued by ${issuer === subject ? 'itself' : issuer}, good until ${validTo}`,
      `  SHA-256 ${fingerprint}`,
    ]);
    return {
      lines: [...lines, 'Compare the fingerprint with what the administrators of the server say.'],
      question: `Trust ${last.subject}, and whomever it signs, for this directory`,
      accept: () => {
        this.#accept(last.pem, last.fingerprint);
      },
    };
  }

  /** Removes what was written for a set-up that has come to nothing. */
  discard(): void {
    if (this.#written !== null) rmSync(this.#written, { force: true });
    this.#written = null;
  }

  /** The set-up has come to its end, or its answers are kept: the file stays. */
  keep(): void {
    this.#written = null;
  }

  #accept(pem: string, fingerprint: string): void {
    // A name of its own for each: the file of an earlier answer may hold several authorities.
    const name = `ldap-ca-${fingerprint.replaceAll(':', '').slice(0, 8).toLowerCase()}.pem`;
    const path = join(dirname(this.#answers.path), name);
    if (!existsSync(path)) {
      writeFileSync(path, pem, { flag: 'wx', mode: 0o600 });
      this.#written = path;
    }
    this.#answers.set('ldap.connection.ca.file', name);
  }
}

/** An expired certificate, or one for another host, is not mended by trusting anybody. */
function isAboutUnknownAuthority(error: RunError): boolean {
  return (
    error.code === 'DIRECTORY_UNREACHABLE' &&
    /self-signed|signed by an authority that is not known/.test(error.message)
  );
}
