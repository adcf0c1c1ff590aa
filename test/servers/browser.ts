/** A real Chromium without a screen. */

import { accessSync, constants } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const PATHS = [
  process.env['C42UDS_CHROMIUM'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

function chromiumPath(): string | null {
  for (const path of PATHS) {
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // The next one.
    }
  }
  return null;
}

/** Why tests in a browser are skipped; `false` where there is one, or has to be. */
export function browserSkip(): string | false {
  if (process.env['C42UDS_REQUIRE_SERVERS'] === '1' || chromiumPath() !== null) return false;
  return 'there is no Chromium on this machine (Debian: apt-get install chromium)';
}

/** @throws Error where there is no Chromium */
export async function startBrowser(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === null) throw new Error('There is no Chromium: install the package chromium.');
  // Root, as in a container, may not use Chromium's own sandbox; what is opened here are pages of our own.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, args });
}
