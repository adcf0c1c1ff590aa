/** A fresh folder for one test, removed when the test ends. */

import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SuiteContext, TestContext } from 'node:test';

export function temporaryFolder(context: TestContext | SuiteContext): string {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'c42uds-config-'));
  if ('after' in context) context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
