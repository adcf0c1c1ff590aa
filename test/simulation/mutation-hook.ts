/** Loaded with --import: switches off the safety rule that C42UDS_MUTATION names by its number, or by `sockets:` and its number. */

import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { MUTATIONS } from './mutations.ts';
import { SOCKET_MUTATIONS } from './sockets/mutations.ts';

const words = process.env['C42UDS_MUTATION'] ?? '';
const [, ofSockets, number] = /^(sockets:)?(\d+)$/.exec(words) ?? [];
const mutation = (ofSockets === undefined ? MUTATIONS : SOCKET_MUTATIONS)[Number(number)];
if (mutation === undefined) throw new Error('C42UDS_MUTATION names no mutation');
const target = new URL(`../../${mutation.file}`, import.meta.url).href;

registerHooks({
  load(url, context, next) {
    if (url !== target) return next(url, context);
    let source = readFileSync(fileURLToPath(url), 'utf8');
    for (const { find, replace } of [mutation, ...(mutation.and === undefined ? [] : [mutation.and])]) {
      // A rule that has been rewritten must not make this check pass by never switching anything off.
      if (source.split(find).length !== 2) {
        throw new Error(`${mutation.file} does not hold exactly once: ${find}`);
      }
      source = source.replace(find, () => replace);
    }
    return { format: 'module-typescript', source, shortCircuit: true };
  },
});
