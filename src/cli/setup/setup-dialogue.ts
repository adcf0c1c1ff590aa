/** The questions of the set-up, in the order of the vendor's article, each group tried before the next is asked. */

import { readOptionValue } from '../../config/option-values.ts';
import { namesNoServer } from '../../config/cross-checks.ts';
import { OPTIONS } from '../../config/options.ts';
import type { OptionKey } from '../../config/options.ts';
import type { SecretKey } from '../../config/secret-properties.ts';
import { RunError } from '../../model/errors.ts';
import type { Choice, Prompts } from '../prompts.ts';
import type { Session } from '../session.ts';
import {
  serverSentences,
  testDirectory,
  testServer,
  testService,
  testServiceAddress,
} from './answer-tests.ts';
import type { CertificateTrust } from './certificate-trust.ts';
import type { SetupAnswers } from './setup-answers.ts';

/** The spelling `ldap.base.url` is the article's. */
const QUESTIONS = {
  'ldap.baseurl': { asked: 'ldap.base.url', hint: 'ldap://<host>:<port>' },
  'ldap.baseDn': { asked: 'ldap.baseDn', hint: 'OU=Users,DC=example,DC=com' },
  'ldap.bind.user': { asked: 'ldap.bind.user', hint: 'user@domain.com, domain\\user or a DN' },
  'ldap.bind.password': { asked: 'ldap.bind.password', hint: 'not shown' },
  'scim.baseurl': { asked: 'scim.baseurl', hint: 'the base URL from the console' },
  'scim.username': { asked: 'scim.username', hint: 'the username from the console' },
  'scim.password': { asked: 'scim.password', hint: 'not shown' },
} as const satisfies Partial<Record<OptionKey, { asked: string; hint: string }>>;

type Question = keyof typeof QUESTIONS;

/** What a person does about an answer that has failed its test. */
type Way = 'AGAIN' | 'TRUST' | 'KEEP' | 'STOP';

/** Thrown where a person chooses to stop; the answers are then kept for the next time. */
export class SetupStopped extends Error {}

export class SetupDialogue {
  readonly #prompts: Prompts;
  readonly #answers: SetupAnswers;
  readonly #session: Session;
  readonly #trust: CertificateTrust;
  #bases: readonly string[] = [];
  /** Tests that a person has gone on without. */
  #kept = 0;

  constructor(prompts: Prompts, answers: SetupAnswers, session: Session, trust: CertificateTrust) {
    this.#prompts = prompts;
    this.#answers = answers;
    this.#session = session;
    this.#trust = trust;
  }

