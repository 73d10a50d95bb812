import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { classicRock, makeFolder, type Folder } from '../helpers/trained-root.js';
import { launchChromium } from '../helpers/chromium.js';
import { Explored, openPage, overflowOf, violationsOf, type PageLook, type Watched } from './browser.js';

/** A map of hundreds of items, on a machine that does much else. */
const madeMs = 120_000;

describe('the map of segue explore', { tags: ['chromium'] }, () => {
  let folder: Folder;
  let explored: Explored;
  let browser: Browser;
  let watched: Watched | undefined;

  beforeAll(async () => {
    folder = makeFolder();
    const training = ['train', classicRock.plays, '--items', classicRock.items, '--factors', '8'];
    await folder.segue([...training, '--epochs', '2', '--min-item-users', '10']);
    await folder.segue(['publish']);
    [explored, browser] = await Promise.all([Explored.start(join(folder.path, 'root')), launchChromium()]);
  });
  afterAll(async () => {
    await browser.close();
    expect(await explored.stop()).toBe(0);
    folder.remove();
  });
  afterEach(async () => {
    const { page, faults = [] } = watched ?? {};
    watched = undefined;
    await page?.context().close();
    expect(faults).toEqual([]);
  });

  async function openMap(look: PageLook = {}): Promise<Page> {
    watched = await openPage(browser, `${explored.url}#/map`, look);
    const { page } = watched;
    await page.locator('.map-points[data-painter]').waitFor({ timeout: madeMs });
    await page.locator('.map-label').first().waitFor();
    return page;
  }

  /** Pixels that points are drawn on. */
  function paintedOf(page: Page): Promise<number> {
    return page.evaluate(async () => {
      const canvas = document.querySelector<HTMLCanvasElement>('.map-points')!;
      const picture = document.createElement('canvas');
      [picture.width, picture.height] = [canvas.width, canvas.height];
      const context = picture.getContext('2d')!;
      // Drawn again at once, since a picture is not kept once it was shown.
      window.dispatchEvent(new Event('resize'));
      await new Promise(requestAnimationFrame);
      context.drawImage(canvas, 0, 0);
      const { data } = context.getImageData(0, 0, picture.width, picture.height);
      return data.filter((value, at) => at % 4 === 3 && value > 0).length;
    });
  }

  const labelOf = (page: Page): Promise<string> =>
    page.locator('.map').evaluate((element) => element.getAttribute('aria-label') ?? '');

  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 360],
    ['dark', 360],
  ] as const)('is drawn %s at %i px, and nothing stands out or is refused by axe', async (scheme, width) => {
    const page = await openMap({ scheme, width });
    expect(await page.locator('.map-points').getAttribute('data-painter')).toBe('webgl');
    expect(await labelOf(page)).toMatch(/^Map of [\d,]+ items.* No item is chosen\.$/);
    expect(await page.locator('.map-label').count()).toBeGreaterThan(3);
    expect(await overflowOf(page)).toBe(0);
    expect(await violationsOf(page)).toEqual([]);
    const colours = await page
      .locator('.map-probes i')
      .evaluateAll((probes) => probes.map((probe) => getComputedStyle(probe).color));
    expect(new Set(colours).size).toBe(8);
    if (process.env['SEGUE_SCREENSHOTS'] !== undefined)
      writeFileSync(
        join(process.env['SEGUE_SCREENSHOTS'], `map-${scheme}-${width}.png`),
        await page.screenshot(),
      );
  });

  it('lights a neighbourhood up for a key, says it in words, and forgets it for Escape', async () => {
    const page = await openMap();
    await page.locator('.map').focus();
    await page.keyboard.press('+');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.locator('.map-near').first().waitFor();
    expect(await page.locator('.map-line').count()).toBe(10);
    const listed = await page.locator('.map-near-list li .title').allTextContents();
    expect(listed).toHaveLength(10);
    const label = await labelOf(page);
    for (const name of listed) expect(label).toContain(name);
    expect(label).toContain(`${(await page.locator('.map-near-list h2 a').textContent())!} is chosen`);
    expect(await violationsOf(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.locator('.map-chosen').waitFor({ state: 'detached' });
    expect(await labelOf(page)).toContain('No item is chosen');
  });

  it('names what the pointer is over, and a click chooses it', async () => {
    const page = await openMap();
    const frame = (await page.locator('.map').boundingBox())!;
    const label = page.locator('.map-label').first();
    const place = await label.evaluate((text) => ({
      x: Number(text.getAttribute('x')),
      y: Number(text.getAttribute('y')) + 9,
    }));
    const at = { x: frame.x + place.x, y: frame.y + place.y };
    await page.mouse.move(at.x, at.y);
    await page.locator('.map-hovered text').waitFor();
    const name = await page.locator('.map-hovered text').textContent();
    await page.mouse.click(at.x, at.y);
    await page.locator('.map-chosen').waitFor();
    const title = await page.locator('.map-near-list h2 a').textContent();
    expect(title!.slice(0, 20)).toBe(name!.slice(0, 20));
    await page.locator('.map-near-list h2 a').click();
    await page.locator('h1', { hasText: title! }).waitFor();
  });

  it('is dragged and enlarged, by pointer and by buttons', async () => {
    const page = await openMap();
    const places = (): Promise<string> =>
      page
        .locator('.map-label')
        .evaluateAll((all) => all.map((text) => text.getAttribute('x') ?? '').join(' '));
    const still = (): Promise<void> => page.locator('.map[data-moving="false"]').waitFor();
    const { x, y, width, height } = (await page.locator('.map').boundingBox())!;
    const before = await places();
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.mouse.wheel(0, -600);
    await still();
    const enlarged = await places();
    expect(enlarged).not.toBe(before);
    await page.mouse.down();
    await page.mouse.move(x + width / 2 - 120, y + height / 2 + 40, { steps: 5 });
    await page.mouse.up();
    await still();
    expect(await places()).not.toBe(enlarged);
    // It was no click.
    expect(await page.locator('.map-chosen').count()).toBe(0);
    await page.getByRole('button', { name: 'The whole map' }).click();
    await still();
    expect(await places()).toBe(before);
  });

  it('is drawn without WebGL too, and when WebGL is taken away', async () => {
    watched = await openPage(browser, explored.url);
    const { page } = watched;
    await page.addInitScript(() => {
      const all = HTMLCanvasElement.prototype;
      const usual = all.getContext;
      all.getContext = function (this: HTMLCanvasElement, kind: string, ...more: unknown[]) {
        return kind === 'webgl' ? null : Reflect.apply(usual, this, [kind, ...more]);
      } as typeof usual;
    });
    await page.goto(`${explored.url.replace(/#.*/, '')}#/map`);
    await page.reload();
    await page.locator('.map-points[data-painter="canvas"]').waitFor({ timeout: madeMs });
    await page.locator('.map-label').first().waitFor();
    expect(await paintedOf(page)).toBeGreaterThan(500);
    await page.context().close();

    const other = await openMap();
    await other.evaluate(() => {
      const gl = document.querySelector<HTMLCanvasElement>('.map-points')!.getContext('webgl')!;
      gl.getExtension('WEBGL_lose_context')!.loseContext();
    });
    await other.locator('.map-points[data-painter="canvas"]').waitFor();
    expect(await paintedOf(other)).toBeGreaterThan(500);
  });
});
