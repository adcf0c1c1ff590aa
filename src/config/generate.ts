/** Writes the generated files of the repository anew; run by `npm run generate` after a change of the table. */

import { writeFileSync } from 'node:fs';
import { renderExample } from './example-file.ts';
import { renderReference } from './properties-reference.ts';

const root = new URL('../../', import.meta.url);
writeFileSync(new URL('config.properties.example', root), renderExample());
writeFileSync(new URL('docs/properties.md', root), renderReference());
