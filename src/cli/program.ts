/** From the words of a command line to an exit code: the whole program, short of ending the process. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLog } from '../local/log.ts';
import type { OpenLog } from '../local/log.ts';
import { EXIT_CODES, RunError } from '../model/errors.ts';
import type { ExitCode } from '../model/errors.ts';
import { interpretArguments } from './arguments.ts';
import { consoleDestination } from './console-log.ts';
import type { ConsoleOptions } from './console-log.ts';
import type { Invocation } from './invocation.ts';
import { endsInJournal } from './journal.ts';
import { JsonResults } from './json-results.ts';
import { questionOutput } from './prompts.ts';
import { RunEnding } from './run-ending.ts';
import { logRunError } from './run-error-log.ts';
import type { Session, Surroundings } from './session.ts';
import { openTerminal } from './terminal.ts';
import type { Terminal } from './terminal.ts';

export interface Program {
  /** Where people are spoken to. */
  readonly terminal: Terminal;
  /** Resolves when everything has been handed to the operating system. */
  flush(): Promise<void>;
  /** Does what the words ask for. Never rejects. */
  run(): Promise<ExitCode>;
  /** Reports an error that nobody expected: the message on the console, the stack in the log files. */
  reportBug(error: unknown): void;
  /** Where Node's own warnings go, out of an administrator's sight. */
  noteWarning(warning: Error): void;
}

/** Prepares the program; nothing has happened yet. */
export function openProgram(surroundings: Surroundings): Program {
  const { stdout, stderr, env } = surroundings;
  // Of a command line that is refused nothing is known but its words.
  const json = surroundings.words.includes('--json');
  const output = openTerminal(stdout, stderr, env);
  const results = new JsonResults(output, json);
  // Under --json standard output holds the result and nothing else: text, progress and questions are at the other one.
  const terminal = json ? openTerminal(stderr, stderr, env) : output;
  const streams = json ? { ...surroundings, stdout: stderr } : surroundings;
  const ending = new RunEnding();
  const journal = {
    out: endsInJournal(stdout, env),
    err: endsInJournal(stderr, env),
  };
  let openedLog = consoleLog(terminal, 'info', { aside: json, journal });
  return {
    terminal,
    async flush() {
      await terminal.flush();
      await output.flush();
    },
    async run() {
      try {
        const version = versionOf(surroundings.programFolder);
        const invocation = interpretArguments(surroundings.words, version);
        if (invocation.command === 'TEXT') {
          if (json) results.print(invocation.result);
          else terminal.out(invocation.text);
          return EXIT_CODES.DONE;
        }
        const quiet = 'quiet' in invocation && invocation.quiet;
        openedLog = consoleLog(terminal, invocation.logLevel, { quiet, aside: json, journal });
        const interactive = questionOutput(streams) !== null;
        const exitCode = await perform(invocation, {
          ...streams,
          terminal,
          openLog: openedLog,
          version,
          interactive,
          results,
          ending,
        });
        ending.tell(exitCode, openedLog);
        return exitCode;
      } catch (error) {
        const exitCode = reportEnd(error, surroundings.signal, openedLog, results);
        ending.tell(exitCode, openedLog);
        return exitCode;
      } finally {
        terminal.progress(null);
        openedLog.close();
      }
    },
    reportBug(error) {
      results.printError(error, (text) => openedLog.redacted(text));
      reportBug(error, openedLog);
      ending.tell(EXIT_CODES.UNEXPECTED, openedLog);
    },
    noteWarning(warning) {
      openedLog.log.debug('main', `Node.js: ${warning.name}: ${warning.message}`);
      // The one warning of Node's that is about what the administrator did, and it is not true here.
      if (warning.message.includes('NODE_TLS_REJECT_UNAUTHORIZED')) {
        const message =
          'NODE_TLS_REJECT_UNAUTHORIZED=0 is set. c42uds checks certificates all the same; remove it.';
        openedLog.log.warn('main', message);
      }
    },
  };
}

