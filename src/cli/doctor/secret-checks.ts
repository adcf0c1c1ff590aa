/** Whether the passwords that runs need can be read here, by this account. They are shown to nobody. */

import type { LoadedSettings } from '../../config/settings.ts';
import type { SecretKey } from '../../config/secret-properties.ts';
import { RunError } from '../../model/errors.ts';
import { needsBindPassword, openPassword, placeOfPassword } from '../passwords.ts';
import { Check, fine } from './check.ts';
import type { Consultation } from './consultation.ts';

export interface SecretChecks {
  /** `null` where the configuration binds without one. */
  readonly bindPassword: Check<string | null>;
  readonly scimPassword: Check<string>;
  readonly all: readonly Check<unknown>[];
}

export function secretChecks(consultation: Consultation, configuration: Check<LoadedSettings>): SecretChecks {
  const opened = async (key: SecretKey): Promise<ReturnType<typeof fine<string>>> => {
    const loaded = configuration.value;
    const plain = loaded.plainSecrets.find((secret) => secret.key === key);
    if (plain !== undefined) throw new RunError('PASSWORD_MISSING', plain.message);
    const password = await openPassword(key, loaded, consultation.session.openLog);
    return fine(`can be read: ${placeOfPassword(key, loaded)}`, password);
  };
  const bindPassword = new Check<string | null>({
    id: 'ldap-password',
    stage: 'SECRETS',
    title: 'LDAP password',
    needs: [configuration],
    examine: async () => {
      const { settings } = configuration.value;
      if (needsBindPassword(settings)) return opened('ldap.bind.password');
      return fine(`none is needed: ldap.bind.authtype=${settings['ldap.bind.authtype']}`, null);
    },
  });
  const scimPassword = new Check({
    id: 'scim-password',
    stage: 'SECRETS',
    title: 'SCIM password',
    needs: [configuration],
    examine: () => opened('scim.password'),
  });
  const notification = new Check({
    id: 'notify-secret',
    stage: 'SECRETS',
    title: 'Web hook secret',
    needs: [configuration],
    // A hook that is not told fails no run.
    isAdvisory: true,
    examine: async () =>
      configuration.value.settings['notify.secret'] === ''
        ? fine('none is set', null)
        : opened('notify.secret'),
  });
  return { bindPassword, scimPassword, all: [bindPassword, scimPassword, notification] };
}
