/** Why something happens to a user, in words: the attribute or the script that it comes from. */

import type { Change, Preview } from '../model/plan.ts';
import { differingAttributes, type UserAttribute } from '../model/user.ts';
import { isScripted, type AttributeSources } from './attribute-sources.ts';

type Scope = 'INCREMENTAL' | 'FULL';

/** A clause without a full stop; empty where nothing happens. `scope` is that of the run. */
export function reasonOf({ change, failure }: Preview, sources: AttributeSources, scope: Scope): string {
  if (failure !== null) return failure.message;
  if (change === null) return 'inactive, and unknown to the service';
  const judge = sources.of.active;
  switch (change.kind) {
    case 'CREATE':
      return `${judge} says active; the service does not know him`;
    case 'REACTIVATE':
      return join([`${judge} says active again`, ...differenceReasons(change, sources)]);
    case 'DEACTIVATE':
      return change.cause === 'ABSENT' ? 'absent from the search base too often' : `${judge} says inactive`;
    case 'UPDATE':
      return join(differenceReasons(change, sources)) || resendReason(change, scope);
    case 'NONE':
      return change.from === null ? 'inactive, and unknown to the service' : '';
  }
}

function differenceReasons(change: Change, sources: AttributeSources): string[] {
  const { from, to } = change;
  const differing = from === null ? [] : differingAttributes(from, to);
  const others = differing.filter((name) => name !== 'active' && name !== 'manager');
  const read = unique(
    others.filter((name) => !isScripted(name)),
    sources,
  );
  const said = unique(others.filter(isScripted), sources);
  return [
    ...(read.length === 0 ? [] : [`${read.join(', ')} changed in the directory`]),
    ...said.map((script) => `${script} says otherwise`),
    ...managerReason(change, differing.includes('manager')),
  ];
}

/** What is sent of a manager is his account at the service. */
function managerReason({ awaitsManager, from, to }: Change, differs: boolean): string[] {
  if (awaitsManager !== null) return ['the manager is created in the same run'];
  if (!differs) return [];
  if (to.manager === null) return ['there is no manager with an account any more'];
  return [
    from?.manager === null ? 'the manager has an account by now' : "the manager's account is another one",
  ];
}

function unique(names: readonly UserAttribute[], { of }: AttributeSources): string[] {
  return [...new Set(names.map((name) => of[name]))];
}

/** Nothing differs, and yet the user is sent. */
function resendReason({ attributes }: Change, scope: Scope): string {
  return scope === 'FULL'
    ? 'a full synchronization sends every user again'
    : `sent before and never confirmed: ${attributes.join(', ')}`;
}

function join(clauses: readonly string[]): string {
  return clauses.join('; ');
}
