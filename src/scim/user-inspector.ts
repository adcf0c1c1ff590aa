/** Looks at one user of the service for a person who asks: by every name there is, and always live. */

import { isSameIdentity } from '../model/identity.ts';
import type { RemoteUser } from '../model/ports.ts';
import type { Reply } from './answer.ts';
import type { Found, Lookup } from './lookup.ts';
import { remoteUser } from './user-list.ts';

/** By what to ask, in this order; `null` is not asked for. */
export interface Asked {
  readonly scimId: string | null;
  readonly externalId: string | null;
  readonly userName: string | null;
}

export type Holding =
  | { readonly kind: 'FOUND'; readonly by: keyof Asked; readonly user: RemoteUser }
  | { readonly kind: 'NONE' }
  /** The service did not say, or several users fit. */
  | { readonly kind: 'UNKNOWN'; readonly reason: string };

export interface UserInspectorOptions {
  readonly lookup: Pick<Lookup, 'byExternalIdFirst' | 'byId'>;
  readonly describe: (reply: Reply) => string;
}

export class UserInspector {
  readonly #options: UserInspectorOptions;

  constructor(options: UserInspectorOptions) {
    this.#options = options;
  }

  /**
   * The first user who fits. Sends nothing but GET.
   * @throws RunError SERVICE_REFUSED, where the service refuses everything
   */
  async find({ scimId, externalId, userName }: Asked): Promise<Holding> {
    const { lookup, describe } = this.#options;
    if (scimId !== null) {
      const found = await lookup.byId(scimId);
      if (found.kind === 'FOUND') return { kind: 'FOUND', by: 'scimId', user: remoteUser(found.user) };
      if (found.kind === 'FAILED') return { kind: 'UNKNOWN', reason: describe(found.reply) };
    }
    if (userName === null && externalId === null) return { kind: 'NONE' };
    // Where only one of the two is known it stands for both: nobody fits the other by chance.
    const wanted = { externalId: externalId ?? userName ?? '', userName: userName ?? externalId ?? '' };
    return holding(await lookup.byExternalIdFirst(wanted), wanted.externalId, describe);
  }
}

function holding(found: Found, externalId: string, describe: (reply: Reply) => string): Holding {
  switch (found.kind) {
    case 'FOUND': {
      const by = isSameIdentity(found.user.resource.externalId ?? '', externalId) ? 'externalId' : 'userName';
      return { kind: 'FOUND', by, user: remoteUser(found.user) };
    }
    case 'NONE':
      return { kind: 'NONE' };
    case 'SEVERAL':
      return { kind: 'UNKNOWN', reason: `${found.count} users of the service fit` };
    case 'FAILED':
      return { kind: 'UNKNOWN', reason: describe(found.reply) };
  }
}
