/** A judge whose three scripts are one function: for tests of the engine, which must not care what scripts are. */

import type { Decision, Judgement } from '../../src/model/decision.ts';
import { firstValueOf, type Entry } from '../../src/model/entry.ts';
import type { Judge, NamedJudge } from '../../src/model/ports.ts';

export class RuleJudge implements Judge {
  rule: (entry: Entry) => Decision = byAttributes;
  named: NamedJudge | null = null;
  /** Attributes that `rule` reads, as far as the engine asks. */
  reads: string[] = [];

  names(attribute: string): string | null {
    return this.reads.includes(attribute) ? `the rule reads ${attribute}` : null;
  }

  mayRead(attribute: string): string | null {
    return this.names(attribute);
  }

  async judge(entries: readonly Entry[]): Promise<readonly Judgement[]> {
    return entries.map((entry) => {
      try {
        return { ok: true, decision: this.rule(entry) };
      } catch (error) {
        return { ok: false, failure: { stage: 'SCRIPT', message: String(error) } };
      }
    });
  }

  async close(): Promise<void> {}
}

/** Active unless `disabled` says so; the department is the organization. */
export function byAttributes(entry: Entry): Decision {
  return {
    active: firstValueOf(entry, 'disabled') !== 'yes',
    org: firstValueOf(entry, 'department'),
    roles: null,
  };
}
