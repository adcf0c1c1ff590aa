/**
 * Lets one user of an organization that the service has not seen yet go first, alone, and the others after him:
 * services make organizations on first mention, and make one for each request that mentions it at the same moment.
 */

/** What a passage through the gate may tell about the organization. */
export interface GatePassage<T> {
  readonly result: T;
  /** Whether the service now has the organization. */
  readonly isKnown: boolean;
}

export class OrganizationGate {
  readonly #known: Set<string>;
  /** By folded name: the passage in progress. */
  readonly #leading = new Map<string, Promise<void>>();

  /** @param known organizations that the service has confirmed in this or an earlier run */
  constructor(known: Iterable<string>) {
    this.#known = new Set(known);
  }

  /**
   * Runs `work` when the organization may be mentioned: at once if the service has it (or there is none), else when
   * nobody else is introducing it. Whoever comes first leads; if he fails, the next one leads.
   */
  async pass<T>(org: string | null, work: () => Promise<GatePassage<T>>): Promise<T> {
    if (org === null) return (await work()).result;
    const folded = fold(org);
    // Known names are compared exactly and waited for by folded name: a service that takes "Sales" and "sales " for
    // one organization never sees both at once, and one that tells them apart gets each of them once.
    for (;;) {
      if (this.#known.has(org)) return (await work()).result;
      const leader = this.#leading.get(folded);
      if (leader === undefined) break;
      await leader;
    }
    const passage = this.#lead(org, work);
    const settled = passage.then(
      () => undefined,
      () => undefined,
    );
    this.#leading.set(folded, settled);
    void settled.then(() => this.#leading.delete(folded));
    return passage;
  }

  async #lead<T>(org: string, work: () => Promise<GatePassage<T>>): Promise<T> {
    const { result, isKnown } = await work();
    if (isKnown) this.#known.add(org);
    return result;
  }
}

function fold(org: string): string {
  return org.normalize('NFC').trim().replace(/\s+/g, ' ').toLowerCase();
}
