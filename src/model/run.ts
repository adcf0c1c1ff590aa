/** One run as it is asked for, watched and summed up. */

import type { ExitCode } from './errors.ts';
import type { Failure } from './failure.ts';
import type { ChangeKind, EntryName, Preview } from './plan.ts';
import type { ScriptImpact } from './impact.ts';
import type { Instability } from './instability.ts';
import type { DirectoryCost, JudgeCost, ReadVerdict } from './ports.ts';
import type { RememberedFailure } from './state.ts';
import type { Unclaimed } from './unclaimed.ts';
import { USER_ATTRIBUTES, type UserAttribute } from './user.ts';

/** `userNames` are those of a `--files` list; both they and `extraFilter` make the run a limited one. */
export interface RunRequest {
  /** The id of a plan that a guard stopped and an administrator has approved: that plan may go past the guards. */
  readonly approve?: string | null;
  readonly mode: 'DRY' | 'LIVE';
  readonly scope: 'INCREMENTAL' | 'FULL';
  readonly extraFilter: string | null;
  readonly userNames: readonly string[] | null;
}

export type Stage = 'CHECK' | 'COLLECT' | 'COMPARE' | 'GUARD' | 'APPLY' | 'REMEMBER';

/** Where the engine tells how far it is. Calls are synchronous and cheap; nothing is awaited. */
export interface RunObserver {
  stage(stage: Stage): void;
  /** `total` is `null` while nobody can know it. */
  progress(stage: Stage, done: number, total: number | null): void;
  /** Each user of the plan, once, after the comparison: in a dry run every user read, in a live run those that change or failed. */
  preview(preview: Preview): void;
  /** Whether a dry run is to preview anybody at all; absent: it is. */
  readonly wantsPreviews?: boolean;
}

export interface FailedUser extends EntryName {
  /** userName, or the DN where the user has none. */
  readonly user: string;
  readonly failure: Failure;
  /** When it first happened (ISO 8601, UTC) and how often since; absent where nothing is remembered of it. */
  readonly since?: string;
  readonly attempts?: number;
}

/** Somebody whom a complete read of the whole base did not return. */
export interface AbsentUser {
  readonly identity: string;
  readonly dn: string;
  /** userName, or the DN where none is known. */
  readonly user: string;
  /** Complete live runs in a row without him, this one included; never more than the threshold. */
  readonly missed: number;
  /** At so many he is deactivated. */
  readonly threshold: number;
}

/** A safety rule that the plan breaks: in a live run nothing was written. */
export interface TrippedGuard {
  readonly property: string;
  readonly message: string;
  /** The first users concerned, by userName. */
  readonly users: readonly string[];
  /** How many there are. */
  readonly userCount: number;
}

/** How near the plan comes to one of the limits, tripped or not. */
export interface GuardHeadroom {
  readonly property: string;
  /** What is counted, as the beginning of a sentence. */
  readonly what: string;
  readonly count: number;
  /** Of how many; the limit is a share of them. `null`: the limit is a number. */
  readonly of: number | null;
  /** Percent, or a number. */
  readonly limit: number;
  readonly tripped: boolean;
}

/** What a run cost: where its time went, and what it asked of others. */
export interface RunCost {
  /** By stage, in the order of the run; stages that were not reached are absent. */
  readonly stagesMs: Readonly<Partial<Record<Stage, number>>>;
  readonly directory: DirectoryCost | null;
  readonly scripts: JudgeCost | null;
  /** SCIM requests by what they were for. */
  readonly purposes: Readonly<Record<string, number>>;
  /** The most memory that this process had at a time since it began; the script process apart. */
  readonly peakMemoryBytes: number;
}

/** How long the live run of a dry run's plan would take. */
export interface RunEstimate {
  /** One for each change, two for a deactivation. */
  readonly requests: number;
  readonly durationMs: number;
  /** The limit of the service that decides; `null` where its answers take longer than its limit demands. */
  readonly limitPerSecond: number | null;
}

