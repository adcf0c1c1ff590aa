/** The log: one pino logger behind the Log port, with what every destination must obey (redaction, escaping). */

import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import type { DestinationStream, Logger, pino as Pino } from 'pino';
import { printable } from '../lib/printable.ts';
import type { Log, LogComponent, LogLevel } from '../model/ports.ts';

/** One line of the log, already redacted and escaped. `json` is pino's own record of it, without a line feed. */
export interface LogRecord {
  readonly level: LogLevel;
  readonly component: LogComponent;
  readonly message: string;
  /** For log files, and for a console only where it shows debug records: a stack trace. */
  readonly detail: boolean;
  /** Tells the lines of this run from those of others in the same file. */
  readonly runId: string;
  readonly json: string;
}

export interface LogDestination {
  /** Takes one record at once: when it returns, nothing is left in a buffer of this process. */
  write(record: LogRecord): void;
  close(): void;
}

export interface OpenLog {
  readonly log: Log;
  readonly level: LogLevel;
  /** On each line of the log files: eight hexadecimal digits, by chance. */
  readonly runId: string;
  /** Logs an error's detail: to files always, to a console only at debug. */
  detail(component: LogComponent, message: string): void;
  /** From now on the value is written as `[secret]` wherever it would appear, also as base64 or in a URL. */
  redact(value: string): void;
  /** The text as the log would write it: without secrets, on one line. */
  redacted(text: string): string;
  /** Adds a place to write to; what was logged before does not reach it. */
  addDestination(destination: LogDestination): void;
  /** Closes every destination; may be called twice. What is logged afterwards is lost. */
  close(): void;
}

/** From the most urgent on. */
const LEVELS: readonly LogLevel[] = ['error', 'warn', 'info', 'debug', 'trace'];

const SECRET_MARK = '[secret]';
/** Replacing a shorter value everywhere would show, by the holes it leaves, what it was. */
const SHORTEST_SECRET = 4;

/** pino hands these to a destination that asks for them; its types do not say so. */
interface PinoRecordParts {
  readonly lastLevel: number;
  readonly lastObj: { readonly component: LogComponent; readonly detail?: true };
  readonly lastMsg: string;
}

/** Opens a log that takes records of `level` and above. It has no destination yet. */
export function openLog(level: LogLevel): OpenLog {
  const runId = randomBytes(4).toString('hex');
  const destinations: LogDestination[] = [];
  let secrets: readonly string[] = [];
  let logger: Logger | null = null;
  const opened = (): Logger => (logger ??= openLogger(level, runId, destinations));
  const isEnabled = (name: LogLevel): boolean => LEVELS.indexOf(name) <= LEVELS.indexOf(level);
  const at =
    (name: LogLevel) =>
    (component: LogComponent, message: string): void => {
      if (isEnabled(name)) opened()[name]({ component }, printable(withoutSecrets(message, secrets)));
    };
  return {
    log: {
      error: at('error'),
      warn: at('warn'),
      info: at('info'),
      debug: at('debug'),
      trace: at('trace'),
      isEnabled,
    },
    level,
    runId,
    detail(component, message) {
      opened().error({ component, detail: true }, printable(withoutSecrets(message, secrets)));
    },
    redact(value) {
      if (value.length < SHORTEST_SECRET) return;
      // The longest first: a secret that holds a shorter one must not leave its rest behind.
      secrets = [...new Set([...secrets, ...formsOf(value)])].sort((a, b) => b.length - a.length);
    },
    redacted(text) {
      return printable(withoutSecrets(text, secrets));
    },
    addDestination(destination) {
      destinations.push(destination);
    },
    close() {
      for (const destination of destinations.splice(0)) destination.close();
    },
  };
}

/** Loaded with the first record: `--help` and `--version` log nothing, and pino is half of what they would load. */
function openLogger(level: LogLevel, runId: string, destinations: readonly LogDestination[]): Logger {
  const { pino } = createRequire(import.meta.url)('pino') as { pino: typeof Pino };
  return pino(
    {
      level,
      base: { run: runId },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    fanOut(runId, destinations, pino.levels.labels),
  );
}

function fanOut(
  runId: string,
  destinations: readonly LogDestination[],
  labels: Readonly<Record<number, string>>,
): DestinationStream {
  const stream = {
    [Symbol.for('pino.metadata')]: true,
    lastLevel: 0,
    lastObj: { component: 'main' } as const,
    lastMsg: '',
    write(line: string) {
      const parts: PinoRecordParts = stream;
      const record: LogRecord = {
        level: (labels[parts.lastLevel] ?? 'info') as LogLevel,
        component: parts.lastObj.component,
        message: parts.lastMsg,
        detail: parts.lastObj.detail === true,
        runId,
        json: line.trimEnd(),
      };
      for (const destination of destinations) destination.write(record);
    },
  };
  return stream;
}

function formsOf(value: string): string[] {
  return [
    value,
    printable(value),
    encodeURIComponent(value),
    JSON.stringify(value).slice(1, -1),
    Buffer.from(value, 'utf8').toString('base64'),
  ];
}

function withoutSecrets(message: string, secrets: readonly string[]): string {
  let clean = message;
  for (const secret of secrets) {
    if (clean.includes(secret)) clean = clean.replaceAll(secret, () => SECRET_MARK);
  }
  return clean;
}

/** A line as the original wrote it: `[INFO    main] text`, the level padded to seven. */
export function bracketed(record: Pick<LogRecord, 'level' | 'component' | 'message'>): string {
  return `[${record.level.toUpperCase().padEnd(7)} ${record.component}] ${record.message}`;
}
