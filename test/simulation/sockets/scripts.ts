/** The administrators' scripts of the lab, random in their choice, each beside what it must say of an entry. */

import type { Decision } from '../../../src/model/decision.ts';
import type { Judge } from '../../../src/model/ports.ts';
import { judgeWith, type ScriptedJudge } from '../../sandbox/scripted-judge.ts';
import type { Dice } from './dice.ts';

export type Attributes = Readonly<Record<string, readonly string[]>>;

interface Script<T> {
  readonly text: string;
  /** @throws Error where the script must fail for the entry */
  readonly meaning: (entry: Attributes) => T;
}

const first = (entry: Attributes, name: string): string | null => entry[name]?.[0] ?? null;
const has = (entry: Attributes, name: string, value: string): boolean =>
  entry[name]?.includes(value) ?? false;
const LIST = 'function list(v) { return v === null ? [] : typeof v === "string" ? [v] : v; }\n';

const ACTIVE: readonly Script<boolean>[] = [
  {
    text: 'function (entry) { return entry.employeeType !== "off"; }',
    meaning: (entry) => first(entry, 'employeeType') !== 'off',
  },
  {
    // The mark is the last of the values: whoever keeps a shortened list takes everybody for a leaver.
    text: `${LIST}function active(entry) { return list(entry.tags).indexOf("staff") >= 0 && entry.employeeType !== "off"; }`,
    meaning: (entry) => has(entry, 'tags', 'staff') && first(entry, 'employeeType') !== 'off',
  },
  {
    text: 'function (entry) { if (entry.title === "Grenade") throw new Error("bang"); return entry.employeeType !== "off"; }',
    meaning: (entry) => {
      if (first(entry, 'title') === 'Grenade') throw new Error('bang');
      return first(entry, 'employeeType') !== 'off';
    },
  },
];

const ORG: readonly Script<string | null>[] = [
  {
    text: 'function (entry) { return entry.department; }',
    meaning: (entry) => first(entry, 'department'),
  },
  { text: 'function (entry) { return null; }', meaning: () => null },
  {
    text: 'function (entry) { return entry.department.equals("Sales") ? "Front Office" : "Back Office"; }',
    meaning: (entry) => (first(entry, 'department') === 'Sales' ? 'Front Office' : 'Back Office'),
  },
];

const ROLE: readonly Script<readonly string[] | null>[] = [
  { text: 'function (entry) { return null; }', meaning: () => null },
  {
    text: `${LIST}function role(entry) { var r = ["Desktop User"]; if (list(entry.tags).indexOf("admin") >= 0) r.push("Org Admin"); return r; }`,
    meaning: (entry) => (has(entry, 'tags', 'admin') ? ['Desktop User', 'Org Admin'] : ['Desktop User']),
  },
];

/** The three scripts of a world. */
export class ScriptSet {
  readonly key: string;
  readonly #active: Script<boolean>;
  readonly #org: Script<string | null>;
  readonly #role: Script<readonly string[] | null>;

  constructor(dice: Dice) {
    const [active, org, role] = [dice.below(ACTIVE.length), dice.below(ORG.length), dice.below(ROLE.length)];
    this.key = `${active}${org}${role}`;
    this.#active = ACTIVE[active] as Script<boolean>;
    this.#org = ORG[org] as Script<string | null>;
    this.#role = ROLE[role] as Script<readonly string[] | null>;
  }

  get texts(): { active: string; org: string; role: string } {
    return { active: this.#active.text, org: this.#org.text, role: this.#role.text };
  }

  /** What the scripts say of an entry; `null` where one of them fails. */
  decide(entry: Attributes): Decision | null {
    try {
      return {
        active: this.#active.meaning(entry),
        org: this.#org.meaning(entry),
        roles: this.#role.meaning(entry),
      };
    } catch {
      return null;
    }
  }
}

/** The real script processes, kept from run to run and from world to world: starting one takes longer than a run. */
export class JudgePool implements AsyncDisposable {
  readonly #judges = new Map<string, Promise<ScriptedJudge>>();
  static readonly #MOST = 4;

  async judgeFor(scripts: ScriptSet): Promise<Judge> {
    const { key } = scripts;
    const kept = this.#judges.get(key);
    this.#judges.delete(key);
    const judge = kept ?? judgeWith(scripts.texts);
    this.#judges.set(key, judge);
    if (this.#judges.size > JudgePool.#MOST) {
      const [oldest] = this.#judges;
      if (oldest !== undefined) {
        this.#judges.delete(oldest[0]);
        await (await oldest[1]).close();
      }
    }
    const open = await judge;
    // A run closes what it opened; the process lives on.
    return {
      judge: (entries) => open.judge(entries),
      names: (attribute) => open.names(attribute),
      mayRead: (attribute) => open.mayRead(attribute),
      named: open.named ?? null,
      close: async () => undefined,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const judge of this.#judges.values()) await (await judge).close();
    this.#judges.clear();
  }
}
