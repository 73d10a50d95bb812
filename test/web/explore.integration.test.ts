import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { classicRock, makeFolder, type Folder } from '../helpers/trained-root.js';
import { spawnService } from '../helpers/service.js';
import { launchChromium } from '../helpers/chromium.js';
import {
  Explored,
  goTo,
  heardBy,
  openPage,
  overflowOf,
  rowsOf,
  settled,
  violationsOf,
  type PageLook,
  type Watched,
} from './browser.js';

const listener = 'KGLK/2014-06-16';
const item = '#/item/eagles-hotel-california';
const someone = `#/listener/${encodeURIComponent(listener)}`;

describe('the page of segue explore', { tags: ['chromium'] }, () => {
  let folder: Folder;
  let explored: Explored;
  let browser: Browser;
  /** Two snapshots: the first is current. */
  let ids: string[];
  let watched: Watched | undefined;

  beforeAll(async () => {
    folder = makeFolder();
    const training = ['train', classicRock.plays, '--items', classicRock.items, '--factors', '16'];
    const [first] = await folder.json([...training, '--epochs', '3']);
    await folder.segue(['publish']);
    const [second] = await folder.json([...training, '--epochs', '2', '--seed', '7']);
    ids = [first!['snapshot'], second!['snapshot']];
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

  async function open(fragment = '', look: PageLook = {}): Promise<Page> {
    watched = await openPage(browser, `${explored.url}${fragment}`, look);
    return watched.page;
  }

  /** Every view, as someone may see it. */
  const views = (): Record<string, string> => ({
    catalogue: '#/',
    artists: '#/artists',
    item,
    artist: '#/artist/Eagles',
    'neighbours of another kind': `${item}?among=artist`,
    listener: someone,
    'a trial': `${someone}?like=eagles-hotel-california&ban=boston-more-than-a-feeling`,
    'a recipe': `${someone}?recipe=start-page`,
    'someone new': '#/new',
    'someone new with likes': '#/new?like=eagles-hotel-california',
    'two snapshots': `${item}?against=${ids[1]!}`,
    'two snapshots of a listener': `${someone}?against=${ids[1]!}`,
    map: '#/map',
    'no view': '#/nothing/here',
  });

  it.each([
    ['light', 360],
    ['dark', 1920],
  ] as const)('in %s is accessible, and not wider than %i px, in every view', async (scheme, width) => {
    const page = await open('', { width, scheme });
    for (const [name, fragment] of Object.entries(views())) {
      await goTo(page, fragment);
      expect(await violationsOf(page), name).toEqual([]);
      expect(await overflowOf(page), name).toBe(0);
    }
  });

  it('is not wider than 768 px, in every view', async () => {
    const page = await open('', { width: 768 });
    for (const [name, fragment] of Object.entries(views())) {
      await goTo(page, fragment);
      expect(await overflowOf(page), name).toBe(0);
    }
  });

  it('is accessible while the help, or what was found, is open', async () => {
    const page = await open();
    await page.keyboard.press('?');
    expect(await page.getByRole('dialog', { name: 'Keys' }).isVisible()).toBe(true);
    expect(await violationsOf(page)).toEqual([]);
    await page.keyboard.press('Escape');
    expect(await page.getByRole('dialog').isVisible()).toBe(false);
    await page.keyboard.press('/');
    await page.keyboard.type('hot');
    await page.locator('[role=option]').first().waitFor();
    await page.keyboard.press('ArrowDown');
    expect(await violationsOf(page)).toEqual([]);
  });

  it('shows the same neighbours, in the same order, as the command line', async () => {
    const [answer] = await folder.json(['similar', 'id:eagles-hotel-california', '-k', '20']);
    const page = await open(item);
    const rows = page.locator('main .row');
    expect(await rowsOf(page)).toEqual(answer!['neighbours'].map(({ name }: { name: string }) => name));
    const first = await rows.first().innerText();
    expect(first).toContain(answer!['neighbours'][0].similarity.toFixed(3));
    expect(first).toMatch(/\d+ plays/);
    expect(await page.title()).toBe('Hotel California · segue');
  });

  it('walks by the keyboard alone, and back', async () => {
    const page = await open();
    await page.keyboard.press('/');
    // Enter comes before anything was found: it waits.
    await page.keyboard.type('hotel california');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Hotel California' }).waitFor();
    await settled(page);
    expect(await page.locator('h1').innerText()).toBe('Hotel California');
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1');

    const [first, second] = await rowsOf(page);
    for (const key of ['j', 'ArrowDown', 'k', 'j']) await page.keyboard.press(key);
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(second);
    await page.keyboard.press('k');
    await page.keyboard.press('Enter');
    await settled(page);
    expect(await page.locator('h1').innerText()).toBe(first);
    const crumbs = page.getByRole('navigation', { name: 'The walk' });
    expect(await crumbs.locator('li').allInnerTexts()).toEqual(['Hotel California', first]);
    expect(await page.getByRole('status').innerText()).toContain(`neighbours of ${first!}: 20 results`);

    await page.keyboard.press('Backspace');
    await settled(page);
    expect(await page.locator('h1').innerText()).toBe('Hotel California');
    // Where the walk left it.
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(first);
    expect(await crumbs.count()).toBe(0);
  });

  it('keeps the walk through Back, Forward and a reload', async () => {
    const page = await open(item);
    const names: string[] = [];
    for (let step = 0; step < 3; step++) {
      names.push(await page.locator('h1').innerText());
      await page.locator('main a[data-row]').nth(step).click();
      await settled(page);
    }
    const walk = async (): Promise<string[]> =>
      page.getByRole('navigation', { name: 'The walk' }).locator('a').allInnerTexts();
    expect(await walk()).toEqual(names);
    await page.goBack();
    await settled(page);
    expect(await walk()).toEqual(names.slice(0, 2));
    await page.goForward();
    await page.reload();
    await settled(page);
    expect(await walk()).toEqual(names);
    await page.getByRole('navigation', { name: 'The walk' }).getByRole('link').first().click();
    await settled(page);
    expect(await page.locator('h1').innerText()).toBe(names[0]);
    expect(await walk()).toEqual([]);
  });

  it('finds as one types, and asks for the last text only', async () => {
    const page = await open();
    const asked: string[] = [];
    page.on('request', (request) => {
      const { pathname, searchParams } = new URL(request.url());
      if (pathname === '/v1/items' && searchParams.has('q')) asked.push(searchParams.get('q')!);
    });
    await page.locator('#search').focus();
    // Letter by letter in one turn: faster than anyone types, however slow the machine is.
    await page.locator('#search').evaluate((input: HTMLInputElement) => {
      for (const letter of 'eagles') {
        input.value += letter;
        input.dispatchEvent(new Event('input', { bubbles: true }));
      }
    });
    await page.getByRole('option', { name: /^Eagles artist/ }).waitFor();
    expect(new Set(asked)).toEqual(new Set(['eagles']));
    await page.keyboard.press('ArrowUp');
    const chosen = page.locator('[role=option][aria-selected=true]');
    expect(await page.locator('#search').getAttribute('aria-activedescendant')).toBe(
      await chosen.getAttribute('id'),
    );
    await page.keyboard.press('Escape');
    expect(await page.getByRole('listbox').isVisible()).toBe(false);
    await page.locator('#search').fill('KGLK/2014-06-1');
    await page.getByRole('option', { name: listener }).click();
    await settled(page);
    expect(await page.locator('h1').innerText()).toBe(listener);
  });

  it('gives up what it asked for a text that was typed on', async () => {
    const page = await open();
    const givenUp: string[] = [];
    page.on('requestfailed', (request) => givenUp.push(new URL(request.url()).searchParams.get('q') ?? ''));
    await page.route('**/v1/items?*q=eag&*', async (route) => {
      // Until the page gives it up.
      await expect.poll(() => givenUp).toContain('eag');
      await route.abort().catch(() => undefined);
    });
    const asked = page.waitForRequest('**/v1/items?*q=eag&*');
    await page.locator('#search').pressSequentially('eag');
    await asked;
    await page.locator('#search').pressSequentially('les');
    await page.getByRole('option', { name: /^Eagles artist/ }).waitFor();
    expect(new Set(givenUp)).toEqual(new Set(['eag']));
  });

  it('changes a list by what is tried, and keeps nothing of it', async () => {
    const page = await open(someone);
    const before = await rowsOf(page);
    expect(await page.locator('.why').first().innerText()).toMatch(/^because of .+ \(\d/);
    await page.getByRole('button', { name: `Dislike ${before[0]!}` }).click();
    await settled(page);
    const disliked = await rowsOf(page);
    expect(disliked).not.toContain(before[0]);
    expect(await page.locator('.chip').innerText()).toContain(before[0]);

    await page.locator('main a[data-row]').nth(1).focus();
    await page.keyboard.press('b');
    await settled(page);
    const rest = await rowsOf(page);
    expect(rest).not.toContain(disliked[1]);
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(rest[1]);
    expect(await page.locator('.chip').count()).toBe(2);

    await page.goBack();
    await settled(page);
    expect(await rowsOf(page)).toEqual(disliked);
    await page.reload();
    await settled(page);
    expect(await rowsOf(page)).toEqual(disliked);
    await page.getByRole('button', { name: 'Start over' }).click();
    await settled(page);
    expect(await rowsOf(page)).toEqual(before);
    expect(await page.getByRole('button', { name: /^Keep/ }).count()).toBe(0);
    const [{ banned, disliked: known } = {}] = await folder.json(['user-vector', listener, '--explain']);
    expect([banned, known]).toEqual([[], []]);
  });

  it('recommends to someone new by what they like', async () => {
    const page = await open('#/new');
    expect(await rowsOf(page)).toEqual([]);
    await page.getByRole('combobox', { name: 'Add something they like' }).fill('hotel california');
    await page.locator('[role=option]').first().click();
    await settled(page);
    const [answer] = await folder.json(['recommend', '--like', 'id:eagles-hotel-california', '-k', '20']);
    expect(await rowsOf(page)).toEqual(answer!['recommendations'].map(({ name }: { name: string }) => name));
    await page.getByRole('button', { name: 'Remove Hotel California' }).click();
    await settled(page);
    expect(await rowsOf(page)).toEqual([]);
  });

  it('says what is known of a listener, and makes lists by recipes', async () => {
    const page = await open(someone);
    const [facts] = await folder.json(['user-vector', listener, '--explain']);
    const known = page.getByRole('region', { name: 'What is known' });
    expect(await known.innerText()).toContain(
      `${facts!['events'] as number} events of ${facts!['items'] as number} items`,
    );
    await page.getByLabel('recipe').selectOption('discover');
    await settled(page);
    const [answer] = await folder.json(['recommend', listener, '--recipe', 'discover', '-k', '20']);
    expect(await rowsOf(page, '[aria-labelledby=recommendations]')).toEqual(
      answer!['recommendations'].map(({ name }: { name: string }) => name),
    );
    expect(page.url()).toContain('recipe=discover');
  });

  it('shows two snapshots side by side, with what entered, left and moved', async () => {
    const page = await open(item);
    const answers = await Promise.all(
      ids.map((id) => folder.json(['similar', 'id:eagles-hotel-california', '-k', '20', '--snapshot', id])),
    );
    const [first, second] = answers.map(([answer]) =>
      (answer!['neighbours'] as { name: string }[]).map(({ name }) => name),
    );
    await page.getByLabel('beside').selectOption(ids[1]!);
    await settled(page);
    expect(await rowsOf(page, '[data-side="1"]')).toEqual(first);
    expect(await rowsOf(page, '[data-side="2"]')).toEqual(second);
    const entered = second!.filter((name) => !first!.includes(name));
    const left = first!.filter((name) => !second!.includes(name));
    expect(entered.length).toBeGreaterThan(0);
    expect(await page.locator('[data-side="2"] .row-entered .title').allInnerTexts()).toEqual(entered);
    expect(await page.locator('[data-side="1"] .row-left .title').allInnerTexts()).toEqual(left);
    expect(await page.locator('.difference').innerText()).toContain(`${20 - entered.length} of 20 in both`);
    // From a row to the one beside it.
    await page.locator('[data-side="1"] a[data-row]').nth(2).focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(second![2]);
  });

  it('says what is wrong where there is nothing to show, and goes on', async () => {
    const page = await open('#/item/no-such-thing', { failing: true });
    expect(await page.locator('.problem').innerText()).toContain('no item is called');
    await goTo(page, '#/listener/nobody');
    expect(await page.locator('.problem').innerText()).toContain('no user "nobody"');
    await goTo(page, '#/item/eagles-hotel-california?snapshot=0123456789abcdef');
    expect(await page.locator('.problem').first().innerText()).toContain('no snapshot');
    await goTo(page, '#/');
    expect((await rowsOf(page)).length).toBeGreaterThan(20);
  });

  it('asks again for what failed, and shows nothing of an answer that came too late', async () => {
    const page = await open('', { failing: true });
    let answer: 'overloaded' | 'cut' | 'real' = 'overloaded';
    await page.route('**/v1/similar?*', async (route) => {
      if (answer === 'cut') return route.abort();
      if (answer === 'real') return route.continue();
      const problem = {
        title: 'Not now',
        status: 503,
        code: 'overloaded',
        detail: 'too much',
        suggestions: [],
      };
      return route.fulfill({
        status: 503,
        contentType: 'application/problem+json',
        body: JSON.stringify(problem),
      });
    });
    await goTo(page, item);
    expect(await page.locator('.problem').innerText()).toContain('too much');
    answer = 'cut';
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('.problem').getByText('does not answer').waitFor();
    answer = 'real';
    await page.getByRole('button', { name: 'Try again' }).click();
    await settled(page);
    expect((await rowsOf(page)).length).toBe(20);

    await page.unroute('**/v1/similar?*');
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    await page.route('**/v1/similar?item=id%3Aaerosmith-dream-on*', async (route) => {
      await held;
      await route.continue().catch(() => undefined);
    });
    await page.evaluate(() => (window.location.hash = '#/item/aerosmith-dream-on'));
    await page.getByRole('heading', { level: 1, name: 'Dream On' }).waitFor();
    await goTo(page, '#/item/boston-more-than-a-feeling');
    const shown = await rowsOf(page);
    release();
    await settled(page);
    expect(await page.locator('h1').innerText()).toBe('More Than a Feeling');
    expect(await rowsOf(page)).toEqual(shown);
  });

  it('has colours as the system, light or dark, and keeps the choice', async () => {
    const page = await open('', { scheme: 'dark' });
    const ground = (): Promise<string> =>
      page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const dark = await ground();
    await page.getByRole('button', { name: /^Colours/ }).click();
    const light = await ground();
    expect(light).not.toBe(dark);
    await page.reload();
    await settled(page);
    expect(await ground()).toBe(light);
    await page.getByRole('button', { name: /^Colours/ }).click();
    expect(await ground()).toBe(dark);
  });

  it('skips to the content', async () => {
    const page = await open();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
    expect(new URL(page.url()).hash).toBe('');
  });

  it('says that another snapshot was published, and shows it', async () => {
    const page = await open(item);
    const before = await rowsOf(page);
    await folder.segue(['publish', ids[1]!]);
    try {
      await expect
        .poll(async () => {
          await page.getByLabel('show').selectOption('50');
          await page.getByLabel('show').selectOption('20');
          await goTo(page, `#/item/aerosmith-dream-on?k=${Math.random() < 0.5 ? 50 : 10}`);
          await goTo(page, item);
          return rowsOf(page);
        })
        .not.toEqual(before);
    } finally {
      await folder.segue(['rollback']);
    }
  });
});

describe('the page of hostile names', { tags: ['chromium'] }, () => {
  const names = [
    '<script>document.title = "owned"</script>',
    '"><img src=x onerror="document.title=1">',
    "'; alert(1); //",
    '\u202Ereversed\u202C name',
    'שלום עולם',
    'long '.repeat(60).trim(),
    'long'.repeat(75),
    '👩‍👩‍👧‍👦 family',
    'two\nlines',
    'a\u0000b\u009bc',
    '%2e%2e/&k=1#x',
  ];
  let folder: Folder;
  let explored: Explored;
  let browser: Browser;

  beforeAll(async () => {
    folder = makeFolder();
    const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    const items = names.map((name, at) => [`i${at}`, name, `artist ${name}`].map(quoted).join(','));
    writeFileSync(join(folder.path, 'items.csv'), ['id,name,artist', ...items].join('\n'));
    // Everyone plays most of them, and each leaves another one out.
    const users = [...names, 'u1', 'u2'];
    const plays = users.flatMap((user, at) =>
      names.flatMap((_, item) => (item === at ? [] : [[quoted(user), `i${item}`].join(',')])),
    );
    writeFileSync(join(folder.path, 'plays.csv'), ['user,item', ...plays].join('\n'));
    await folder.segue(['train', 'plays.csv', '--items', 'items.csv', '--factors', '4', '--epochs', '2']);
    [explored, browser] = await Promise.all([Explored.start(join(folder.path, 'root')), launchChromium()]);
  });
  afterAll(async () => {
    await browser.close();
    await explored.stop();
    folder.remove();
  });

  it.each([360, 1280])('shows them as text, at %i px', async (width) => {
    const { page, faults } = await openPage(browser, explored.url, { width });
    const places = ['#/', '#/artists', ...names.map((_, at) => `#/item/i${at}`)];
    places.push(...names.map((name) => `#/listener/${encodeURIComponent(name)}`));
    places.push(...names.map((name) => `#/artist/${encodeURIComponent(`artist ${name}`)}`));
    // What is tried, by chips.
    const tried = names.map((_, at) => `like=i${at}`).join('&');
    places.push(`#/new?${tried}`, `#/listener/u1?${tried}`);
    for (const place of places) {
      await goTo(page, place);
      expect(await page.locator('.problem').allInnerTexts(), place).toEqual([]);
      expect(await overflowOf(page), place).toBe(0);
      expect(await page.title()).toMatch(/ · segue$/);
      expect(await page.locator('main script, main img').count()).toBe(0);
      expect(await page.locator('main').innerText()).not.toMatch(/[\0\u009b\u202e]/);
    }
    expect(await violationsOf(page)).toEqual([]);
    expect(faults).toEqual([]);
    await page.context().close();
  });
});

describe('segue explore --write', { tags: ['chromium'] }, () => {
  let folder: Folder;
  let explored: Explored;
  let browser: Browser;

  beforeAll(async () => {
    folder = makeFolder();
    await folder.segue([
      ...['train', classicRock.plays, '--items', classicRock.items, '--factors', '8', '--epochs', '1'],
    ]);
    const root = join(folder.path, 'root');
    [explored, browser] = await Promise.all([Explored.start(root, ['--write']), launchChromium()]);
  });
  afterAll(async () => {
    await browser.close();
    await explored.stop();
    folder.remove();
  });

  it('keeps what was tried, by a token that leaves the address', async () => {
    const { page, faults } = await openPage(browser, explored.url);
    expect(explored.url).toMatch(/#token=[\w-]{43}/);
    expect(page.url()).not.toContain('token');
    await goTo(page, someone);
    const [first] = await rowsOf(page);
    await page.getByRole('button', { name: `Ban ${first!}` }).click();
    await settled(page);
    await page.getByRole('button', { name: 'Keep for this listener' }).click();
    await page.locator('.chip').waitFor({ state: 'detached' });
    await settled(page);
    expect(await rowsOf(page)).not.toContain(first);
    // Facts are asked for anew when what was kept is kept.
    await page.getByRole('region', { name: 'What is known' }).getByText(first!).waitFor();
    const [{ banned } = {}] = await folder.json(['user-vector', listener, '--explain']);
    expect(banned.map(({ name }: { name: string }) => name)).toEqual([first]);
    expect(faults).toEqual([]);
  });
});

describe('the page of segue serve', { tags: ['chromium'] }, () => {
  let folder: Folder;
  let browser: Browser;

  beforeAll(async () => {
    folder = makeFolder();
    for (const [name, seed] of [
      ['rock', '1'],
      ['more', '2'],
    ] as const) {
      const root = join(folder.path, name);
      await folder.segue([
        ...['train', classicRock.plays, '--items', classicRock.items, '--factors', '8', '--epochs', '1'],
        ...['--seed', seed, '--root', root],
      ]);
    }
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser.close();
    folder.remove();
  });

  it('asks for the token where reading needs one, or takes it from the address', async () => {
    const service = await spawnService(join(folder.path, 'rock'), ['--require-token']);
    const { page } = await openPage(browser, `${service.url}/`, { failing: true });
    const enter = async (token: string): Promise<void> => {
      await page.getByLabel(/asks for a token/).fill(token);
      await page.getByRole('button', { name: 'Use it' }).click();
    };
    expect(await violationsOf(page)).toEqual([]);
    await enter('not-the-token-of-this');
    await page.locator('.problem').getByText('the token is not one').waitFor();
    await enter(service.token);
    await page.getByRole('heading', { name: 'Most played' }).waitFor();
    await settled(page);
    expect((await rowsOf(page)).length).toBeGreaterThan(20);
    await page.context().close();

    const { page: other, faults } = await openPage(
      browser,
      `${service.url}/#token=${service.token}&${item.slice(1)}`,
    );
    expect(await other.locator('h1').innerText()).toBe('Hotel California');
    expect(other.url()).toBe(`${service.url}/${item}`);
    expect(faults).toEqual([]);
    await other.context().close();
    await service.end('SIGTERM');
  });

  it('goes from one root to another', async () => {
    const [rock, more] = ['rock', 'more'].map((name) => join(folder.path, name));
    const service = await spawnService(`rock=${rock!}`, ['--root', `more=${more!}`]);
    const { page, faults } = await openPage(browser, `${service.url}/${item}`);
    const said = await heardBy(page);
    const before = await rowsOf(page);
    await page.getByLabel('Root').selectOption('more');
    await settled(page);
    await goTo(page, `${item}?root=more`);
    const shown = await rowsOf(page);
    expect(shown.length).toBe(20);
    expect(shown).not.toEqual(before);
    expect((await said()).join('\n')).not.toContain('published');
    const { body } = await service.get('/v1/more/similar?item=id:eagles-hotel-california&k=20');
    expect(shown).toEqual(body.neighbours.map(({ name }: { name: string }) => name));
    expect(faults).toEqual([]);
    await page.context().close();
    await service.end('SIGTERM');
  });
});
