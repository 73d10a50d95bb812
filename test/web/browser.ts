import { spawn, type ChildProcess } from 'node:child_process';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { binPath, cleanEnv } from '../helpers/run-segue.js';

/** `segue explore` as a shell runs it. */
export class Explored {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;

  private constructor(url: string, child: ChildProcess, ended: Promise<number | null>) {
    this.url = url;
    this.#child = child;
    this.#ended = ended;
  }

  /** @param root the directory of the snapshots */
  static async start(root: string, args: readonly string[] = []): Promise<Explored> {
    const child = spawn(
      process.execPath,
      [binPath, 'explore', '--port', '0', '--no-open', '--json', ...args],
      { env: cleanEnv({ SEGUE_ROOT: root }), stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const said: string[] = [];
    child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
    const url = await new Promise<string>((resolve, reject) => {
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        const [, found] = /"page":\s*"([^"]+)"/.exec(text) ?? [];
        if (found !== undefined) resolve(found);
      });
      void ended.then(() => reject(new Error(`segue explore ended:\n${said.join('')}`)));
    });
    return new Explored(url, child, ended);
  }

  /** As Ctrl-C does. Resolves with the exit code. */
  stop(): Promise<number | null> {
    this.#child.kill('SIGINT');
    return this.#ended;
  }
}

/** What a page did that it should not: errors on its console, and requests to anywhere but the service. */
export interface Watched {
  readonly page: Page;
  readonly faults: string[];
}

export interface PageLook {
  readonly width?: number;
  readonly scheme?: 'light' | 'dark';
  /** Failures of requests that a test brings about are no faults. */
  readonly failing?: boolean;
}

/** A page in a browser profile of its own, so that nothing of another test is stored. */
export async function openPage(browser: Browser, url: string, look: PageLook = {}): Promise<Watched> {
  const { width = 1280, scheme = 'light', failing = false } = look;
  const context = await browser.newContext({
    ...{ viewport: { width, height: 900 }, colorScheme: scheme },
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(900_000);
  const page = await context.newPage();
  const faults: string[] = [];
  const { origin } = new URL(url);
  page.on('request', (request) => {
    const asked = request.url();
    if (!asked.startsWith(`${origin}/`) && !asked.startsWith('data:')) faults.push(`asked for ${asked}`);
  });
  page.on('console', (message) => {
    const isFailure = message.text().startsWith('Failed to load resource');
    // A screenshot of what WebGL drew stalls a driver that works in software, which says so.
    const isOfDriver = message.text().includes('GL Driver Message');
    if (['error', 'warning'].includes(message.type()) && !(failing && isFailure) && !isOfDriver)
      faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(error.stack ?? error.message));
  await page.goto(url);
  await settled(page);
  return { page, faults };
}

/** When nothing is on its way any more. */
export async function settled(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle');
  await page.waitForFunction(
    () =>
      document.querySelector('h1') !== null && document.querySelector('.loading, [aria-busy=true]') === null,
  );
}

/** To another place of the page, by its address. */
export async function goTo(page: Page, fragment: string): Promise<void> {
  await page.evaluate((hash) => {
    window.location.hash = hash;
  }, fragment);
  await settled(page);
}

/** What axe finds wrong, a line each. */
export async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate('axe.run(document, { resultTypes: ["violations"] })');
  const { violations } = found as {
    violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[];
  };
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ html, failureSummary = '' }) => `${id}: ${html.slice(0, 200)} ${failureSummary.slice(0, 300)}`,
    ),
  );
}

/** By how many pixels the page is wider than the window. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** The names of a list's rows, from the top. */
export function rowsOf(page: Page, within = 'main'): Promise<string[]> {
  return page.locator(`${within} a[data-row]`).allInnerTexts();
}

/** What a screen reader says from now on: it is told by a region that changes. */
export async function heardBy(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const region = document.querySelector('[role=status]');
    if (region === null) throw new Error('nothing is said on this page');
    const said: string[] = [];
    new MutationObserver(() => said.push(region.textContent)).observe(region, {
      ...{ childList: true, characterData: true, subtree: true },
    });
    Object.assign(window, { said });
  });
  return () => page.evaluate(() => ('said' in window ? (window.said as string[]) : []));
}
