/** The neighbour browser on this process's terminal. Loaded by `await import` only: Ink and React take their time. */
import { render } from 'ink';
import { screenOf } from '../cli/screen.js';
import { abortError, AppError } from '../core/errors.js';
import { NeighbourBrowser } from './neighbour-browser.js';
import type { BrowserItem, NeighbourSource } from './neighbour-source.js';
import { AlternateScreen } from './alternate-screen.js';

export interface RunBrowserOptions {
  /** The item to begin at; without one, the browser begins with a search. */
  readonly start?: BrowserItem;
  /** Leaves the browser when aborted. */
  readonly signal?: AbortSignal;
}

/**
 * Shows the browser on the terminal's alternate screen until its user quits (q or Ctrl-C), then gives the terminal back
 * as it was: so too when the process exits or crashes meanwhile. `source` stays open; whoever opened it closes it.
 *
 * @throws AppError `not-a-terminal` where stdin or stdout is none; the reason of `signal` when it is aborted; whatever
 *   the source throws that is not an AppError.
 */
export async function runNeighbourBrowser(
  source: NeighbourSource,
  options: RunBrowserOptions = {},
): Promise<void> {
  const { start, signal } = options;
  const { stdin, stdout } = process;
  if (!stdin.isTTY || !stdout.isTTY) {
    throw new AppError('not-a-terminal', 'the browser needs a terminal for its keys and its screen', {
      suggestions: ['segue similar ITEM prints the same neighbours anywhere'],
    });
  }
  throwIfAborted(signal);

  const screen = new AlternateScreen(stdout);
  screen.enter();
  try {
    const app = render(
      <NeighbourBrowser
        source={source}
        start={start}
        hasColour={screenOf(stdout).coloured}
        onQuit={() => {
          app.unmount();
        }}
        onCursor={(position) => {
          screen.placeCursor(position);
        }}
      />,
      // Of a terminal's stream Ink only uses what AlternateScreen has: write, columns, rows and 'resize'.
      {
        stdout: screen as unknown as NodeJS.WriteStream,
        stdin,
        debug: true,
        exitOnCtrlC: false,
        patchConsole: false,
      },
    );
    const abort = (): void => {
      app.unmount();
    };
    signal?.addEventListener('abort', abort);
    try {
      await app.waitUntilExit();
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  } finally {
    screen.leave();
  }
  throwIfAborted(signal);
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw abortError(signal);
}
