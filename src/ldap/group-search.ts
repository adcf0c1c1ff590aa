/** Reads all groups of a directory once, for what they are in themselves. */

import { dnKey } from '../model/dn.ts';
import type { DirectoryQuery, Log } from '../model/ports.ts';
import type { LdapRead } from './directory-read.ts';
import type { DirectorySettings } from './directory-settings.ts';
import { equal } from './filter.ts';
import type { Filter } from './filter.ts';
import { ALL_GROUPS, GROUP_ATTRIBUTES, GroupGraph, MEMBERSHIP_ATTRIBUTES } from './group-graph.ts';
import type { RootDse } from './root-dse.ts';
import type { PlannedSearch } from './search-plan.ts';

/** Classes of groups that name their members; those that a server does not know match nothing. */
const GROUP_CLASSES = [
  'groupOfNames',
  'groupOfUniqueNames',
  'groupOfMembers',
  'groupOfEntries',
  'posixGroup',
  'group',
];

/** What is asked for of groups. Active Directory tells what a group is in; elsewhere only lists of members are certain. */
export function groupAttributes({ kind }: Pick<RootDse, 'kind'>): readonly string[] {
  return kind === 'ACTIVE_DIRECTORY'
    ? GROUP_ATTRIBUTES.filter((name) => name === 'memberOf' || name === 'objectSid')
    : GROUP_ATTRIBUTES.filter((name) => name !== 'memberOf' && name !== 'objectSid');
}

/** The attributes to ask the server for where `names` are wanted of users: memberOfAll is none of its own. */
export function askedFor(names: readonly string[]): readonly string[] {
  if (!names.includes(ALL_GROUPS)) return names;
  return [...names.filter((name) => name !== ALL_GROUPS), ...MEMBERSHIP_ATTRIBUTES];
}

export function wantsAllGroups({ attributes, also = [] }: DirectoryQuery): boolean {
  return also.includes(ALL_GROUPS) || (Array.isArray(attributes) && attributes.includes(ALL_GROUPS));
}

export function groupSearch(settings: DirectorySettings, rootDse: RootDse): PlannedSearch {
  const filter: Filter =
    rootDse.kind === 'ACTIVE_DIRECTORY'
      ? equal('objectCategory', 'group')
      : { type: 'OR', parts: GROUP_CLASSES.map((name) => equal('objectClass', name)) };
  const base = settings['ldap.group.baseDn'].trim() || contextOf(settings['ldap.baseDn'], rootDse);
  return { base, scope: 'SUB', filter, wholeFilter: filter, baseMayBeMissing: false };
}

/** The naming context that holds the search base; the base itself where the server names none. */
export function contextOf(baseDn: string, { namingContexts }: RootDse): string {
  const inner = `,${dnKey(baseDn)}`;
  const holding = namingContexts.filter((context) => inner.endsWith(`,${dnKey(context)}`));
  return holding.sort((a, b) => b.length - a.length)[0] ?? baseDn;
}

/** The groups that a read brings; a reason in words where it did not bring all: then nobody's groups are certain. */
export async function groupsFrom(read: LdapRead, log: Log): Promise<GroupGraph | string> {
  const graph = new GroupGraph();
  for await (const { entries } of read.pages) for (const group of entries) graph.add(group);
  const verdict = read.verdict();
  if (!verdict.complete) return `the groups for memberOfAll could not be read: ${verdict.reason}`;
  log.debug('LdapService', `${graph.groupCount} groups read for memberOfAll.`);
  return graph;
}