  /** @returns how many groups of answers were kept though their test had failed. @throws SetupStopped, RunError INTERRUPTED */
  async hold(): Promise<number> {
    await this.#untilProven(
      () => this.#ask(['ldap.baseurl']),
      () => this.#tryServer(),
    );
    await this.#untilProven(
      (error) => this.#ask(this.#directoryQuestions(error)),
      async () => {
        const settings = this.#answers.settings();
        return testDirectory(settings, await this.#answers.secret('ldap.bind.password'), this.#session);
      },
    );
    await this.#untilProven(
      () => this.#ask(['scim.baseurl']),
      () => testServiceAddress(this.#answers.settings(), this.#session),
    );
    await this.#untilProven(
      (error) => this.#ask(this.#serviceQuestions(error)),
      async () => {
        const password = await this.#answers.secret('scim.password');
        return testService(this.#answers.settings(), password ?? '', this.#session);
      },
    );
    return this.#kept;
  }

  /** Asks, tries, and asks again until it works or a person decides otherwise. */
  async #untilProven(
    ask: (error: RunError | null) => Promise<void>,
    test: () => Promise<readonly string[]>,
  ): Promise<void> {
    await ask(null);
    for (;;) {
      const error = await this.#tried(test);
      if (error === null) return;
      const way = await this.#wayOn(error);
      if (way === 'STOP') throw new SetupStopped('The set-up was stopped.');
      if (way === 'KEEP') {
        this.#kept += 1;
        return;
      }
      if (way === 'AGAIN') await ask(error);
    }
  }

  async #tried(test: () => Promise<readonly string[]>): Promise<RunError | null> {
    const { terminal, signal } = this.#session;
    terminal.out('  Trying ...');
    await terminal.flush();
    try {
      for (const line of await test()) terminal.out(`  OK: ${this.#session.openLog.redacted(line)}`);
      return null;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof RunError)) throw error;
      for (const line of error.message.split('\n'))
        terminal.out(`  FAILED: ${this.#session.openLog.redacted(line)}`);
      terminal.out(`  ${this.#session.openLog.redacted(error.fix)}`);
      return error;
    }
  }

  async #wayOn(error: RunError): Promise<Way> {
    const offer = await this.#trust.offer(error);
    for (const line of offer?.lines ?? [])
      this.#session.terminal.out(`  ${this.#session.openLog.redacted(line)}`);
    const choices: Choice<Way>[] = [
      { value: 'AGAIN', name: 'Answer again' },
      ...(offer === null ? [] : [{ value: 'TRUST' as const, name: offer.question }]),
      { value: 'KEEP', name: 'Keep the answer nevertheless' },
      { value: 'STOP', name: 'Stop, and keep the answers for the next time' },
    ];
    const way = await this.#prompts.choose('What now?', choices);
    if (way === 'TRUST') offer?.accept();
    return way;
  }

  async #tryServer(): Promise<readonly string[]> {
    const look = await testServer(this.#answers.settings(), this.#session);
    this.#bases = look.bases;
    if (!look.encrypted && !look.loopback && look.startTls) {
      const way = await this.#prompts.choose('The server can encrypt this connection by StartTLS.', [
        { value: 'YES', name: 'Encrypt (ldap.connection.starttls=true)' },
        { value: 'NO', name: 'Leave it in clear' },
      ]);
      if (way === 'YES') {
        this.#answers.set('ldap.connection.starttls', 'true');
        return serverSentences(await testServer(this.#answers.settings(), this.#session));
      }
    }
    return serverSentences(look);
  }

  /** A bind that was refused says nothing of the base, and a base that is not there nothing of the bind. */
  #directoryQuestions(error: RunError | null): Question[] {
    const bind: Question[] =
      this.#answers.settings()['ldap.bind.authtype'] === 'SIMPLE'
        ? ['ldap.bind.user', 'ldap.bind.password']
        : [];
    if (error?.code === 'DIRECTORY_SEARCH') return ['ldap.baseDn'];
    if (error?.code === 'DIRECTORY_REFUSED' && bind.length > 0) return bind;
    return ['ldap.baseDn', ...bind];
  }

  /** A path that is wrong shows only here, as every path may want credentials; only a refusal says that it was right. */
  #serviceQuestions(error: RunError | null): Question[] {
    if (error?.code === 'SERVICE_UNREACHABLE') return ['scim.baseurl'];
    const basic = this.#answers.settings()['scim.auth.type'] === 'BASIC';
    return [...(basic ? (['scim.username'] as const) : []), 'scim.password'];
  }

  async #ask(questions: readonly Question[]): Promise<void> {
    for (const key of questions) {
      const { asked, hint } = QUESTIONS[key];
      if (isSecret(key)) await this.#askSecret(key, asked, hint);
      else {
        const initial = this.#answers.text(key) ?? (key === 'ldap.baseDn' ? this.#bases[0] : undefined);
        const message = `${asked} (${hint})`;
        const answer = await this.#prompts.text(message, (text) => complaint(key, text), initial);
        this.#answers.set(key, answer);
      }
    }
  }

  async #askSecret(key: SecretKey & Question, asked: string, hint: string): Promise<void> {
    if (this.#answers.isElsewhere(key)) {
      this.#session.terminal.out(`  ${key} is kept outside of the configuration and stays there.`);
      return;
    }
    const stored = (await this.#answers.secret(key)) !== null;
    const shown = stored ? `${asked} (not shown; Enter keeps the one there is)` : `${asked} (${hint})`;
    let note = '';
    for (;;) {
      const first = await this.#prompts.hidden(note + shown, stored ? () => true : required);
      if (first === '') return;
      const second = await this.#prompts.hidden(`${asked} (again)`, required);
      if (first === second) {
        this.#answers.setSecret(key, first);
        return;
      }
      note = 'The two differ, once more: ';
    }
  }
}

function isSecret(key: Question): key is SecretKey & Question {
  return OPTIONS[key].kind === 'SECRET';
}

function required(answer: string): true | string {
  return answer === '' ? 'An answer is needed.' : true;
}

/** What the answer cannot be; whether it is right shows when it is tried. */
function complaint(key: OptionKey, answer: string): true | string {
  if (answer === '') return required(answer);
  const read = readOptionValue(OPTIONS[key], answer, '.');
  if (!read.ok) return `This ${read.problem}`;
  if (key === 'ldap.baseurl' && answer.trim().split(/\s+/).some(namesNoServer))
    return 'The host is missing: ldap://<host>:<port>';
  if (key === 'ldap.baseDn' && !answer.includes('=')) return 'A DN is needed, such as DC=example,DC=com';
  return true;
}
