/** The settings of a world: the defaults of the table of properties, and what the seed makes of them. */

import type { Settings } from '../../../src/config/options.ts';
import type { ServiceBehaviour } from '../../../src/demo/scim-options.ts';
import { directorySettings } from '../../ldap/directory-fixture.ts';
import type { Dice } from './dice.ts';
import type { FaultKind } from './fault-kinds.ts';
import { BIND, PEOPLE_BASE, type Kind } from './people.ts';

export const SCIM_LOGIN = { username: 'lab@cloud.example.com', password: 'lab-scim-password' };
/** Long enough for an answer on a busy machine, short enough for servers that never answer. */
const IMPATIENT_MS = 250;
const PATIENT_MS = 20_000;
const QUARTER_OF_AN_HOUR_MS = 900_000;

export function labSettings(dice: Dice, kind: Kind, kinds: ReadonlySet<FaultKind>, folder: string): Settings {
  const liesHappen = kinds.has('empty');
  const chosen: Partial<Settings> = {
    'ldap.baseDn': PEOPLE_BASE,
    'ldap.bind.user': BIND.bindDn,
    'ldap.paging.size': 1 + dice.below(7),
    'ldap.connection.pool': dice.chance(0.5),
    'ldap.read.timeout.period': kinds.has('hang') ? IMPATIENT_MS : PATIENT_MS,
    'ldap.max.attempts': 1 + dice.below(2),
    'ldap.referral': dice.pick(['THROW', 'THROW', 'FOLLOW', 'IGNORE'] as const),
    'ldap.change.tracking':
      kind === 'ACTIVE_DIRECTORY'
        ? dice.pick(['AUTO', 'AUTO', 'WHEN_CHANGED', 'COMPARE'] as const)
        : dice.pick(['AUTO', 'AUTO', 'COMPARE'] as const),
    // Where a clock may be set back by ten minutes, the overlap has to be longer: nothing else tells of it.
    'ldap.change.overlap.period': kinds.has('clock') ? QUARTER_OF_AN_HOUR_MS : 60_000,
    'scim.username': SCIM_LOGIN.username,
    'scim.client.threads': 1 + dice.below(4),
    'scim.read.timeout.period': kinds.has('slow') ? IMPATIENT_MS : PATIENT_MS,
    'scim.max.attempts': 2 + dice.below(3),
    'scim.update.method': dice.pick(['AUTO', 'AUTO', 'PUT'] as const),
    'scim.adopt.by': dice.pick(['EXTERNAL_ID', 'EXTERNAL_ID', 'USER_NAME'] as const),
    'workqueues.size': 1 + dice.below(20),
    'missed.user.check': dice.chance(0.7),
    'deactivate.user.threshold': 2 + dice.below(3),
    'deactivate.max.percent': dice.chance(0.6) ? 100 : 25,
    'deactivate.org.max.percent': 100,
    'deactivate.day.max.percent': 100,
    'guard.reactivated.max.percent': 100,
    // Success without anybody is told from the truth by this guard alone.
    'guard.absent.max.percent': dice.chance(0.5) && !liesHappen ? 100 : 50,
    'guard.failed.max.percent': 100,
    'guard.cleared.max.percent': 100,
    'guard.moved.max.percent': 100,
    'state.location': `${folder}/state.db`,
  };
  return { ...(directorySettings({}) as Settings), ...chosen };
}

/** What changes when faults stop: nothing is given up for being late, and nobody has to approve what follows. */
export function calm(settings: Settings): Settings {
  return {
    ...settings,
    'ldap.read.timeout.period': PATIENT_MS,
    'scim.read.timeout.period': PATIENT_MS,
    'deactivate.max.percent': 100,
    'guard.absent.max.percent': 100,
    'missed.user.check': false,
  };
}

/** The standing habits of the service. */
export function labBehaviour(dice: Dice, kinds: ReadonlySet<FaultKind>): Partial<ServiceBehaviour> {
  return {
    ...SCIM_LOGIN,
    // A request that is done after its client has given up makes an organization beside the next one; nobody can help it.
    orgGapMs: kinds.has('slow') ? 0 : dice.below(4),
    maxPage: dice.pick([3, 7, 200]),
    showOrg: dice.chance(0.7),
    nonAsciiFilter400: dice.chance(0.2),
    omitEmptyResources: dice.chance(0.3),
    nestedExtensionPatch500: dice.chance(0.3),
    noPatch: dice.chance(0.2),
    noContent: dice.chance(0.2),
    emptyCreated: dice.chance(0.2),
  };
}
