/** One user of a run as every report tells of him: one vocabulary for plan, JSON, CSV and HTML. */

import type { Change, ChangeKind, DeactivationCause, Preview } from '../model/plan.ts';
import { differingAttributes, type UserAttribute, type UserResource } from '../model/user.ts';
import type { AttributeSources } from './attribute-sources.ts';
import { previewKind, type PreviewKind } from './preview-text.ts';
import { reasonOf } from './reason.ts';

/**
 * PLANNED: a dry run would do it. CONFIRMED: the service has confirmed it. FAILED: `failure` says why. STOPPED: a guard
 * has stopped the run before it.
 */
export type RecordStatus = 'PLANNED' | 'CONFIRMED' | 'FAILED' | 'STOPPED';

export type Value = UserResource[UserAttribute];

/** What a change does to one attribute. `source`: the directory's attribute or the script that decides it, or `absence`. */
export interface AttributeChange {
  readonly from: Value;
  readonly to: Value;
  readonly source: string;
}

export interface ChangeRecord {
  /** `null` for a user who failed before a change could be planned. */
  readonly kind: ChangeKind | null;
  readonly cause: DeactivationCause | null;
  readonly userName: string;
  readonly dn: string | null;
  readonly identity: string | null;
  readonly scimId: string | null;
  /** Old and new value of each attribute that differs; of a new user what he gets. */
  readonly attributes: Readonly<Partial<Record<UserAttribute, AttributeChange>>>;
  /** Attributes that change and whose values are not shown, because `ldap.schema.attributes.sensitive` says so. */
  readonly withheld: readonly UserAttribute[];
  readonly awaitsManager: string | null;
}

export interface UserRecord extends ChangeRecord {
  readonly status: RecordStatus;
  /** The word of the dry run's first column. */
  readonly action: Lowercase<PreviewKind>;
  readonly active: boolean | null;
  readonly org: string | null;
  readonly roles: readonly string[] | null;
  /** In words, why this happens to the user: which attribute or which script. */
  readonly reason: string;
  readonly failure: { readonly stage: string; readonly message: string } | null;
}

/** What the run does, or would do, to one user. */
export function userRecord(
  preview: Preview,
  status: RecordStatus,
  sources: AttributeSources,
  scope: 'INCREMENTAL' | 'FULL',
): UserRecord {
  const { change, decision, failure, userName, entry } = preview;
  const { active, org, roles } = decision ?? change?.to ?? { active: null, org: null, roles: null };
  const kind = previewKind(preview);
  return {
    status: failure === null ? status : 'FAILED',
    action: kind.toLowerCase() as Lowercase<PreviewKind>,
    ...(change === null ? { ...NO_CHANGE, ...entry, userName } : changeRecord(change, sources)),
    active,
    org,
    roles,
    reason: reasonOf(preview, sources, scope),
    failure,
  };
}

const NO_CHANGE = {
  kind: null,
  cause: null,
  dn: null,
  identity: null,
  scimId: null,
  attributes: {},
  withheld: [],
  awaitsManager: null,
} as const;

/** Decides in the place of a script where complete reads have not returned the user. */
const ABSENCE = 'absence';

export function changeRecord(change: Change, sources: AttributeSources): ChangeRecord {
  const { kind, cause, identity, dn, scimId, from, to, awaitsManager } = change;
  const changed = changedAttributes(change);
  const shown = changed.filter((name) => !sources.sensitive.has(name));
  const attributes = shown.map((name): [UserAttribute, AttributeChange] => [
    name,
    { from: from?.[name] ?? null, to: to[name], source: cause === 'ABSENT' ? ABSENCE : sources.of[name] },
  ]);
  return {
    kind,
    cause,
    userName: to.userName,
    dn,
    identity,
    scimId,
    attributes: Object.fromEntries(attributes),
    withheld: changed.filter((name) => sources.sensitive.has(name)),
    awaitsManager,
  };
}

/** What really differs, as a full sync sends unchanged attributes, too; of a new user what he gets. */
export function changedAttributes({ kind, from, to, awaitsManager }: Change): readonly UserAttribute[] {
  if (kind === 'NONE') return [];
  if (from === null) {
    return (Object.keys(to) as UserAttribute[]).filter((name) => to[name] !== null);
  }
  const differing = differingAttributes(from, to);
  // The manager of a user who awaits one is not in `to` yet.
  return awaitsManager === null ? differing : differing.filter((name) => name !== 'manager');
}
