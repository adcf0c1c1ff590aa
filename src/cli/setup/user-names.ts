/** Whom the usual attribute of the userName leaves without one, and which other could name them on this kind of directory. */

import { firstValueOf, type Entry } from '../../model/entry.ts';
import type { DirectoryKind } from '../../model/ports.ts';
import { counted } from '../../report/quantity.ts';
import type { Choice } from '../prompts.ts';

/** In the order in which they are looked at. Code42 wants addresses, and Active Directory's principal names look like them. */
const ORDERS: Readonly<Record<DirectoryKind, readonly [string, string]>> = {
  ACTIVE_DIRECTORY: ['mail', 'userPrincipalName'],
  OPENLDAP: ['mail', 'uid'],
  '389_DIRECTORY_SERVER': ['mail', 'uid'],
  GENERIC: ['mail', 'uid'],
};

export class NameCount {
  /** The attributes that have to be read for {@link see}. */
  readonly attributes: readonly [string, string];
  readonly #kind: DirectoryKind;
  #users = 0;
  #named = 0;
  #others = 0;
  #addresses = 0;

  constructor(kind: DirectoryKind) {
    this.#kind = kind;
    this.attributes = ORDERS[kind];
  }

  see(entry: Entry): void {
    const [usual, other] = this.attributes;
    this.#users += 1;
    if (firstValueOf(entry, usual) !== null) {
      this.#named += 1;
      return;
    }
    const name = firstValueOf(entry, other);
    if (name === null) return;
    this.#others += 1;
    if (name.includes('@')) this.#addresses += 1;
  }

  /**
   * What to ask, and values of `ldap.attrib.userName` to choose from, the advisable one first; `null` where another
   * attribute would name nobody else.
   * @param keep whether whoever presses Enter alone is to keep what is
   */
  question(keep: boolean): { readonly message: string; readonly choices: readonly Choice<string>[] } | null {
    if (this.#others === 0) return null;
    const [usual, other] = this.attributes;
    const both = `${usual},${other}`;
    const noAddress = this.#addresses < this.#others ? ', which is not always an e-mail address' : '';
    const choices = [
      { value: both, name: `Name them by ${other}${noAddress} (ldap.attrib.userName=${both})` },
      { value: usual, name: `Leave them out: who is active and has no ${usual} is reported as failed` },
    ];
    const advised = !keep && (this.#kind === 'ACTIVE_DIRECTORY' || noAddress === '' || this.#named === 0);
    const have = this.#others === 1 ? 'has' : 'have';
    return {
      message: `${this.#others} of ${counted(this.#users, 'user')} ${have} ${other}, but no ${usual}, which is the userName.`,
      choices: advised ? choices : choices.toReversed(),
    };
  }
}
