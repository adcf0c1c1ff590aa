/** All scenarios of the conformance suite for SCIM clients, by the numbers of docs/scim-cases.md. */

import { CREATE_SCENARIOS } from './create-scenarios.ts';
import { LIST_SCENARIOS } from './list-scenarios.ts';
import { LOOKUP_SCENARIOS } from './lookup-scenarios.ts';
import { ORGANIZATION_SCENARIOS } from './organization-scenarios.ts';
import { REFUSAL_SCENARIOS } from './refusal-scenarios.ts';
import type { Scenario } from './scenario.ts';
import { TRANSPORT_SCENARIOS } from './transport-scenarios.ts';
import { UPDATE_SCENARIOS } from './update-scenarios.ts';

export const SCENARIOS: readonly Scenario[] = [
  ...CREATE_SCENARIOS,
  ...LOOKUP_SCENARIOS,
  ...UPDATE_SCENARIOS,
  ...LIST_SCENARIOS,
  ...REFUSAL_SCENARIOS,
  ...TRANSPORT_SCENARIOS,
  ...ORGANIZATION_SCENARIOS,
];
