/** Loaded with --import: switches off the safety rule whose number C42UDS_MUTATION names. */

import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { MUTATIONS } from './mutations.ts';

const mutation = MUTATIONS[Number(process.env['C42UDS_MUTATION'])];
if (mutation === undefined) throw new Error('C42UDS_MUTATION names no mutation');
const target = new URL(`../../${mutation.file}`, import.meta.url).href;

registerHooks({
  load(url, context, next) {
    if (url !== target) return next(url, context);
    const text = readFileSync(fileURLToPath(url), 'utf8');
    // A rule that has been rewritten must not make this check pass by never switching anything off.
    if (text.split(mutation.find).length !== 2) {
      throw new Error(`${mutation.file} does not hold exactly once: ${mutation.find}`);
    }
    return {
      format: 'module-typescript',
      source: text.replace(mutation.find, () => mutation.replace),
      shortCircuit: true,
    };
  },
});
