/** The corpus: legacy scripts that must run unchanged, with the answers that they gave. */

import { CLASSES } from './classes.ts';
import { COLLECTIONS } from './collections.ts';
import type { LegacyScript } from './legacy-script.ts';
import { DATES } from './dates.ts';
import { LETTERS } from './letters.ts';
import { MEMBERS } from './members.ts';
import { OWN_METHODS } from './own-methods.ts';
import { PATTERNS } from './patterns.ts';
import { REAL_WORLD } from './real-world.ts';
import { STRINGS } from './strings.ts';
import { SYNTAX } from './syntax.ts';

import { VIEWS } from './views.ts';

export const CORPUS: readonly LegacyScript[] = [
  ...SYNTAX,
  ...STRINGS,
  ...COLLECTIONS,
  ...CLASSES,
  ...DATES,
  ...LETTERS,
  ...MEMBERS,
  ...OWN_METHODS,
  ...PATTERNS,
  ...VIEWS,
  ...REAL_WORLD,
];
