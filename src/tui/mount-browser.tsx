import { render } from 'ink';
import { useLayoutEffect, type ReactNode } from 'react';
import type { ReadStream } from 'node:tty';
import type { AlternateScreen } from './alternate-screen.js';
import { NeighbourBrowser, type NeighbourBrowserProps } from './neighbour-browser.js';

export interface MountOptions extends Pick<
  NeighbourBrowserProps,
  'source' | 'start' | 'release' | 'subscribe' | 'hasColour'
> {
  /** Entered. It is left when the browser is unmounted. */
  readonly screen: AlternateScreen;
  readonly stdin: ReadStream;
}

export interface MountedBrowser {
  readonly unmount: () => void;
  /** Resolves when the browser is unmounted, by its user or otherwise; rejects with what a component threw. */
  readonly unmounted: Promise<void>;
}

export function mountBrowser(options: MountOptions): MountedBrowser {
  const { screen, stdin, ...browser } = options;
  const app = render(
    <OnScreen screen={screen}>
      <NeighbourBrowser
        {...browser}
        onQuit={() => {
          app.unmount();
        }}
        onCursor={(position) => {
          screen.placeCursor(position);
        }}
      />
    </OnScreen>,
    {
      // Of a terminal's stream Ink only uses what AlternateScreen has: write, columns, rows and 'resize'.
      stdout: screen as unknown as NodeJS.WriteStream,
      stdin,
      debug: true,
      exitOnCtrlC: false,
      patchConsole: false,
    },
  );
  return {
    unmount: () => {
      app.unmount();
    },
    unmounted: app.waitUntilExit().then(() => {}),
  };
}

interface OnScreenProps {
  readonly screen: AlternateScreen;
  readonly children: ReactNode;
}

/** A signal that nobody handles ends the process without its 'exit' event, but Ink still unmounts what it draws. */
function OnScreen({ screen, children }: OnScreenProps): ReactNode {
  useLayoutEffect(
    () => () => {
      screen.leave();
    },
    [screen],
  );
  return children;
}
