/** Who is in which group by way of other groups: what scripts get as `entry.memberOfAll`. */

import { dnKey } from '../model/dn.ts';
import { valuesOf, type Entry } from '../model/entry.ts';

/** The name under which entries get their groups. No directory holds it; where one does, its own values stay. */
export const ALL_GROUPS = 'memberOfAll';

/**
 * Attributes of an entry that tell its direct groups; the primary one is not in memberOf ([MS-ADTS] 3.1.1.4.5.20), and
 * groups of RFC 2307 name their members by uid.
 */
export const MEMBERSHIP_ATTRIBUTES = ['memberOf', 'primaryGroupID', 'objectSid', 'uid'] as const;

/** Attributes of a group that tell who is in it, or what it is in itself. */
export const GROUP_ATTRIBUTES = ['member', 'uniqueMember', 'memberUid', 'memberOf', 'objectSid'] as const;

const MAX_REMEMBERED_KEYS = 100_000;

/**
 * All groups of a directory and what they are in. Made of one search, then asked for each user: 100,000 searches for
 * tokenGroups, which Active Directory answers for one entry at a time only, would take minutes.
 */
export class GroupGraph {
  /** DNs of the groups that an entry is directly in, by the key of its DN. */
  readonly #groupsOf = new Map<string, string[]>();
  /** The same by uid, letter by letter: memberUid is compared exactly (RFC 2307 3). */
  readonly #groupsOfUid = new Map<string, string[]>();
  readonly #groupOfSid = new Map<string, string>();
  readonly #keys = new Map<string, string>();
  groupCount = 0;

  add(group: Entry): void {
    this.groupCount += 1;
    const key = this.#keyOf(group.dn);
    const groups = this.#groupsOf;
    for (const parent of valuesOf(group, 'memberOf')) link(groups, key, parent);
    for (const member of valuesOf(group, 'member')) link(groups, dnKey(member), group.dn);
    for (const uid of valuesOf(group, 'memberUid')) link(this.#groupsOfUid, uid, group.dn);
    // RFC 4517 3.3.21: the DN may carry a bit string behind it.
    for (const member of valuesOf(group, 'uniqueMember'))
      link(groups, dnKey(member.replace(/#'[01]*'B$/, '')), group.dn);
    const [sid] = valuesOf(group, 'objectSid');
    if (sid !== undefined) this.#groupOfSid.set(sid, group.dn);
  }

  /** The entry with its groups, direct ones first; unchanged where it is in none. */
  withGroups(entry: Entry): Entry {
    if (valuesOf(entry, ALL_GROUPS).length > 0) return entry;
    const groups = this.#allGroupsOf(entry);
    if (groups.length === 0) return entry;
    return { ...entry, attributes: { ...entry.attributes, [ALL_GROUPS]: groups } };
  }

  /** Each group once, however many ways lead to it and even if they lead in a circle. */
  #allGroupsOf(entry: Entry): string[] {
    const found: string[] = [];
    const seen = new Set<string>([this.#keyOf(entry.dn)]);
    const take = (dns: Iterable<string>): void => {
      for (const dn of dns) {
        const key = this.#keyOf(dn);
        if (seen.has(key)) continue;
        seen.add(key);
        found.push(dn);
      }
    };
    take(valuesOf(entry, 'memberOf'));
    take(this.#primaryGroupOf(entry));
    take(this.#groupsOf.get(this.#keyOf(entry.dn)) ?? []);
    for (const uid of valuesOf(entry, 'uid')) take(this.#groupsOfUid.get(uid) ?? []);
    for (let at = 0; at < found.length; at += 1) take(this.#groupsOf.get(this.#keyOf(found[at] ?? '')) ?? []);
    return found;
  }

  #primaryGroupOf(entry: Entry): string[] {
    const [rid] = valuesOf(entry, 'primaryGroupID');
    const [sid] = valuesOf(entry, 'objectSid');
    if (rid === undefined || sid === undefined) return [];
    const group = this.#groupOfSid.get(sid.replace(/-\d+$/, `-${rid}`));
    return group === undefined ? [] : [group];
  }

  /** Few groups are named by many entries. */
  #keyOf(dn: string): string {
    const known = this.#keys.get(dn);
    if (known !== undefined) return known;
    const key = dnKey(dn);
    if (this.#keys.size < MAX_REMEMBERED_KEYS) this.#keys.set(dn, key);
    return key;
  }
}

function link(groups: Map<string, string[]>, member: string, group: string): void {
  const known = groups.get(member);
  if (known === undefined) groups.set(member, [group]);
  else known.push(group);
}
