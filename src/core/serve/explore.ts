/** `segue explore`: the service for whoever sits at this machine, and its page. */
import { resolve } from 'node:path';
import { Closers } from '../closers.js';
import type { Positive, SnapshotId, TaskContext } from '../contracts.js';
import { askedOf } from '../options/operation.js';
import * as operations from '../options/operations.js';
import type { Asked } from '../options/option.js';
import { resolveReference } from '../snapshot/resolve-reference.js';
import { openBrowser, pageLeadingTo } from './open-browser.js';
import { serve } from './serve.js';

/** The page begins with what is current where no snapshot is named, or with the latest while nothing is published. */
export interface ExploreOptions extends Omit<Asked<typeof operations.explore.options>, 'noOpen'> {
  /** Whether the page is opened in a browser. */
  readonly opens: boolean;
  /** Called when it answers. */
  readonly onReady: (exploring: Exploring) => Promise<unknown>;
}

export interface Exploring {
  /** Of the page. Where feedback can be kept it holds the token for that, which the page takes out of it. */
  readonly page: string;
  readonly url: string;
  readonly port: Positive;
  readonly root: string;
  /** What the page begins with. */
  readonly snapshot: SnapshotId;
  readonly write: boolean;
}

/**
 * Serves on loopback until the context's signal ends it; without `write` there is no route that changes anything. AppErrors:
 * as `serve`, and of resolving `snapshot`. That no browser opens is a note.
 */
export async function explore(options: ExploreOptions, context: TaskContext): Promise<void> {
  const { root, as, port, mayWrite: write, opens, onReady } = options;
  const asked = options.snapshot === undefined ? undefined : resolveReference(root, options.snapshot);
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
        ...askedOf(operations.serve, { roots: [resolve(root)], as, port, drain: '0s', logLevel: 'silent' }),
        readOnly: !write,
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
