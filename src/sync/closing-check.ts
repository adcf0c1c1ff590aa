/** Asks the scripts again of whom they would close: what is said by chance must not cost anybody the account. */

import type { Judgement } from '../model/decision.ts';
import type { Entry } from '../model/entry.ts';
import type { State } from '../model/state.ts';

type Answer = Judgement | 'UNREAD';

/** A script that errs for one user in twenty says the same wrong thing three times for one in eight thousand. */
const TIMES = 2;

/**
 * The answers, but for those of active known users that would close them and are not given again: they become failures
 * of these users, who stay as they are. In most runs there is nobody to ask for.
 * @param judge whoever gave the answers
 */
export async function confirmClosings(
  entries: readonly Entry[],
  answers: readonly Answer[],
  judge: (entries: readonly Entry[]) => Promise<readonly Answer[]>,
  state: Pick<State, 'isActive'>,
): Promise<readonly Answer[]> {
  const closings = entries.flatMap((entry, at) =>
    isInactive(answers[at]) && state.isActive(entry.identity) ? [{ entry, at }] : [],
  );
  if (closings.length === 0) return answers;
  const confirmed = [...answers];
  for (let time = 0; time < TIMES; time += 1) {
    const again = await judge(closings.map(({ entry }) => entry));
    for (const [index, { at }] of closings.entries()) {
      const answer = again[index];
      if (answer === undefined || isInactive(answer)) continue;
      confirmed[at] = answer === 'UNREAD' || !answer.ok ? answer : CONTRADICTION;
    }
  }
  return confirmed;
}

function isInactive(answer: Answer | undefined): boolean {
  return answer !== undefined && answer !== 'UNREAD' && answer.ok && !answer.decision.active;
}

const CONTRADICTION: Judgement = {
  ok: false,
  failure: {
    stage: 'SCRIPT',
    message:
      'The Active script says that the user is inactive and, asked again at once, that the user is active: it does not decide by the entry alone. Nothing is changed until it says the same each time.',
  },
};
