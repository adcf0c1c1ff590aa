/** The first run: the questions of the vendor's article, `config.properties`, and the three default scripts. */

import { accessSync, chmodSync, constants, copyFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { writeInitialConfig } from '../config/configuration-changes.ts';
import { namesNoServer } from '../config/cross-checks.ts';
import { readOptionValue } from '../config/option-values.ts';
import { OPTIONS } from '../config/options.ts';
import type { OptionKey } from '../config/options.ts';
import { SECRET_KEYS } from '../config/secret-properties.ts';
import { fileProblem } from '../lib/file-problem.ts';
import { EXIT_CODES, RunError } from '../model/errors.ts';
import type { ExitCode } from '../model/errors.ts';
import type { Log } from '../model/ports.ts';
import { sealPassword } from './passwords.ts';
import { openPrompts } from './prompts.ts';
import type { Prompts } from './prompts.ts';
import type { Session } from './session.ts';

/** The order, and the spelling `ldap.base.url`, are the article's. */
const QUESTIONS: readonly { readonly key: OptionKey; readonly asked: string; readonly hint: string }[] = [
  { key: 'ldap.baseurl', asked: 'ldap.base.url', hint: 'ldap://<host>:<port>' },
  { key: 'ldap.baseDn', asked: 'ldap.baseDn', hint: 'OU=Users,DC=example,DC=com' },
  { key: 'ldap.bind.user', asked: 'ldap.bind.user', hint: 'user@domain.com, domain\\user or a DN' },
  { key: 'ldap.bind.password', asked: 'ldap.bind.password', hint: 'not shown' },
  { key: 'scim.baseurl', asked: 'scim.baseurl', hint: 'the base URL from the console' },
  { key: 'scim.username', asked: 'scim.username', hint: 'the username from the console' },
  { key: 'scim.password', asked: 'scim.password', hint: 'not shown' },
];

const SCRIPTS = [
  { name: 'SCRIPT_ACTIVE_FILE', file: OPTIONS['script.active.location'].default },
  { name: 'SCRIPT_ORG_FILE', file: OPTIONS['script.org.location'].default },
  { name: 'SCRIPT_ROLE_FILE', file: OPTIONS['script.role.location'].default },
] as const;

/**
 * Asks, then writes; until the last answer is given, nothing is.
 * @param path absolute path of the configuration to write
 * @throws RunError FOLDER_READ_ONLY, INTERRUPTED
 */
export async function setUp(path: string, session: Session): Promise<ExitCode> {
  const { log } = session.openLog;
  // Before the questions: nobody should type seven answers in vain.
  requireWritable(dirname(path));
  log.info('main', `There is no configuration yet. The answers will be written to ${path}`);
  log.info(
    'main',
    'Seven questions, two of them for passwords, which are entered twice. Ctrl-C writes nothing.',
  );
  const answers = await ask(await openPrompts(session), (secret) => {
    session.openLog.redact(secret);
  });
  for (const key of SECRET_KEYS.filter((secret) => answers[secret] !== undefined))
    answers[key] = await sealPassword(key, answers[key] ?? '', path, OPTIONS['secret.store'].default);
  log.info('main', `Writing configuration properties to ${basename(path)}`);
  writeInitialConfig(path, { ...locations(session), ...answers });
  log.info('main', `Creating new config file: ${path}`);
  await copyScripts(dirname(path), log);
  log.info('main', 'Next: edit the three scripts, which provision nobody as they are.');
  log.info(
    'main',
    'Then run c42uds: it tests both connections and shows what would change, and writes nothing.',
  );
  return EXIT_CODES.DONE;
}

function requireWritable(folder: string): void {
  try {
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new RunError(
      'FOLDER_READ_ONLY',
      missing
        ? `The folder ${folder} does not exist: the configuration cannot be written there.`
        : `The configuration cannot be written to the folder ${folder}.`,
      { ...(missing ? { fix: 'Create the folder first.' } : {}), cause },
    );
  }
}

/** Where a service manager or a package wants state and logs: the variables of systemd.exec(5). */
function locations({ env }: Session): Partial<Record<OptionKey, string>> {
  const { STATE_DIRECTORY: state, LOGS_DIRECTORY: logs } = env;
  return {
    ...(state === undefined || state === '' ? {} : { 'state.location': join(state, 'state.db') }),
    ...(logs === undefined || logs === '' ? {} : { 'log.location': logs }),
  };
}

async function ask(
  prompts: Prompts,
  redact: (secret: string) => void,
): Promise<Partial<Record<OptionKey, string>>> {
  const answers: Partial<Record<OptionKey, string>> = {};
  for (const { key, asked, hint } of QUESTIONS) {
    const message = `${asked} (${hint})`;
    if (OPTIONS[key].kind !== 'SECRET') {
      answers[key] = await prompts.text(message, (answer) => complaint(key, answer));
      continue;
    }
    const secret = await askTwice(prompts, asked, message);
    redact(secret);
    answers[key] = secret;
  }
  return answers;
}

async function askTwice(prompts: Prompts, asked: string, message: string): Promise<string> {
  let note = '';
  for (;;) {
    const first = await prompts.hidden(note + message, required);
    const second = await prompts.hidden(`${asked} (again)`, required);
    if (first === second) return first;
    note = 'The two differ, once more: ';
  }
}

function required(answer: string): true | string {
  return answer === '' ? 'An answer is needed.' : true;
}

/** Light checks: what the answer cannot be. Whether it is right, the first dry run finds out. */
function complaint(key: OptionKey, answer: string): true | string {
  if (answer === '') return required(answer);
  const read = readOptionValue(OPTIONS[key], answer, '.');
  if (!read.ok) return `This ${read.problem}`;
  if (key === 'ldap.baseurl' && answer.trim().split(/\s+/).some(namesNoServer))
    return 'The host is missing: ldap://<host>:<port>';
  if (key === 'ldap.baseDn' && !answer.includes('=')) return 'A DN is needed, such as DC=example,DC=com';
  return true;
}

async function copyScripts(folder: string, log: Log): Promise<void> {
  const { defaultScriptsFolder } = await import('../sandbox/judge.ts');
  for (const { name, file } of SCRIPTS) {
    const target = join(folder, file);
    try {
      copyFileSync(join(defaultScriptsFolder(), file), target, constants.COPYFILE_EXCL);
      // Whoever can write a script decides who is active, whatever the umask is here.
      chmodSync(target, statSync(target).mode & 0o755);
      log.info('main', `Created default script for ${name} in file ${target}`);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw new RunError(
          'FOLDER_READ_ONLY',
          `Cannot write the default script ${target}: ${fileProblem(cause)}.`,
          {
            cause,
          },
        );
      }
      log.info('main', `Kept the script for ${name} that is already there: ${target}`);
    }
  }
}