/** What a run did (LIVE) or would do (DRY). */
export interface RunSummary {
  readonly request: RunRequest;
  readonly verdict: ReadVerdict;
  /** Planned changes by kind. */
  readonly planned: Readonly<Record<ChangeKind, number>>;
  /** Confirmed changes by kind; all 0 in a dry run. */
  readonly confirmed: Readonly<Record<ChangeKind, number>>;
  /** Users found at the service and adopted, among the confirmed creations. */
  readonly adopted: number;
  /** Of the updates in `planned` and `confirmed`: users whom a full sync sends again though nothing differs. */
  readonly resent?: { readonly planned: number; readonly confirmed: number };
  /** Users of whom the service holds something otherwise than it was sent, by its own answers; 0 in a dry run. */
  readonly deviating?: number;
  /** Where the service's list was compared with everybody: active accounts of which nobody knows whose they are. */
  readonly unclaimed?: Unclaimed | null;
  readonly failures: readonly FailedUser[];
  /** Users who failed in earlier runs and whose next attempt is still to come. */
  readonly waiting: readonly RememberedFailure[];
  readonly guards: readonly TrippedGuard[];
  /** What the scripts have to do with it, where they were edited since the last live run for everybody. */
  readonly scriptImpact?: ScriptImpact;
  /** Scripts that do not decide by the entry alone, as far as a dry run has asked. */
  readonly instabilities?: readonly Instability[];
  /** Every limit that is switched on, in the order of the guards; none where the run ended before them. */
  readonly headroom: readonly GuardHeadroom[];
  /** A hash of the plan's content: under it the plan can be approved where a guard has stopped it. */
  readonly planId: string;
  /** Names of a `--files` list that no entry has. */
  readonly namesNotFound: readonly string[];
  /** The LDAP attribute by which they were looked up. */
  readonly namesLookedUpBy: string;
  /** SCIM requests sent, by HTTP method. */
  readonly requests: Readonly<Record<string, number>>;
  readonly durationMs: number;
  /** In a dry run, where the service has shown its pace. */
  readonly estimate?: RunEstimate | null;
  readonly cost?: RunCost;
  readonly exitCode: ExitCode;
}

/** Which LDAP attribute feeds which SCIM attribute; `ldap.attrib.*`. `''`: none, and the service keeps what it holds. */
export interface AttributeMapping {
  /** The first of them that has a value is taken. */
  readonly userName: readonly string[];
  readonly email: string;
  readonly givenName: string;
  readonly firstName: string;
  readonly familyName: string;
  readonly title: string;
  readonly userType: string;
  readonly country: string;
  readonly department: string;
  readonly division: string;
  readonly manager: string;
}

/**
 * What a run may compare, send and clear: everything but the attributes that nothing feeds. Those are the service's own,
 * whoever sets them there.
 */
export function managedAttributes(mapping: AttributeMapping): readonly UserAttribute[] {
  const { givenName, firstName, ...others } = mapping;
  const given = givenName || firstName;
  const feeds: Partial<Record<UserAttribute, string | readonly string[]>> = { ...others, givenName: given };
  return USER_ATTRIBUTES.filter((name) => feeds[name] !== '');
}

/** The settings that the engine itself obeys, named after their properties. */
export interface RunRules {
  readonly mapping: AttributeMapping;
  /** `driver.files.attribute.name` */
  readonly filesAttributeName: string;
  /** `workqueues.size` */
  readonly workQueueSize: number;
  /** `scim.adopt.by` is USER_NAME */
  readonly adoptByUserName: boolean;
  /** `scim.client.threads` */
  readonly clientThreads: number;
  /** `ldap.group.changes` */
  readonly groupChanges: 'AUTO' | 'SWEEP' | 'OFF';
  /** `missed.user.check` */
  readonly missedUserCheck: boolean;
  /** `deactivate.user.threshold` */
  readonly deactivateUserThreshold: number;
  /** `deactivate.max.percent` */
  readonly deactivateMaxPercent: number;
  /** `deactivate.max.count`; 0 for no limit. */
  readonly deactivateMaxCount: number;
  /** `deactivate.day.max.percent` */
  readonly deactivateDayMaxPercent: number;
  /** `deactivate.org.max.percent` */
  readonly deactivateOrgMaxPercent: number;
  /** `guard.absent.max.percent` */
  readonly absentMaxPercent: number;
  /** `guard.created.max.percent` */
  readonly createdMaxPercent: number;
  /** `guard.failed.max.percent` */
  readonly failedMaxPercent: number;
  /** `guard.cleared.max.percent` */
  readonly clearedMaxPercent: number;
  /** `guard.reactivated.max.percent` */
  readonly reactivatedMaxPercent: number;
  /** `guard.moved.max.percent` */
  readonly movedMaxPercent: number;
  /** `guard.replaced.max.percent` */
  readonly replacedMaxPercent: number;
  /** `deactivate.unit.max.percent` */
  readonly deactivateUnitMaxPercent: number;
}
