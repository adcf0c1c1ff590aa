/** Questions to a person, through Inquirer; and the one line of standard input that stands in for a hidden answer. */

import { RunError } from '../model/errors.ts';
import type { Session } from './session.ts';
import type { OutputStream } from './terminal.ts';

/** Asks one question; the answer is trimmed where it is shown, and taken as it is where it is hidden. */
export interface Prompts {
  /** @param initial the answer of whoever presses Enter alone */
  text(message: string, validate: (answer: string) => true | string, initial?: string): Promise<string>;
  hidden(message: string, validate: (answer: string) => true | string): Promise<string>;
  /** One of several, by the arrow keys; the first stands ready. */
  choose<T extends string>(message: string, choices: readonly Choice<T>[]): Promise<T>;
}

export interface Choice<T extends string> {
  readonly value: T;
  readonly name: string;
}

/**
 * Loads Inquirer, which no other command needs, and asks on the session's terminal. Every question
 * throws RunError INTERRUPTED when the person presses Ctrl-C.
 */
export async function openPrompts(session: Session): Promise<Prompts> {
  const { input, password, select } = await import('@inquirer/prompts');
  const context = {
    input: session.stdin,
    output: questionOutput(session) ?? session.stdout,
    signal: session.signal,
  };
  return {
    text: async (message, validate, initial) => {
      await session.terminal.flush();
      const question = {
        message,
        ...(initial === undefined ? {} : { default: initial }),
        validate: (answer: string) => validate(answer.trim()),
      };
      return (await untilInterrupted(session, input(question, context))).trim();
    },
    hidden: async (message, validate) => {
      await session.terminal.flush();
      // Inquirer would otherwise show the password on Ctrl-T.
      const question = { message, mask: false, toggleMask: false, validate };
      return untilInterrupted(session, password(question, context));
    },
    choose: async (message, choices) => {
      await session.terminal.flush();
      return untilInterrupted(session, select({ message, choices, loop: false }, context));
    },
  };
}

/** The stream that reaches a person: `null` where a hidden question could not be asked. */
export function questionOutput(streams: Pick<Session, 'stdin' | 'stdout' | 'stderr'>): OutputStream | null {
  if (streams.stdin.isTTY !== true) return null;
  return [streams.stdout, streams.stderr].find((stream) => stream.isTTY === true) ?? null;
}

/** The first line of standard input, without its end; `''` where there is none. */
export async function lineOfInput(session: Session): Promise<string> {
  const { createInterface } = await import('node:readline');
  const lines = createInterface({ input: session.stdin, crlfDelay: Infinity, signal: session.signal });
  try {
    for await (const line of lines) return line.replace(/^\uFEFF/, '');
    return '';
  } finally {
    lines.close();
    // Whoever writes to us may keep the pipe open; that must not keep this process.
    session.stdin.pause();
  }
}

async function untilInterrupted<T>(session: Session, question: Promise<T>): Promise<T> {
  try {
    return await question;
  } catch (error) {
    const name = error instanceof Error ? error.name : '';
    if (name !== 'ExitPromptError' && name !== 'AbortPromptError') throw error;
    if (session.signal.aborted) throw session.signal.reason;
    throw new RunError('INTERRUPTED', 'Interrupted at a question.', {
      fix: 'Nothing was written.',
      cause: error,
    });
  }
}
