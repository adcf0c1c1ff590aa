/**
 * `npm run pictures`: makes the pictures of the README anew, from the demo's made-up company: the HTML report in a browser, and
 * a dry run in a terminal. They differ from time to time in dates, ports and ids only.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { makeCompany, type Company } from '../src/demo/company.ts';
import { DEMO_SCRIPTS } from '../src/demo/demo-scripts.ts';
import { startDemoDirectory, type DemoDirectory } from '../src/demo/ldap-server.ts';
import { startDemoService } from '../src/demo/scim-service.ts';
import { CompanyStory } from '../src/demo/story.ts';
import { Conversation } from '../test/e2e/command-line.ts';
import { assertExit, Installation } from '../test/e2e/installation.ts';
import { startBrowser } from '../test/servers/browser.ts';
import { withPalette } from './png.ts';

const OUT = resolve(import.meta.dirname, '../docs/images');
const BIND = {
  bindDn: 'CN=reader,OU=Service Accounts,DC=example,DC=com',
  bindPassword: 'a made-up password',
};
const COMMAND = 'c42uds --report plan.html';
/** Of the terminal whose picture is taken. */
const COLUMNS = 120;
/** Shown in the place of the temporary folder of which nobody wants to read: the one of the README. */
const FOLDER = '/opt/sync';
/** Wide enough for the words to be read where GitHub shows a README. */
const REPORT_SIZE = { width: 1280, height: 900 };
/** A sequence that colours text or moves the cursor (ECMA-48, CSI). */
const ESCAPE = new RegExp(`${String.fromCharCode(27)}\\[([0-9;?]*)([A-Za-z])`, 'g');
/** A picture is part of every clone and every archive. */
const MOST_BYTES = 150_000;
/** Colours of a terminal by the number of their escape sequence (ECMA-48, SGR). */
const SGR: Readonly<Record<string, string>> = {
  '1': 'font-weight:bold',
  '2': 'color:#8b949e',
  '31': 'color:#ff7b72',
  '32': 'color:#7ee787',
  '33': 'color:#e3b341',
  '36': 'color:#79c0ff',
};

/** So many live runs lie behind that the first one, with everybody in it, is no longer in the charts. */
const RUNS = 62;

/** After it the next run has something of everything to do. */
async function liveThrough(
  installation: Installation,
  directory: DemoDirectory,
  company: Company,
): Promise<void> {
  const story = new CompanyStory(directory, company);
  assertExit(await installation.run(['--sync-now']), 0);
  for (let run = 0; run < RUNS; run += 1) {
    story.hires((run * 5) % 4);
    story.promotions(1 + ((run * 7) % 5));
    if (run % 3 === 1) story.disables(1 + (run % 2));
    if (run % 4 === 2) story.moves(2);
    assertExit(await installation.run(['--sync-now']), 0);
  }
  story.hires(1);
  story.disables(1);
  story.moves(1);
  story.marriages(1);
}

async function dryRun(): Promise<{ readonly screen: string; readonly installation: Installation }> {
  const company = makeCompany({ kind: 'ACTIVE_DIRECTORY', size: 500 });
  const { suffix, entries, peopleBase } = company;
  const directory = await startDemoDirectory({ kind: 'ACTIVE_DIRECTORY', suffix, entries, ...BIND });
  const service = await startDemoService();
  const installation = new Installation({
    'ldap.baseurl': directory.url,
    'ldap.baseDn': peopleBase,
    'ldap.bind.user': BIND.bindDn,
    'scim.baseurl': service.baseUrl,
    'scim.username': service.username,
  });
  try {
    for (const [name, text] of Object.entries(DEMO_SCRIPTS)) writeFileSync(installation.path(name), text);
    assertExit(await installation.storePasswords(BIND.bindPassword, service.password), 0);
    await liveThrough(installation, directory, company);
    const talk = new Conversation(COMMAND.split(' ').slice(1), {
      cwd: installation.folder,
      env: { C42UDS_TERMINAL: String(COLUMNS) },
    });
    const { exitCode } = await talk.end();
    if (exitCode !== 0) throw new Error(`The dry run ended with ${String(exitCode)}:\n${talk.screen}`);
    return { screen: talk.raw.replaceAll(installation.folder, FOLDER), installation };
  } finally {
    await service.stop();
    await directory.stop();
  }
}

/** What a terminal shows of `raw`, as a page: colours are kept, lines that were drawn over and moves of the cursor are not. */
function terminalPage(raw: string): string {
  const lines = raw.replaceAll('\r\n', '\n').split('\n');
  const shown = lines.map((line) => line.slice(line.lastIndexOf('\r') + 1)).join('\n');
  const html = shown
    .trimEnd()
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(ESCAPE, (_sequence, codes: string, letter: string) => {
      if (letter !== 'm') return '';
      const style = codes.split(';').map((code) => SGR[code]);
      return style[0] === undefined ? '</span>' : `<span style="${style.join(';')}">`;
    });
  const pre = `color:#e6edf3;background:#0d1117;margin:0;padding:18px 22px;width:${COLUMNS * 8}px;white-space:pre-wrap;word-break:break-all;font:13px/18px 'DejaVu Sans Mono',monospace;letter-spacing:calc(8px - 1ch)`;
  return `<!doctype html><meta charset="utf-8"><body style="margin:0"><pre style="${pre}"><b>$ ${COMMAND}</b>\n${html}</pre>`;
}

function save(name: string, png: Buffer): void {
  const bytes = withPalette(png);
  if (bytes.length > MOST_BYTES) throw new Error(`${name} has ${bytes.length} bytes, at most ${MOST_BYTES}`);
  writeFileSync(join(OUT, name), bytes);
  console.log(`${join(OUT, name)}: ${(bytes.length / 1000).toFixed(0)} kB`);
}

mkdirSync(OUT, { recursive: true });
const { screen, installation } = await dryRun();
const browser = await startBrowser();
try {
  const page = await browser.newPage({ viewport: REPORT_SIZE, colorScheme: 'light' });
  await page.goto(pathToFileURL(installation.path('plan.html')).href);
  await page.waitForSelector('html[data-ready]', { state: 'attached' });
  save('report.png', await page.screenshot({ fullPage: true }));
  // Another page: the rules of the report (Content Security Policy) would forbid these styles.
  const terminal = await browser.newPage({ viewport: REPORT_SIZE });
  await terminal.setContent(terminalPage(screen));
  save('dry-run.png', await terminal.locator('pre').screenshot());
} finally {
  await browser.close();
  installation.remove();
}
