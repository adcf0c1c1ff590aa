/** What a command line asks for, as plain values: the contract between the arguments and the commands. */

import type { SecretKey } from '../config/secret-properties.ts';

/** Options that every command takes. `configPath` is as typed, `null` where not given. */
export interface CommonOptions {
  readonly configPath: string | null;
  readonly logLevel: 'info' | 'debug' | 'trace';
  /** One JSON object on standard output instead of text. */
  readonly json: boolean;
}

export interface SyncInvocation extends CommonOptions {
  readonly command: 'SYNC';
  readonly mode: 'DRY' | 'LIVE';
  readonly scope: 'INCREMENTAL' | 'FULL';
  readonly filterFile: string | null;
  readonly nameFiles: readonly string[] | null;
  /** The id of a plan that a guard stopped and the administrator has reviewed. */
  readonly approve: string | null;
  /** Where to write the plan. */
  readonly planFile: string | null;
  /** Where to write reports; the ending of each says in what form. */
  readonly reportFiles: readonly string[];
  /** No progress, and on the console warnings and errors only. */
  readonly quiet: boolean;
}

export interface PasswordInvocation extends CommonOptions {
  readonly command: 'PASSWORD';
  readonly which: 'LDAP' | 'SCIM';
}

export interface DemoInvocation extends CommonOptions {
  readonly command: 'DEMO';
  readonly keep: boolean;
}

/** Asks the set-up questions, with the values of the configuration where there is one. */
export interface SetupInvocation extends CommonOptions {
  readonly command: 'SETUP';
}

export interface StateCareInvocation extends CommonOptions {
  readonly command: 'STATE';
  readonly action: 'CHECK' | 'REBUILD';
}

export interface StateRestoreInvocation extends CommonOptions {
  readonly command: 'STATE';
  readonly action: 'RESTORE';
  /** The copy, as typed. */
  readonly copy: string;
}

export type StateInvocation = StateCareInvocation | StateRestoreInvocation;

export interface SecretsInvocation extends CommonOptions {
  readonly command: 'SECRETS';
  readonly action: 'CHECK' | 'ROTATE' | 'SET';
  /** The property to set, with SET. */
  readonly property: SecretKey | null;
}

export interface HistoryInvocation extends CommonOptions {
  readonly command: 'HISTORY';
  /** Whose changes; `null` for the runs. */
  readonly user: string | null;
  /** How many to show. */
  readonly last: number;
}

export interface ExplainInvocation extends CommonOptions {
  readonly command: 'EXPLAIN';
  readonly user: string;
}

/** `draftFolder` holds edited scripts that are not in force yet; `null`: the scripts of the configuration. */
export interface ScriptTestInvocation extends CommonOptions {
  readonly command: 'SCRIPT_TEST';
  readonly subject:
    | { readonly kind: 'ALL' }
    | { readonly kind: 'USER'; readonly user: string }
    | { readonly kind: 'ENTRY'; readonly file: string };
  /** The name of a case to be made of the user. */
  readonly saveCase: string | null;
  readonly draftFolder: string | null;
}

export interface ScriptImpactInvocation extends CommonOptions {
  readonly command: 'SCRIPT_IMPACT';
  readonly draftFolder: string | null;
  /** The dry run that tells: of the next live run, with a plan and reports where they were asked for. */
  readonly run: SyncInvocation;
}

export interface DoctorInvocation extends CommonOptions {
  readonly command: 'DOCTOR';
  /** Warnings, failures and one line at the end. */
  readonly quiet: boolean;
}

export interface MigrateInvocation extends CommonOptions {
  readonly command: 'MIGRATE';
  readonly from: string;
  /** The new folder; `null` where not given. */
  readonly to: string | null;
  readonly overwrite: boolean;
}

/** Text to print on standard output; nothing else happens. */
export interface TextInvocation {
  readonly command: 'TEXT';
  readonly text: string;
  /** The same for programs, under `--json`. */
  readonly result: object;
}

export type Invocation =
  | SyncInvocation
  | PasswordInvocation
  | DemoInvocation
  | SetupInvocation
  | StateInvocation
  | HistoryInvocation
  | ExplainInvocation
  | SecretsInvocation
  | ScriptTestInvocation
  | ScriptImpactInvocation
  | MigrateInvocation
  | DoctorInvocation
  | TextInvocation;

/** The flags of a dry run, as somebody would type them; with `--sync-now` in front they make the live run of it. */
export function flagsOf(invocation: SyncInvocation): string[] {
  return [
    ...(invocation.scope === 'FULL' ? ['--full-sync'] : []),
    ...(invocation.filterFile === null ? [] : ['--filter', invocation.filterFile]),
    ...(invocation.nameFiles === null ? [] : ['--files', ...invocation.nameFiles]),
    ...(invocation.configPath === null ? [] : ['--config', invocation.configPath]),
  ];
}
