/** Reads what the script process says: scripts live next to whoever writes it, so nothing of it is believed unseen. */

import { SCRIPT_KINDS, type ScriptTrial } from '../model/scripts.ts';
import type { AnswersMessage, WireAnswer } from './protocol.ts';

/**
 * The message in a frame; `null` where it is not one, or answers more than the `most` users that are waiting.
 * @param mayMiss whether attributes were left out of the users, so that there may be none of the answers
 */
export function readAnswers(json: string, most: number, mayMiss = false): AnswersMessage | null {
  const message = parsed(json);
  if (typeof message !== 'object' || message === null) return null;
  const { answers, prints, spoiled, stopped } = message as Readonly<Record<string, unknown>>;
  if (!Array.isArray(answers) || answers.length > most || !answers.every((one) => isAnswer(one, mayMiss)))
    return null;
  if (!Array.isArray(prints) || !prints.every((line) => typeof line === 'string')) return null;
  if (typeof spoiled !== 'boolean' || typeof stopped !== 'number') return null;
  if (!Number.isInteger(stopped) || stopped < 0 || stopped > answers.length) return null;
  return { answers, prints, spoiled, stopped };
}

/** The reason in a frame that refuses the scripts; `null` where there is none. */
export function readRefusal(json: string): string | null {
  const reason = parsed(json);
  return typeof reason === 'string' ? reason : null;
}

/** The trials in a frame, at most one of each script; `null` where there are none. */
export function readTrials(json: string): readonly ScriptTrial[] | null {
  const message = parsed(json);
  if (typeof message !== 'object' || message === null) return null;
  const { trials } = message as Readonly<Record<string, unknown>>;
  return Array.isArray(trials) && trials.length <= SCRIPT_KINDS.length && trials.every(isTrial)
    ? trials
    : null;
}

function isTrial(value: unknown): value is ScriptTrial {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, name, answer, failure, durationMs, read, absent, prints } = value as Record<string, unknown>;
  const isAnswered =
    answer === null || typeof answer === 'boolean' || typeof answer === 'string' || areTexts(answer);
  return (
    SCRIPT_KINDS.some((known) => known === kind) &&
    typeof name === 'string' &&
    typeof durationMs === 'number' &&
    (failure === null ? isAnswered : typeof failure === 'string') &&
    [read, absent, prints].every(areTexts)
  );
}

function areTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

function isAnswer(value: unknown, mayMiss: boolean): value is WireAnswer {
  if (typeof value === 'string') return true;
  if (value === null) return mayMiss;
  if (!Array.isArray(value) || value.length !== 3) return false;
  const [active, org, roles] = value as readonly unknown[];
  if (typeof active !== 'boolean' || !(org === null || isName(org))) return false;
  return roles === null || (Array.isArray(roles) && roles.every(isName));
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
