/** Whether the program itself can work here: Node.js, and the script engine with its native module. */

import { Check, doubtful, fine } from './check.ts';
import type { Consultation } from './consultation.ts';
import { openJudgeOf } from '../adapters.ts';
import type { Entry } from '../../model/entry.ts';
import type { ScriptSet } from '../../model/scripts.ts';
import { RunError } from '../../model/errors.ts';

const REQUIRED_MAJOR = 24;

/** The engine's own, and not those of the configuration, which may be what is wrong. */
const LIMITS = { 'script.timeout.period': 5000, 'script.memory.limit': 64 };

const NOTHING: ScriptSet = {
  active: { name: 'active', text: 'function (entry) { return true; }' },
  org: { name: 'org', text: 'function (entry) { return null; }' },
  role: { name: 'role', text: 'function (entry) { return null; }' },
};
const SOMEBODY: Entry = { identity: 'doctor', dn: 'cn=doctor', attributes: { cn: ['doctor'] } };

export function runtimeChecks({ session }: Consultation): Check<unknown>[] {
  return [
    new Check({
      id: 'node',
      stage: 'RUNTIME',
      title: 'Node.js',
      examine: () => {
        const { versions, platform, arch } = process;
        const what = `c42uds ${session.version} on Node.js ${versions.node}, ${platform} ${arch}`;
        if (Number(versions.node.split('.')[0]) < REQUIRED_MAJOR)
          return doubtful(what, `c42uds is made for Node.js ${REQUIRED_MAJOR} and later.`, null);
        if (session.env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
          const message = `${what}; NODE_TLS_REJECT_UNAUTHORIZED=0, which c42uds does not heed: it checks certificates all the same`;
          return doubtful(message, 'Remove the variable from the environment: other programs heed it.', null);
        }
        return fine(what, null);
      },
    }),
    new Check({
      id: 'script-engine',
      stage: 'RUNTIME',
      title: 'Script engine',
      examine: async () => {
        const judge = await openJudgeOf(LIMITS, NOTHING, session);
        try {
          const [judgement] = await judge.judge([SOMEBODY]);
          if (judgement?.ok === true) return fine('the native module loads and judges', null);
          const why = judgement === undefined ? 'no answer' : judgement.failure.message;
          throw new RunError('SCRIPT_INVALID', `The script engine does not work here: ${why}.`, {
            fix: 'Install c42uds again, for this platform.',
          });
        } finally {
          await judge.close();
        }
      },
    }),
  ];
}
