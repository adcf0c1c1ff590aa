/** The last live run as a text file that Prometheus' node exporter collects. */

import type { RunEnd } from './run-end.ts';

/** What the state holds after the run. */
export interface KnownCounts {
  readonly known: number;
  readonly active: number;
  readonly failed: number;
  readonly absent: number;
}

export interface MetricsFacts {
  readonly end: RunEnd;
  readonly counts: KnownCounts | null;
  /** When a live run last ended with 0, in seconds since 1970; `null` where none has. */
  readonly lastSuccessS: number | null;
}

type Sample = readonly [labels: string, value: number];

/** The text exposition format, version 0.0.4. Names carry their unit; no label names a user. */
export function metricsText({ end, counts, lastSuccessS }: MetricsFacts): string {
  const endedS = Date.parse(end.startedAt) / 1000 + end.durationMs / 1000;
  const label = (name: string, value: string): string => `{${name}="${value.toLowerCase()}"}`;
  const families: readonly (readonly [name: string, help: string, samples: readonly Sample[]])[] = [
    ['c42uds_run_timestamp_seconds', 'When the last live run ended.', [['', round(endedS)]]],
    ['c42uds_run_duration_seconds', 'How long it took.', [['', round(end.durationMs / 1000)]]],
    ['c42uds_run_exit_code', 'Its exit code; 0 is success and nothing else is.', [['', end.exitCode]]],
    [
      'c42uds_last_success_timestamp_seconds',
      'When a live run last ended with exit code 0.',
      lastSuccessS === null ? [] : [['', round(lastSuccessS)]],
    ],
    [
      'c42uds_run_complete',
      'Whether it read the directory to the end.',
      end.read === null ? [] : [['', end.read.complete ? 1 : 0]],
    ],
    ['c42uds_run_users_read', 'Users read from the directory.', [['', end.read?.entries ?? 0]]],
    [
      'c42uds_run_changes',
      'Changes that the service confirmed.',
      Object.entries(end.confirmed)
        .filter(([kind]) => kind !== 'NONE')
        .map(([kind, value]) => [label('kind', kind), value]),
    ],
    [
      'c42uds_run_resent',
      'Among the confirmed updates: users sent again though nothing differed.',
      [['', end.resent?.confirmed ?? 0]],
    ],
    [
      'c42uds_run_requests',
      'Requests to the SCIM service.',
      Object.entries(end.requests).map(([method, value]) => [label('method', method), value]),
    ],
    ['c42uds_run_guards_tripped', 'Safety limits that stopped it.', [['', end.guards.length]]],
    [
      'c42uds_certificate_end_timestamp_seconds',
      'When the first TLS certificate of the chain ends that the directory server and the SCIM service showed.',
      Object.entries(end.certificates).flatMap(([server, endsAt]: [string, string | null]) =>
        endsAt === null ? [] : [[label('server', server), Date.parse(endsAt) / 1000] as const],
      ),
    ],
    [
      'c42uds_users',
      'Users known after it.',
      counts === null ? [] : Object.entries(counts).map(([state, value]) => [label('state', state), value]),
    ],
  ];
  return families.flatMap(([name, help, samples]) => familyLines(name, help, samples)).join('');
}

/** The time of the last success in a text that {@link metricsText} made; `null` where it holds none. */
export function lastSuccessIn(text: string): number | null {
  const value = /^c42uds_last_success_timestamp_seconds (\S+)$/m.exec(text)?.[1];
  const seconds = Number(value);
  return value === undefined || !Number.isFinite(seconds) ? null : seconds;
}

function familyLines(name: string, help: string, samples: readonly Sample[]): string[] {
  if (samples.length === 0) return [];
  const lines = samples.map(([labels, value]) => `${name}${labels} ${value}\n`);
  return [`# HELP ${name} ${help}\n`, `# TYPE ${name} gauge\n`, ...lines];
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
