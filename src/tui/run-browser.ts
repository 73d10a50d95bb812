/** The neighbour browser on this process's terminal. Ink and React take their time to load: that happens here, when run. */
import { screenOf } from '../cli/terminal/screen.js';
import { abortError } from '../core/errors.js';
import { AlternateScreen } from './alternate-screen.js';
import { browserTitle } from './theme.js';
import type { MountedBrowser, MountOptions } from './mount-browser.js';
import type { BrowserItem, NeighbourSource } from '../core/tasks/browse.js';
import type { BrowseNews } from '../core/tasks/follow-neighbours.js';
import { requireTerminal } from './require-terminal.js';

export interface RunBrowserOptions {
  /** The item to begin at; without one, the browser begins with a search. */
  readonly start?: BrowserItem;
  /** Leaves the browser when aborted. */
  readonly signal?: AbortSignal;
  /** Called once the browser has moved to another source. */
  readonly release?: () => void;
  /** Tells of sources to move to; returns how to stop listening. */
  readonly subscribe?: (listener: (news: BrowseNews) => void) => () => void;
}

/**
 * Shows the browser on the terminal's alternate screen until its user quits (q or Ctrl-C), then gives the terminal back
 * as it was: so too when the process exits or crashes meanwhile. `source` stays open; whoever opened it closes it.
 *
 * @throws AppError `not-a-terminal` where there is none (see requireTerminal); the reason of `signal` when it is aborted; whatever
 *   the source throws that is not an AppError.
 */
export async function runNeighbourBrowser(
  source: NeighbourSource,
  options: RunBrowserOptions = {},
): Promise<void> {
  const { signal } = options;
  const { stdin, stdout } = process;
  requireTerminal();
  throwIfAborted(signal);

  const screen = new AlternateScreen(stdout, stdin);
  screen.enter();
  try {
    // Something to look at meanwhile; keys that are pressed already wait for the first frame.
    screen.write(` ${browserTitle}`);
    const { mountBrowser } = await importForProduction();
    throwIfAborted(signal);
    const { start, release, subscribe } = options;
    const hasColour = screenOf(stdout).coloured;
    const browser = mountBrowser({ source, start, release, subscribe, screen, stdin, hasColour });
    signal?.addEventListener('abort', browser.unmount);
    await browser.unmounted;
    signal?.removeEventListener('abort', browser.unmount);
  } finally {
    screen.leave();
  }
  throwIfAborted(signal);
}

/**
 * React chooses its build by NODE_ENV when it is loaded. Its development build is twice as slow and records every
 * component of every frame for a profiler: 300 MB after 2,000 keys.
 */
async function importForProduction(): Promise<{ mountBrowser: (options: MountOptions) => MountedBrowser }> {
  const before = process.env['NODE_ENV'];
  process.env['NODE_ENV'] = 'production';
  try {
    return await import('./mount-browser.js');
  } finally {
    if (before === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = before;
  }
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw abortError(signal);
}
