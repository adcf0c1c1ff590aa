/** What the doctor found, as `docs/schemas/doctor.json` has it. */

import type { CheckResult, CheckStatus, Examination } from '../model/examination.ts';
import { SCHEMA_VERSION } from './run-result.ts';

export interface ExaminationHead {
  /** Of c42uds. */
  readonly version: string;
  /** Absolute path. */
  readonly configuration: string;
}

export interface ExaminationResult extends ExaminationHead, Examination {
  readonly type: 'doctor';
  readonly schemaVersion: number;
  readonly verdict: 'OK' | 'WARNINGS' | 'FAILED';
  readonly checks: readonly CheckResult[];
}

export function examinationResult(examination: Examination, head: ExaminationHead): ExaminationResult {
  const has = (wanted: CheckStatus): boolean => examination.checks.some(({ status }) => status === wanted);
  const verdict = has('FAILURE') ? 'FAILED' : has('WARNING') ? 'WARNINGS' : 'OK';
  return { type: 'doctor', schemaVersion: SCHEMA_VERSION, ...head, verdict, ...examination };
}
