/** The ways in which a change to one user ends, put in words. */

import type { Outcome } from '../model/plan.ts';
import { isSameIdentity } from '../model/identity.ts';
import { printable } from '../lib/printable.ts';
import type { UserResource } from '../model/user.ts';
import type { StoredUser } from './reading.ts';

/** Whether a user that is already there may be taken for ours. */
export type Ownership = (found: StoredUser, wanted: UserResource) => boolean;

/** Ours if its externalId is ours or empty; with `USER_NAME` also whatever it is, if the name is the same. */
export function ownershipBy(adoptBy: 'EXTERNAL_ID' | 'USER_NAME'): Ownership {
  return (found, wanted) => {
    const externalId = found.resource.externalId;
    if (externalId === undefined || adoptBy === 'USER_NAME') return true;
    return isSameIdentity(externalId, wanted.externalId);
  };
}

/** The service refused, or never answered. */
export function sendFailure(user: UserResource, description: string): Outcome {
  return failed('SEND', `${user.userName}: the SCIM service did not take the change: ${description}`);
}

/** Somebody else has the name. */
export function conflict(user: UserResource, found: StoredUser | null, description: string): Outcome {
  if (found === null)
    return failed('CONFLICT', `The userName ${user.userName} is taken at the SCIM service: ${description}`);
  return failed(
    'CONFLICT',
    `The userName ${user.userName} belongs to another user at the SCIM service: id ${found.scimId}, externalId ` +
      `${printable((found.resource.externalId ?? '(none)').slice(0, 100))}, not ${user.externalId}. Rename one of them, or set scim.adopt.by=USER_NAME.`,
  );
}

/** The user who has the name is known as somebody else of the directory. */
export function claimed(user: UserResource, scimId: string): Outcome {
  return failed(
    'CONFLICT',
    `The userName ${user.userName} belongs at the SCIM service to id ${scimId}, who is another user of the directory. ` +
      'If that one’s entry is gone and both are the same person, set scim.adopt.by=USER_NAME for one run; if not, give one of them another userName.',
  );
}

/** The account that is to be closed carries somebody else's externalId by now. */
export function takenOver(user: UserResource, found: StoredUser): Outcome {
  const externalId = printable((found.resource.externalId ?? '').slice(0, 100));
  return failed(
    'CONFLICT',
    `The account of ${user.userName} (id ${found.scimId}) carries the externalId ${externalId} at the SCIM service, not ` +
      `${user.externalId}: another configuration or tool keeps it, and it was not closed. If it is to be closed, deactivate it in ` +
      'the console; one service needs one configuration, or configurations whose people are not the same.',
  );
}

/** The service says that the name is taken, and shows nobody who has it. */
export function unmanageable(user: UserResource, description: string): Outcome {
  return failed(
    'CONFLICT',
    `The userName ${user.userName} is taken at the SCIM service by a user whom it does not show, most likely one made ` +
      `by hand outside this provisioning provider: ${description}`,
  );
}

/** Several users fit and nothing tells which one is meant. */
export function ambiguous(user: UserResource, count: number): Outcome {
  return failed(
    'CONFLICT',
    `The SCIM service holds ${count} users that fit ${user.userName}; none was touched.`,
  );
}

function failed(stage: 'SEND' | 'CONFLICT', message: string): Outcome {
  return { ok: false, failure: { stage, message } };
}
