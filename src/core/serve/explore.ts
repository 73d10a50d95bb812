/** `segue explore`: the service for whoever sits at this machine, and its page. */
import { resolve } from 'node:path';
import { Closers } from '../closers.js';
import type { TaskContext } from '../contracts.js';
import { optionValues } from '../options/values.js';
import { resolveReference } from '../snapshot/resolve-reference.js';
import { openBrowser, pageLeadingTo } from './open-browser.js';
import { serve } from './serve.js';

export interface ExploreOptions {
  readonly root: string;
  /** Which snapshot the page begins with; what is current without it, or the latest while nothing is published. */
  readonly snapshot?: string | undefined;
  /** Of a bundle which member; its first by default. */
  readonly as?: string | undefined;
  /** 0: any that is free. */
  readonly port: number;
  /** Whether likes, dislikes and bans can be kept. */
  readonly write: boolean;
  /** Whether the page is opened in a browser. */
  readonly opens: boolean;
  /** Called when it answers. */
  readonly onReady: (exploring: Exploring) => Promise<unknown>;
}

export interface Exploring {
  /** Of the page. Where feedback can be kept it holds the token for that, which the page takes out of it. */
  readonly page: string;
  readonly url: string;
  readonly port: number;
  readonly root: string;
  /** What the page begins with. */
  readonly snapshot: string;
  readonly write: boolean;
}

/**
 * Serves on loopback until the context's signal ends it; without `write` there is no route that changes anything. AppErrors:
 * as `serve`, and of resolving `snapshot`. That no browser opens is a note.
 */
export async function explore(options: ExploreOptions, context: TaskContext): Promise<void> {
  const { root, as, port, write, opens, onReady } = options;
  const asked = options.snapshot === undefined ? undefined : resolveReference(root, options.snapshot);
  const { host, timeout } = optionValues;
  const opened = new Closers();
  const open = (page: string, token: string | null): Promise<string | undefined> => {
    if (token === null) return openBrowser(page, process.env);
    const leading = pageLeadingTo(page);
    opened.keep({ close: () => leading.remove() });
    return openBrowser(leading.url, process.env);
  };
  try {
    await serve(
      {
        // A path that is whole is no NAME=DIR.
        ...{ roots: [resolve(root)], as, port, host: host.default, timeout: timeout.default, drain: '0s' },
        ...{ allowHost: [], requireToken: false, readOnly: !write, logLevel: 'silent', logDetails: false },
        async onReady({ url, port: bound, token, roots }) {
          const page = pageAt(url, token, asked);
          const snapshot = asked ?? roots[0]!.snapshot;
          await onReady({ ...{ page, url, root, snapshot, write }, port: bound });
          const failure = opens ? await open(page, token) : undefined;
          if (failure !== undefined)
            context.onProgress({ kind: 'note', message: `no browser could be opened: ${failure}` });
        },
      },
      context,
    );
  } finally {
    opened.close();
  }
}

/** The fragment of an address is never sent to anyone. */
function pageAt(url: string, token: string | null, snapshot: string | undefined): string {
  const place = snapshot === undefined ? '' : `/?snapshot=${snapshot}`;
  const fragment = [token === null ? '' : `token=${token}`, place].filter((part) => part !== '').join('&');
  return `${url}/${fragment === '' ? '' : `#${fragment}`}`;
}
