import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findChromium, launch, serve } from './chromium.js';
import { closeTo } from './close.js';
import { expected } from './expected.js';
import { install, type Installed, root, run } from './install.js';

const executable = findChromium();
if (executable === undefined) {
  console.log('browser test skipped: no Chromium in PATH, and CHROME_PATH is not set');
}

describe.skipIf(executable === undefined)('a Vite build without configuration, in Chromium', () => {
  let installed: Installed;
  let browser: Browser;

  beforeAll(async () => {
    installed = await install();
    const vite = path.join(root, 'node_modules/vite/bin/vite.js');
    await run(process.execPath, [vite, 'build', '--logLevel', 'warn'], installed.folder);
    browser = await launch(executable!);
  });
  afterAll(async () => {
    await browser.close();
    await rm(installed.folder, { recursive: true, force: true });
  });

  test.each([
    ['an ordinary page', false],
    ['a cross-origin isolated page', true],
  ])('%s and its worker compute what torch computes', async (_, isolated) => {
    const { server, url } = await serve(path.join(installed.folder, 'dist'), isolated);
    try {
      const page = await browser.newPage();
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
      });
      await page.goto(url);
      expect(await page.evaluate('crossOriginIsolated')).toBe(isolated);
      const result = await page
        .evaluate('globalThis.result')
        .catch((error: unknown) => ({ failed: String(error) }));
      closeTo(result, { page: expected, worker: expected, named: [3, 8] });
      expect(complaints).toEqual([]);
      await page.close();
    } finally {
      server.close();
    }
  });
});
