/** A report as its reader has it: opened from a disk, light and dark, narrow and wide, on paper. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '../helpers/chromium.js';
import { classicRock, makeFolder, type Folder } from '../helpers/trained-root.js';
import { words } from '../helpers/words.js';

const { plays, items } = classicRock;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const looks = [
  [360, 'light'],
  [768, 'dark'],
  [1280, 'light'],
  [1920, 'dark'],
] as const;

describe('a report in a browser', { tags: ['chromium'] }, () => {
  let folder: Folder;
  let browser: Browser;
  let url = '';
  beforeAll(async () => {
    folder = makeFolder();
    const small = ['--factors', '8', '--epochs', '4'];
    const [trained] = await folder.json(['train', plays, '--items', items, ...small]);
    writeFileSync(join(folder.path, 'training.json'), JSON.stringify(trained));
    await folder.segue(['build-index', '--tag', 'indexed']);
    await folder.segue(['train', plays, '--items', items, ...small, '--seed', '7', '--min-item-users', '2']);
    const [measured] = await folder.json(words`evaluate ${plays} --split random ${small} --bootstrap 50`);
    writeFileSync(join(folder.path, 'evaluation.json'), JSON.stringify(measured));
    const out = join(folder.path, 'report.html');
    await folder.segue(words`report indexed --against latest --item Plush --out ${out} --training
      ${join(folder.path, 'training.json')} --evaluation ${join(folder.path, 'evaluation.json')}`);
    url = pathToFileURL(out).href;
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser.close();
    folder.remove();
  });

  /** What a page that is opened asks for, complains about, and is. */
  async function open(width: number, colorScheme: 'light' | 'dark'): Promise<{ page: Page; told: string[] }> {
    // Policies of pages do not hold back what looks at them.
    const context = await browser.newContext({
      viewport: { width, height: 900 },
      colorScheme,
      bypassCSP: true,
    });
    context.setDefaultTimeout(900_000);
    const page = await context.newPage();
    const told: string[] = [];
    page.on('request', (request) => told.push(request.url()));
    page.on('console', (message) => told.push(message.text()));
    page.on('pageerror', (error) => told.push(error.message));
    await page.goto(url);
    return { page, told };
  }

  it.each(looks)(
    '%d px wide and %s asks for nothing, scrolls down only, and has nothing that axe objects to',
    async (width, scheme) => {
      const { page, told } = await open(width, scheme);
      expect(told).toEqual([url]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      for (const details of await page.locator('details').all())
        await details.evaluate('(it) => (it.open = true)');
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      await page.evaluate(axe);
      const { violations } = (await page.evaluate('axe.run()')) as any;
      expect(
        violations.map(({ id, nodes }: any) => [
          id,
          nodes.slice(0, 3).map(({ html }: any) => html.slice(0, 120)),
        ]),
      ).toEqual([]);
      await page.context().close();
    },
  );

  it('keeps to its own policy', async () => {
    const context = await browser.newContext();
    context.setDefaultTimeout(900_000);
    const page = await context.newPage();
    const told: string[] = [];
    page.on('console', (message) => told.push(message.text()));
    await page.goto(url);
    expect(told).toEqual([]);
    // The styles that the policy names by their hash hold.
    expect(await page.evaluate("getComputedStyle(document.querySelector('figure')).borderTopStyle")).toBe(
      'solid',
    );
    await page.evaluate(
      'document.body.insertAdjacentHTML(\'beforeend\', \'<p style="color: red"></p><img src="data:,">\')',
    );
    await expect.poll(() => told.length).toBeGreaterThanOrEqual(2);
    for (const message of told) expect(message).toContain('Content Security Policy');
    await context.close();
  });

  it('has every heading in order, and leads from its contents to each part', async () => {
    const { page } = await open(1280, 'light');
    const levels = await page.evaluate<number[]>(
      "[...document.querySelectorAll('h1,h2,h3,h4')].map(({ tagName }) => Number(tagName[1]))",
    );
    expect(levels[0]).toBe(1);
    levels.forEach((level, at) => expect(level - (levels[at - 1] ?? 0)).toBeLessThanOrEqual(1));
    for (const link of await page.locator('nav a').all()) {
      await link.press('Enter');
      const target = (await link.getAttribute('href'))!;
      expect(page.url()).toBe(`${url}${target}`);
      await expect.poll(() => page.locator(target).isVisible()).toBe(true);
    }
    await page.context().close();
  });

  it('prints on paper that is light, its figures whole', async () => {
    const { page } = await open(800, 'dark');
    const paper = await page.pdf({ format: 'A4' });
    expect(paper.subarray(0, 5).toString()).toBe('%PDF-');
    expect([...paper.toString('latin1').matchAll(/\/Type\s*\/Page\b/g)].length).toBeGreaterThan(3);
    await page.emulateMedia({ media: 'print' });
    const ground = await page.evaluate('getComputedStyle(document.body).backgroundColor');
    expect(ground).toBe('rgb(255, 255, 255)');
    expect(await page.locator('.figures details').first().isVisible()).toBe(false);
    await page.context().close();
  });
});
