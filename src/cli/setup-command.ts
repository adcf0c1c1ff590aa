/** The set-up: questions whose answers are tried, `config.properties`, and the three default scripts. */

import { accessSync, chmodSync, constants, copyFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { OPTIONS } from '../config/options.ts';
import { fileProblem } from '../lib/file-problem.ts';
import { EXIT_CODES, RunError } from '../model/errors.ts';
import type { ExitCode } from '../model/errors.ts';
import type { Log } from '../model/ports.ts';
import { SCHEMA_VERSION } from '../report/run-result.ts';
import { counted } from '../report/quantity.ts';
import { managedLocations } from './managed-locations.ts';
import { needsBindPassword } from './passwords.ts';
import { openPrompts } from './prompts.ts';
import type { Session } from './session.ts';
import { CertificateTrust } from './setup/certificate-trust.ts';
import { SetupAnswers } from './setup/setup-answers.ts';
import { SetupDialogue, SetupStopped } from './setup/setup-dialogue.ts';

const SCRIPTS = [
  { name: 'SCRIPT_ACTIVE_FILE', file: OPTIONS['script.active.location'].default },
  { name: 'SCRIPT_ORG_FILE', file: OPTIONS['script.org.location'].default },
  { name: 'SCRIPT_ROLE_FILE', file: OPTIONS['script.role.location'].default },
] as const;

/**
 * Asks, tries each answer, then writes; until the last answer is given, nothing is, unless a person stops and wants the
 * answers kept. Where there is a configuration already, its values are offered.
 * @param path absolute path of the configuration to write
 * @throws RunError FOLDER_READ_ONLY, INTERRUPTED, COMMAND_LINE where there is nobody to ask
 */
export async function setUp(path: string, session: Session): Promise<ExitCode> {
  const { log } = session.openLog;
  if (!session.interactive) {
    throw new RunError(
      'COMMAND_LINE',
      'The set-up asks questions, and there is no terminal to ask them on.',
      {
        fix: 'Run it in a terminal, or copy config.properties.example and set the passwords with their commands.',
      },
    );
  }
  // Before the questions: nobody should type seven answers in vain.
  requireWritable(dirname(path));
  const answers = new SetupAnswers(path, session);
  for (const line of greeting(answers)) log.info('main', line);
  const trust = new CertificateTrust(answers, session);
  session.signal.addEventListener('abort', () => trust.discard(), { once: true });
  try {
    const kept = await new SetupDialogue(await openPrompts(session), answers, session, trust).hold();
    await write(answers, session);
    trust.keep();
    await showSample(answers, session);
    await tellNext(kept, answers, session);
    const facts = { configuration: path, created: !answers.again, failedAnswers: kept };
    session.results.print({ type: 'setup', schemaVersion: SCHEMA_VERSION, ...facts });
    return EXIT_CODES.DONE;
  } catch (error) {
    if (error instanceof RunError) throw endedEarly(error, answers);
    if (!(error instanceof SetupStopped)) throw error;
    await answers.saveUnfinished();
    trust.keep();
    throw new RunError(
      'INTERRUPTED',
      `The set-up was stopped. The answers are kept in ${answers.draftPath}`,
      {
        fix: 'c42uds setup goes on with them. The configuration is as it was.',
        cause: error,
      },
    );
  } finally {
    trust.discard();
  }
}

/** Whoever ends a set-up in the middle wants to know what has become of what was there. */
function endedEarly(error: RunError, { again, path }: SetupAnswers): RunError {
  const ended = error.code === 'INTERRUPTED' || error.code === 'TERMINATED';
  if (!ended) return error;
  const fix = again ? `Nothing was written: ${path} is as it was.` : 'Nothing was written.';
  return new RunError(error.code, error.message, { fix, cause: error });
}

function greeting({ path, again, unfinished }: SetupAnswers): string[] {
  return [
    again
      ? `The values of ${path} are offered; Enter keeps each.`
      : `There is no configuration yet. The answers will be written to ${path}`,
    ...(unfinished ? ['The answers of the set-up that was stopped are offered again.'] : []),
    'Seven questions, two of them for passwords, which are entered twice. Each answer is tried at once. Ctrl-C writes nothing.',
  ];
}

async function write(answers: SetupAnswers, session: Session): Promise<void> {
  const { log } = session.openLog;
  const { path, again } = answers;
  log.info('main', `Writing configuration properties to ${basename(path)}`);
  await answers.save(managedLocations(session.env));
  if (again) return;
  log.info('main', `Creating new config file: ${path}`);
  await copyScripts(dirname(path), log);
}

/** Users as they are and as the scripts see them: the answers are right when a person recognizes his own. */
async function showSample(answers: SetupAnswers, session: Session): Promise<void> {
  const { terminal, openLog } = session;
  const settings = answers.settings();
  try {
    const { sampleUsers } = await import('./setup/sample-users.ts');
    const password = needsBindPassword(settings) ? await answers.secret('ldap.bind.password') : null;
    const { lines, active, shown } = await sampleUsers(settings, password, session);
    if (shown === 0) return;
    terminal.out(`The first ${counted(shown, 'user')} of the directory, and what the scripts say of them:`);
    for (const line of lines) terminal.out(line);
    if (active === 0) terminal.out('  None of them is active by activescript.js: none would be created.');
    terminal.out('');
  } catch (error) {
    session.signal.throwIfAborted();
    // The configuration is written, and was kept by a person's word.
    if (!(error instanceof RunError)) throw error;
    openLog.log.warn('main', `No users can be shown: ${error.message}`);
  }
}

async function tellNext(kept: number, { again }: SetupAnswers, { openLog }: Session): Promise<void> {
  const { log } = openLog;
  if (kept > 0) log.warn('main', 'Not every answer has passed its test: c42uds setup asks again.');
  if (!again) log.info('main', 'Next: edit the three scripts, which provision nobody as they are.');
  log.info(
    'main',
    `${again ? 'Next' : 'Then'} run c42uds: it tests both connections and shows what would change, and writes nothing.`,
  );
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
