/** How a property takes effect, and how that is proven. */

/** A test that fails when the property is ignored: its file, and its title there. */
export type Proof = readonly [file: string, title: string];

export interface Effect {
  /** The modules that act on the property; the first one takes it from the settings. */
  readonly files: readonly string[];
  readonly proofs: readonly Proof[];
}

export function effect(files: string | readonly string[], ...proofs: readonly Proof[]): Effect {
  return { files: typeof files === 'string' ? [files] : files, proofs };
}

/** Makes proofs of titles in `test/properties/NAME.test.ts`. */
export function provenIn(name: string): (title: string) => Proof {
  return (title) => [`test/properties/${name}.test.ts`, title];
}

export const ACCOUNTS_SENT = provenIn('service')(
  'the accounts and passwords that are stored are the ones that are sent, to either side',
);

export const NEVER_IN_PLAIN_TEXT: Proof = [
  'test/e2e/cli-command-line.test.ts',
  'is never used: the run refuses and names the command',
];
