/** The HTML report in a real Chromium: what a person sees, finds and cannot be harmed by. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { htmlReport } from '../../src/report/html-report.ts';
import { ReportFile } from '../../src/report/report-file.ts';
import type { PastRun, RunResult } from '../../src/report/run-result.ts';
import type { UserRecord } from '../../src/report/user-record.ts';
import { browserSkip, startBrowser } from '../servers/browser.ts';
import { RECORD } from './sample-record.ts';

const HOSTILE = [
  '</script><script>document.title="owned"</script>',
  '<img src=x onerror="document.title=`owned`">',
  '<!--<script>',
  '"><svg onload=alert(1)>',
  '\u202Eevil\u0000',
];

const HISTORY: readonly PastRun[] = Array.from({ length: 30 }, (_, n) => ({
  runId: n.toString(16).padStart(8, '0'),
  startedAt: new Date(Date.UTC(2026, 1, 28, 12 - n)).toISOString(),
  durationMs: 3000 + ((n * 7919) % 9000),
  mode: 'LIVE',
  scope: 'INCREMENTAL',
  exitCode: n === 4 ? 3 : 0,
  read: 100,
  created: n % 5,
  updated: 7 + (n % 11),
  resent: 0,
  reactivated: n % 2,
  deactivated: n % 3,
  failed: n === 4 ? 2 : 0,
}));

function* people(count: number): Iterable<UserRecord> {
  for (let n = 0; n < count; n += 1) {
    const userName = `user${n}@example.com`;
    const evil = HOSTILE[n % HOSTILE.length] ?? '';
    const base = { ...RECORD.user, userName, dn: `CN=user${n},${evil}`, identity: `id-${n}` };
    if (n % 1000 === 7) {
      const failure = { stage: 'SCRIPT', message: `orgscript.js line 3: ${evil}` };
      yield { ...base, status: 'FAILED', action: 'failed', attributes: {}, reason: failure.message, failure };
    } else if (n % 10 === 3) {
      yield { ...base, action: 'deactivate', attributes: {}, reason: 'activescript.js says inactive' };
    } else {
      const title = { from: evil, to: `Title ${n}`, source: 'title' };
      yield { ...base, org: evil, attributes: { ...base.attributes, title } };
    }
  }
}

interface DrawnText {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  readonly y: number;
  readonly canvas: number;
}

/** Runs in the page before its own scripts: notes what is written on a canvas, and where. */
const RECORD_TEXTS = `
  globalThis.drawnTexts = [];
  const prototype = CanvasRenderingContext2D.prototype;
  const fillText = prototype.fillText;
  prototype.fillText = function (text, x, y, ...more) {
    const { a, e } = this.getTransform();
    const width = this.measureText(text).width * a;
    const middle = x * a + e;
    drawnTexts.push({ text, from: middle - width / 2, to: middle + width / 2, y, canvas: this.canvas.width });
    return fillText.call(this, text, x, y, ...more);
  };
`;

