/** What binds a password to this machine or user: the machine id on Linux, the keychain elsewhere. */

import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';

/** The part of the `keytar` API that we use. */
export interface Keychain {
  getPassword(service: string, account: string): Promise<string | null>;
  setPassword(service: string, account: string, password: string): Promise<void>;
}

export type SecretStore = 'AUTO' | 'FILE' | 'KEYCHAIN';

/** Where the code runs. A value, so that tests can stand on another machine or another platform. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  /** Where the key of the passwords is kept; AUTO follows the platform. */
  readonly store: SecretStore;
  /** The machine's id; `null` where it has none, as in many containers. Asked for on Linux only. */
  readonly machineId: () => string | null;
  /** Loads the keychain of the signed-in user. Asked for where the key is kept there only. */
  readonly keychain: () => Promise<Keychain>;
  readonly userName: () => string;
}

/** The machine and user that this process runs on. */
export function thisMachine(store: SecretStore): Machine {
  return {
    store,
    platform: process.platform,
    machineId: () => readMachineId(['/etc/machine-id', '/var/lib/dbus/machine-id']),
    keychain: loadKeychain,
    userName: () => userInfo().username,
  };
}

/** The first file that holds a machine id (machine-id(5): 32 hexadecimal digits); `null` where none does. */
export function readMachineId(paths: readonly string[]): string | null {
  for (const path of paths) {
    let text: string;
    try {
      text = readFileSync(path, 'latin1').trim().toLowerCase();
    } catch {
      continue;
    }
    // An image that has not booted yet holds an empty file or the word "uninitialized".
    if (/^[0-9a-f]{32}$/.test(text)) return text;
  }
  return null;
}

async function loadKeychain(): Promise<Keychain> {
  // Optional and native: loaded only where it is needed, so that its absence costs Linux nothing.
  const { AsyncEntry } = await import('keytar');
  // Without this the library falls back to the kernel's keyring, which forgets everything when the machine restarts.
  const options = { linux: { store: 'secret-service' } } as const;
  const entry = (service: string, account: string): InstanceType<typeof AsyncEntry> =>
    new AsyncEntry(service, account, options);
  return {
    getPassword: async (service, account) => (await entry(service, account).getPassword()) ?? null,
    setPassword: (service, account, password) => entry(service, account).setPassword(password),
  };
}
