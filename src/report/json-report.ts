/** Reports for programs: one JSON document, or one JSON object a line. */

import type { ReportWriter } from './report.ts';
import { SCHEMA_VERSION, type RunHead } from './run-result.ts';

/** One document: docs/schemas/report.json. Each user stands on a line of its own. */
export function jsonReport(head: RunHead, emit: (text: string) => void): ReportWriter {
  let separator = '\n';
  emit(`{"type":"report","schemaVersion":${SCHEMA_VERSION},\n"head":${JSON.stringify(head)},\n"users":[`);
  return {
    user(record) {
      emit(separator + JSON.stringify(record));
      separator = ',\n';
    },
    end(result, history) {
      emit(`\n],\n"result":${JSON.stringify(result)},\n"history":${JSON.stringify(history)}}\n`);
    },
  };
}

/** A line for the head, one for each user, one for the result: docs/schemas/report-line.json. */
export function jsonLinesReport(head: RunHead, emit: (text: string) => void): ReportWriter {
  const line = (value: object): void => {
    emit(`${JSON.stringify(value)}\n`);
  };
  line({ type: 'head', schemaVersion: SCHEMA_VERSION, ...head });
  return {
    user(record) {
      line({ type: 'user', ...record });
    },
    end(result) {
      line(result);
    },
  };
}
