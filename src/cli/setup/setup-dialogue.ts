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
import type { NameCount } from './user-names.ts';

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

/** What a person does about answers that have failed their test: a number is that of the questions to answer again. */
type Way = `${number}` | 'TRUST' | 'KEEP' | 'STOP';

/** Questions that are asked and tried together. */
interface Group {
  readonly questions: readonly Question[];
  readonly test: () => Promise<readonly string[]>;
  /** What may be wrong after this error, the likeliest first: each is a list of questions to answer again. */
  readonly suspects: (error: RunError) => readonly (readonly Question[])[];
}

/** Thrown where a person chooses to stop; the answers are then kept for the next time. */
export class SetupStopped extends Error {}

export class SetupDialogue {
  readonly #prompts: Prompts;
  readonly #answers: SetupAnswers;
  readonly #session: Session;
  readonly #trust: CertificateTrust;
  #bases: readonly string[] = [];
  #names: NameCount | null = null;
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
    await this.#untilProven(this.#server());
    const bind = this.#bindQuestions();
    await this.#untilProven({
      questions: ['ldap.baseDn', ...bind],
      suspects: (error) => directorySuspects(error, bind),
      test: async () => {
        const settings = this.#answers.settings();
        const password = await this.#answers.secret('ldap.bind.password');
        const { lines, names } = await testDirectory(settings, password, this.#session);
        this.#names = names;
        return lines;
      },
    });
    await this.#askUserName();
    await this.#untilProven({
      questions: ['scim.baseurl'],
      suspects: () => [['scim.baseurl']],
      test: () => testServiceAddress(this.#answers.settings(), this.#session),
    });
    const credentials = this.#credentialQuestions();
    await this.#untilProven({
      questions: credentials,
      suspects: (error) => serviceSuspects(error, credentials),
      test: async () => {
        const password = await this.#answers.secret('scim.password');
        return testService(this.#answers.settings(), password ?? '', this.#session);
      },
    });
    return this.#kept;
  }

  #server(): Group {
    return {
      questions: ['ldap.baseurl'],
      suspects: () => [['ldap.baseurl']],
      test: () => this.#tryServer(),
    };
  }

  /** Only where it matters, and where nobody has decided it yet: it is none of the vendor's questions. */
  async #askUserName(): Promise<void> {
    if (this.#answers.text('ldap.attrib.userName') !== undefined) return;
    const question = this.#names?.question(this.#answers.again) ?? null;
    if (question === null) return;
    const order = await this.#prompts.choose(question.message, question.choices);
    this.#answers.set('ldap.attrib.userName', order);
  }

  /** Asks, tries, and asks again until it works or a person decides otherwise. */
  async #untilProven(group: Group): Promise<void> {
    await this.#ask(group.questions);
    for (;;) {
      const error = await this.#tried(group.test);
      if (error === null) return;
      const suspects = group.suspects(error);
      const way = await this.#wayOn(error, suspects);
      if (way === 'STOP') throw new SetupStopped('The set-up was stopped.');
      if (way === 'KEEP') {
        this.#kept += 1;
        return;
      }
      const questions = way === 'TRUST' ? [] : (suspects[Number(way)] ?? []);
      // Another server is looked at by itself before anybody binds to it.
      if (questions.includes('ldap.baseurl') && !group.questions.includes('ldap.baseurl'))
        await this.#untilProven(this.#server());
      else await this.#ask(questions);
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
      // No command helps where there is no configuration yet: what to answer again is offered below.
      if (!error.fix.includes('c42uds --')) terminal.out(`  ${this.#session.openLog.redacted(error.fix)}`);
      return error;
    }
  }

  async #wayOn(error: RunError, suspects: readonly (readonly Question[])[]): Promise<Way> {
    const offer = await this.#trust.offer(error);
    for (const line of offer?.lines ?? [])
      this.#session.terminal.out(`  ${this.#session.openLog.redacted(line)}`);
    const again = suspects.map((questions, at): Choice<Way> => {
      const named = questions.map((key) => QUESTIONS[key].asked).join(', ');
      return { value: `${at}`, name: `Answer again: ${named}` };
    });
    const choices: Choice<Way>[] = [
      ...again.slice(0, 1),
      ...(offer === null ? [] : [{ value: 'TRUST' as const, name: offer.question }]),
      ...again.slice(1),
      { value: 'KEEP', name: 'Keep the answers nevertheless' },
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

  #bindQuestions(): Question[] {
    const method = this.#answers.settings()['ldap.bind.authtype'];
    return method === 'SIMPLE' ? ['ldap.bind.user', 'ldap.bind.password'] : [];
  }

  #credentialQuestions(): Question[] {
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

/** A bind that was refused says nothing of the base, and a base that is not there nothing of the bind: it may be hidden. */
function directorySuspects({ code }: RunError, bind: readonly Question[]): readonly (readonly Question[])[] {
  const base = ['ldap.baseDn'] as const;
  const server = ['ldap.baseurl'] as const;
  if (code === 'DIRECTORY_SEARCH') return bind.length === 0 ? [base, server] : [base, bind, server];
  if (code === 'DIRECTORY_REFUSED' && bind.length > 0) return [bind, server];
  return [[...base, ...bind], server];
}

/** A path that is wrong shows only with the credentials, as any path may want some; a host that is wrong may refuse them. */
function serviceSuspects(
  { code }: RunError,
  credentials: readonly Question[],
): readonly (readonly Question[])[] {
  const address = ['scim.baseurl'] as const;
  return code === 'SERVICE_UNREACHABLE' ? [address, credentials] : [credentials, address];
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