describe('the HTML report in a browser', { skip: browserSkip() }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'c42uds-report-'));
  let browser: Browser;
  let files = 0;

  before(async () => {
    browser = await startBrowser();
  });
  after(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function write(users: Iterable<UserRecord>, history = HISTORY, more: Partial<RunResult> = {}): string {
    files += 1;
    const file = new ReportFile(join(folder, `${files}.html`));
    const report = htmlReport(RECORD.head, (text) => {
      file.write(text);
    });
    for (const user of users) report.user(user);
    report.end({ ...RECORD.result, ...more }, history);
    file.commit();
    return pathToFileURL(file.path).href;
  }

  /** A page, and everything that it should not have said or asked for. */
  async function open(url: string, width = 1280): Promise<{ page: Page; complaints: string[] }> {
    const page = await browser.newPage({ viewport: { width, height: 900 } });
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('dialog', (dialog) => {
      complaints.push(dialog.message());
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (request.url() !== url) complaints.push(request.url());
    });
    await page.goto(url);
    await page.waitForSelector('html[data-ready]', { state: 'attached' });
    return { page, complaints };
  }

  const rows = (page: Page): Promise<string[]> => page.locator('.row .name').allTextContents();

  async function inked(page: Page): Promise<boolean[]> {
    return page.locator('canvas').evaluateAll((canvases) =>
      canvases.map((canvas) => {
        const { width, height } = canvas as unknown as { width: number; height: number };
        const context = (canvas as unknown as Canvas).getContext('2d');
        const { data } = context.getImageData(0, 0, width, height);
        const colours = new Set<number>();
        for (let at = 0; at < data.length; at += 4) {
          colours.add(((data[at] ?? 0) << 16) + ((data[at + 1] ?? 0) << 8) + (data[at + 2] ?? 0));
        }
        return colours.size > 3;
      }),
    );
  }

  test('draws its charts, shows failures first and says what the run is worth', async () => {
    const { page, complaints } = await open(write(people(2000)));
    assert.deepEqual(await inked(page), [true, true, true]);
    assert.match(await page.locator('#verdict').innerText(), /The plan can be carried out/);
    assert.deepEqual((await rows(page)).slice(0, 3), [
      'user1007@example.com',
      'user7@example.com',
      'user1003@example.com',
    ]);
    assert.match(await page.locator('.row.failed').first().innerText(), /orgscript\.js line 3/);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  test('keeps the words below the bars apart at every width', async () => {
    const url = write(people(60));
    for (const width of [1280, 1100, 1010, 720, 380]) {
      const page = await browser.newPage({ viewport: { width, height: 900 } });
      await page.addInitScript(RECORD_TEXTS);
      await page.goto(url);
      await page.waitForSelector('html[data-ready]', { state: 'attached' });
      const texts = await page.evaluate<readonly DrawnText[]>('drawnTexts');
      const words = texts.filter(({ text }) => /^(create|update|reactivate|deactivate|failed)$/.test(text));
      assert.equal(words.length, 5);
      for (const one of words) {
        assert.ok(one.from >= 0 && one.to <= one.canvas, `${width}: ${one.text} is cut`);
        const beside = words.filter((other) => other !== one && other.y === one.y && other.from >= one.from);
        assert.ok(
          beside.every(({ from }) => from > one.to),
          `${width}: ${one.text} runs into its neighbour`,
        );
      }
      await page.close();
    }
  });

  test('leaves the charts of earlier runs out where there are none', async () => {
    const { page, complaints } = await open(write(people(20), []));
    assert.deepEqual(await inked(page), [true]);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  test('tells what edited scripts change, which of them are unstable, and how long the live run would take', async () => {
    const none = { count: 0, first: [] };
    const side = { active: true, org: 'Mills', roles: null };
    const [evil = ''] = HOSTILE;
    const example = { userName: 'ann@example.com', from: side, to: { ...side, org: evil }, failure: null };
    const quiet = { CREATE: none, REACTIVATE: none, ROLES: none, FAILS: none, MENDED: none, SPARED: none };
    const told: Partial<RunResult> = {
      estimate: { requests: 334, durationMs: 95_000, limitPerSecond: 10 },
      scriptImpact: {
        changedScripts: ['orgscript.js'],
        since: '2026-02-20T08:00:00.000Z',
        judged: 4180,
        users: 12,
        withoutEffect: 4,
        otherChanges: 0,
        kinds: {
          ...quiet,
          DEACTIVATE: { count: 7, first: [] },
          ORG: { count: 5, first: [example] },
          OTHER: none,
        },
      },
      instabilities: [
        {
          script: 'role',
          name: 'rolescript.js',
          cause: 'CHANCE',
          user: 'ben@example.com',
          first: '"A"',
          second: '"B"',
          users: 3,
          asked: 200,
        },
      ],
    };
    const { page, complaints } = await open(write(people(20), HISTORY, told));
    assert.match(
      await page.locator('#subtitle').innerText(),
      /live run: about 1 min 35 s for 334 requests, at 600 a minute/,
    );
    assert.match(await page.locator('#impact-head').innerText(), /orgscript\.js.*12 users of 4,180/);
    assert.deepEqual(await page.locator('.impact .what').allInnerTexts(), [
      'Deactivated',
      'Other organization',
    ]);
    assert.match(
      await page.locator('.impact.update .examples').innerText(),
      /^ann@example\.com: Mills → <\/script>.*; and 4 more$/,
    );
    assert.match(
      await page.locator('#problems').innerText(),
      /rolescript\.js answers by chance: for ben@example\.com/,
    );
    assert.deepEqual(complaints, []);
    await page.close();
    const plain = await open(write(people(20)));
    assert.equal(await plain.page.locator('#impact-card').isVisible(), false);
    await plain.page.close();
  });

  test('is searched and filtered', async () => {
    const { page, complaints } = await open(write(people(2000)));
    await page.fill('#search', 'title 1234 MILLS');
    assert.equal(await page.locator('#found').innerText(), '0 of 2,000 users');
    await page.fill('#search', 'title 1234');
    assert.deepEqual(await rows(page), ['user1234@example.com']);
    assert.match(await page.locator('.row').innerText(), /title[^]*→[^]*Title 1234/);
    await page.click('#clear');
    await page.click('.tile.deactivate');
    assert.equal(await page.locator('#found').innerText(), '200 of 2,000 users');
    await page.click('.tile.deactivate');
    await page.selectOption('#attribute', 'roles');
    assert.equal(await page.locator('#found').innerText(), '1,798 of 2,000 users');
    assert.deepEqual(complaints, []);
    await page.close();
  });

  test('is used from the keyboard alone', async () => {
    const { page, complaints } = await open(write(people(2000)));
    await page.keyboard.press('/');
    await page.keyboard.type('user19');
    await page.keyboard.press('ArrowDown');
    const current = (): Promise<string | null> =>
      page.locator('[aria-selected="true"] .name').textContent({ timeout: 2000 });
    assert.equal(await current(), 'user1903@example.com');
    await page.keyboard.press('ArrowDown');
    assert.equal(await current(), 'user1913@example.com');
    await page.keyboard.press('End');
    assert.equal(await current(), 'user19@example.com');
    await page.keyboard.press('Enter');
    assert.equal(await page.locator('#user-title').innerText(), 'user19@example.com');
    assert.match(await page.locator('#user-body').innerText(), /Comes from/);
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('#user').isVisible(), false);
    assert.equal(await current(), 'user19@example.com');
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('#found').innerText(), '2,000 users');
    assert.deepEqual(complaints, []);
    await page.close();
  });

  test('shows hostile values as the text they are, and lets nothing run or be fetched', async () => {
    const { page, complaints } = await open(write(people(30)));
    const text = await page.locator('#rows').innerText();
    for (const value of HOSTILE.slice(0, 4)) assert.ok(text.includes(value), value);
    assert.ok(text.includes('\\u{202e}evil\\u{0}'), 'marks that turn text around are shown, not obeyed');
    assert.equal(await page.locator('#rows img, #rows script, #rows svg').count(), 0);
    assert.match(await page.title(), /^c42uds dry run of 2026-03-01/);
    const ran = await page.evaluate(async () => {
      const injected = (globalThis as unknown as PageGlobals).document.createElement('script');
      injected.textContent = 'globalThis.owned = true';
      (globalThis as unknown as PageGlobals).document.body.append(injected);
      const fetched = await fetch('https://example.com/').then(
        () => true,
        () => false,
      );
      return { owned: 'owned' in globalThis, fetched };
    });
    assert.deepEqual(ran, { owned: false, fetched: false });
    // Those two, and nothing before them.
    assert.ok(
      complaints.every((text) => /Content Security Policy|example\.com/.test(text)),
      complaints.join('\n'),
    );
    await page.close();
  });

  test('prints every user of a page that shows few, in the colours of paper', async () => {
    const { page, complaints } = await open(write(people(200)));
    await page.emulateMedia({ colorScheme: 'dark' });
    const background = (): Promise<string> =>
      page.evaluate(
        () =>
          (globalThis as unknown as PageGlobals).getComputedStyle(
            (globalThis as unknown as PageGlobals).document.body,
          ).backgroundColor,
      );
    assert.equal(await background(), 'rgb(15, 20, 27)');
    assert.ok((await page.locator('.row').count()) < 60);
    await page.emulateMedia({ colorScheme: 'dark', media: 'print' });
    await page.waitForSelector('.list.printed');
    assert.equal(await page.locator('.row').count(), 200);
    assert.equal(await background(), 'rgb(255, 255, 255)');
    await page.emulateMedia({ colorScheme: 'dark', media: 'screen' });
    await page.waitForSelector('.list:not(.printed)');
    assert.ok((await page.locator('.row').count()) < 60);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  test('fits a narrow screen', async () => {
    const { page } = await open(write(people(200)), 390);
    const width = await page.evaluate(
      () => (globalThis as unknown as PageGlobals).document.documentElement.scrollWidth,
    );
    assert.ok(width <= 390, `${width} px`);
    await page.close();
  });

  test('shows 100,000 changes within 3 seconds, and finds one of them at once', async () => {
    const url = write(people(100_000));
    const times: number[] = [];
    // Other tests run beside this one: the best of some attempts says what the page takes.
    while (times.length < 5 && !times.some((time) => time < 3000)) {
      const started = performance.now();
      const { page, complaints } = await open(url);
      await page.fill('#search', 'title 98765');
      assert.deepEqual(await rows(page), ['user98765@example.com']);
      times.push(performance.now() - started);
      await page.click('#clear');
      await page.focus('#list');
      await page.keyboard.press('End');
      assert.equal((await rows(page)).at(-1), 'user9@example.com');
      assert.ok((await page.locator('.row').count()) < 60, 'only what is in sight is in the document');
      assert.deepEqual(complaints, []);
      await page.close();
    }
    assert.ok(Math.min(...times) < 3000, `${times.map(Math.round).join(' and ')} ms`);
  });
});

/** The little of a browser that the functions above name: the project's own types know none. */
interface Canvas {
  getContext(kind: '2d'): {
    getImageData(x: number, y: number, width: number, height: number): { data: Uint8ClampedArray };
  };
}

interface PageElement {
  textContent: string;
  readonly scrollWidth: number;
  append(child: PageElement): void;
}

interface PageGlobals {
  readonly document: {
    readonly body: PageElement;
    readonly documentElement: PageElement;
    createElement(name: string): PageElement;
  };
  getComputedStyle(element: PageElement): { readonly backgroundColor: string };
}