function consoleLog(terminal: Terminal, level: 'info' | 'debug' | 'trace', options: ConsoleOptions): OpenLog {
  const opened = openLog(level);
  opened.addDestination(consoleDestination(terminal, level, options));
  return opened;
}

/** Each command is loaded when it is asked for: a dry run has no use for Inquirer, a password command none for SQLite. */
async function perform(
  invocation: Exclude<Invocation, { command: 'TEXT' }>,
  session: Session,
): Promise<ExitCode> {
  switch (invocation.command) {
    case 'SYNC': {
      const { synchronize } = await import('./sync-command.ts');
      const ending = synchronize(invocation, session);
      // A live run ends by itself, when what it has begun is confirmed; a dry run has nothing worth waiting for.
      return invocation.mode === 'LIVE' ? ending : orInterruption(ending, session.signal);
    }
    case 'PASSWORD': {
      const { setPassword } = await import('./password-command.ts');
      return orInterruption(setPassword(invocation, session), session.signal);
    }
    case 'SETUP': {
      const { setUp } = await import('./setup-command.ts');
      const { configurationPath } = await import('./configuration.ts');
      const path = configurationPath(invocation.configPath, session);
      return orInterruption(setUp(path, session), session.signal);
    }
    case 'STATE': {
      const { lookAfterState } = await import('./state-command.ts');
      return lookAfterState(invocation, session);
    }
    case 'SECRETS': {
      const { lookAfterSecrets } = await import('./secrets-command.ts');
      return lookAfterSecrets(invocation, session);
    }
    case 'HISTORY': {
      const { showHistory } = await import('./history-command.ts');
      return showHistory(invocation, session);
    }
    case 'EXPLAIN': {
      const { explain } = await import('./explain/explain-command.ts');
      return orInterruption(explain(invocation, session), session.signal);
    }
    case 'SCRIPT_TEST': {
      const { testScripts } = await import('./script-test-command.ts');
      return orInterruption(testScripts(invocation, session), session.signal);
    }
    case 'SCRIPT_IMPACT': {
      const { showImpact } = await import('./script-impact-command.ts');
      return orInterruption(showImpact(invocation, session), session.signal);
    }
    case 'MIGRATE': {
      const { migrate } = await import('./migrate-command.ts');
      return orInterruption(migrate(invocation, session), session.signal);
    }
    case 'DOCTOR': {
      const { examine } = await import('./doctor/doctor-command.ts');
      return orInterruption(examine(invocation, session), session.signal);
    }
    case 'DEMO': {
      const { demonstrate } = await import('./demo-command.ts');
      return demonstrate(invocation, session);
    }
  }
}

/** The result, or the reason of the interruption if that comes first. */
async function orInterruption<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  // Whatever the work says after an interruption is a consequence of it.
  work.catch(() => undefined);
  const { promise, reject } = Promise.withResolvers<never>();
  const interrupt = (): void => {
    reject(signal.reason as Error);
  };
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    signal.throwIfAborted();
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}

/** How the program ends on an error. After a signal the error is its consequence, and the signal the reason. */
function reportEnd(error: unknown, signal: AbortSignal, openedLog: OpenLog, results: JsonResults): ExitCode {
  const reason: unknown = signal.aborted ? signal.reason : error;
  results.printError(reason, (text) => openedLog.redacted(text));
  if (reason instanceof RunError) {
    logRunError(reason, openedLog.log);
    return reason.exitCode;
  }
  reportBug(reason, openedLog);
  return EXIT_CODES.UNEXPECTED;
}

function reportBug(error: unknown, openedLog: OpenLog): void {
  const { log } = openedLog;
  log.error('main', `Unexpected error, a bug in c42uds: ${String(error)}`);
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  for (const line of stack.split('\n').slice(1)) openedLog.detail('main', line.trim());
  log.error(
    'main',
    'Please report it with the stack trace, which is in the log file and shown with --debug.',
  );
}

function versionOf(programFolder: string): string {
  const text = readFileSync(join(programFolder, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
