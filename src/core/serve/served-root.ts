/** A root as a service has it open: what is current, what was before as long as someone asks for it, and the ledger. */
import { statSync, type Stats } from 'node:fs';
import { releasing } from '../closers.js';
import type { TaskContext } from '../contracts.js';
import { AppError, orMachineError } from '../errors.js';
import type { LedgerMark } from '../query/item-lists.js';
import type { LedgerReader, NewEntry } from '../ledger/entry.js';
import { addWhole, openLedger, type AddedEntry, type Ledger } from '../ledger/open-ledger.js';
import { openLedgerReader } from '../ledger/open-reader.js';
import { followCurrent, type Follower } from '../publishing/follow-current.js';
import { openReader, type Reader } from '../query/reader.js';
import { currentName, idPattern, rootPath } from '../snapshot/layout.js';
import { HiddenItems, hideItem } from '../snapshot/hidden-items.js';
import { leaseSnapshot, type LeasedSnapshot } from '../snapshot/open-snapshot.js';
import { openIntent, readHistory, type HistoryLine } from '../snapshot/publication-log.js';
import { readCurrent, resolveReference } from '../snapshot/resolve-reference.js';
import { openKnownItems, type KnownItems } from '../tasks/feedback/known-items.js';
import type { Page } from './page.js';
import { HttpError } from './problems.js';

export interface ServedRootOptions {
  readonly root: string;
  readonly as: string | undefined;
  /** Threads that answer. */
  readonly workers: number;
  readonly onChange: (snapshot: string, before: string) => void;
  readonly onFailure: (error: unknown) => void;
}

/** Which snapshot is to answer. */
export interface Wanted {
  /** By any reference; what is current without it. */
  readonly snapshot?: string | undefined;
  /** One that was published with this sequence number, or later. */
  readonly minEpoch?: number | undefined;
}

export interface HeldReader {
  readonly reader: Reader;
  /** By which it can be asked for again; of a member of a bundle the bundle's. */
  readonly id: string;
  /** The sequence number of its publication; null for one that was never published. */
  readonly epoch: number | null;
  release(): void;
}

/** A snapshot's publication. */
interface Publication {
  /** Its sequence number; null for a snapshot that was never published. */
  readonly epoch: number | null;
  readonly publishedAtMs: number | null;
}

/** Which directory it is, whatever its name. */
type Place = Pick<Stats, 'dev' | 'ino'>;

interface Opened {
  readonly reader: Reader;
  /** It changes where the same snapshot is published again. */
  publication: Publication;
  /** What it knows of items that feedback is about. */
  known(): Promise<KnownItems>;
  close(): Promise<void>;
}

/** One that is not current, opened because someone asked for it. */
interface Older {
  readonly opened: Promise<Opened>;
  users: number;
  usedAtMs: number;
}

/** A list whose pages are asked for stays as it was for so long after each. */
const pageKeptMs = 300_000;
/** Older snapshots that are kept open, and for how long after their last answer. */
const mostOlder = 2;
const keptMs = 60_000;
/** What was published is noticed by itself; callers who wait for it make it be looked for this often at most. */
const lookMs = 1000;
/** How often to look whether what answers was published again. */
const renewMs = 1000;
/** A problem's code, beside the codes of errors. */
const rootGone = 'root-gone';

export class ServedRoot {
  readonly #options: ServedRootOptions;
  readonly #context: TaskContext;
  readonly #follower: Follower<Opened>;
  /** Of the root. */
  readonly #place: Place;
  readonly #hidden: HiddenItems;
  readonly #older = new Map<string, Older>();
  /** Snapshots that pages were given of, which no collector takes. */
  readonly #kept = new Map<string, { readonly lease: Promise<LeasedSnapshot>; untilMs: number }>();
  readonly #sweep: NodeJS.Timeout;
  readonly #renewing: NodeJS.Timeout;
  #historyStamp: string | undefined;
  #lookedAtMs = -Infinity;
  #ledger: Promise<Ledger> | undefined;
  /** That of the ledger that was written to: it knows what has to be there. */
  #ownReader: LedgerReader | undefined;
  /** For what is measured before. */
  #ledgerReader: LedgerReader | undefined;

  private constructor(
    options: ServedRootOptions,
    context: TaskContext,
    follower: Follower<Opened>,
    place: Place,
  ) {
    this.#options = options;
    this.#place = place;
    this.#hidden = new HiddenItems(options.root);
    this.#context = context;
    this.#follower = follower;
    this.#sweep = setInterval(() => this.#closeUnused(), keptMs / 4).unref();
    this.#renewing = setInterval(() => this.#renew(), renewMs).unref();
  }

  /** Throws what opening a snapshot throws. */
  static async open(options: ServedRootOptions, context: TaskContext): Promise<ServedRoot> {
    const { root, as, workers, onChange, onFailure } = options;
    const follower = await followCurrent<Opened>(
      { root, onChange, onFailure },
      (id, opening) => open(root, id, opening, { as, workers, inMemory: true }),
      context,
    );
    const place = orMachineError(`read ${root}`, () => statSync(root));
    return new ServedRoot(options, context, follower, place);
  }

  get root(): string {
    return this.#options.root;
  }

  /** Of a bundle which member answers. */
  get as(): string | undefined {
    return this.#options.as;
  }

  /** Id of what is current here; of a bundle the bundle's. */
  get snapshot(): string {
    return this.#follower.snapshot;
  }

  /** Of what is current here. */
  get state(): Publication {
    const held = this.#follower.hold();
    held.release();
    return held.opened.publication;
  }

  /** HttpError 503 where the root is not there, or another directory has its place. */
  requireThere(): void {
    if (this.#isThere()) return;
    throw new HttpError(503, rootGone, 'what answers are made of is not there any more', [
      'whoever runs the service has to put the root back, or start the service anew',
    ]);
  }

  /** Codes of what keeps it from answering, or from all that obeys or takes feedback: recommending does. */
  problems(): string[] {
    if (!this.#isThere()) return [rootGone];
    const error = this.feedbackFailure();
    return error === undefined ? [] : [error instanceof AppError ? error.code : 'bug'];
  }

  /** Why the ledger cannot be read, if it cannot. */
  feedbackFailure(): unknown {
    try {
      this.#refreshedLedger();
      return undefined;
    } catch (error) {
      return error ?? new Error('unknown');
    }
  }

  #isThere(): boolean {
    try {
      const { dev, ino } = statSync(this.root);
      return dev === this.#place.dev && ino === this.#place.ino;
    } catch {
      return false;
    }
  }

  /** Publications that are on disk, and do not answer yet; null where they cannot be read. */
  lag(): number | null {
    try {
      return Math.max(0, (changesOf(this.root).at(-1)?.seq ?? 0) - (this.state.epoch ?? 0));
    } catch {
      return null;
    }
  }

  /** The last entry of the ledger; null while there is none, or it cannot be read. */
  ledgerWatermark(): number | null {
    const { ledger, seq } = this.ledgerMark() ?? { ledger: '', seq: 0 };
    return ledger === '' ? null : seq;
  }

  /** How far the ledger goes now, 0 where there is none; undefined where it cannot be read, as whoever needs it will say. */
  ledgerMark(): LedgerMark | undefined {
    try {
      const { ledger = '', watermark: seq = 0 } = this.#refreshedLedger() ?? {};
      return { ledger, seq };
    } catch {
      return undefined;
    }
  }

  /** Keeps what a page is of for the next one. */
  keepForPages(snapshot: string, nowMs: number): number {
    const untilMs = nowMs + pageKeptMs;
    const kept = this.#kept.get(snapshot) ?? { lease: leaseSnapshot(this.root, snapshot, this.as), untilMs };
    this.#kept.set(snapshot, kept);
    kept.untilMs = untilMs;
    kept.lease.catch(() => this.#kept.delete(snapshot));
    for (const [id, { lease, untilMs: until }] of this.#kept) {
      if (until >= nowMs) continue;
      this.#kept.delete(id);
      lease.then((each) => each.lease.release()).catch(this.#options.onFailure);
    }
    return untilMs;
  }

  /**
   * HttpError 410 where a list is not there any more as it was: after its time, with another ledger, where a user of it was
   * forgotten, or an item hidden. @param user of the list; null: it is of many
   */
  requirePage({ mark, untilMs }: Page, user: string | null | undefined, nowMs: number): void {
    const reader = mark.seq === 0 && user === undefined ? undefined : this.#refreshedLedger();
    const isOther = mark.seq > 0 && (reader?.ledger !== mark.ledger || reader.watermark < mark.seq);
    const isForgotten =
      (reader?.lastForgetting ?? 0) > mark.seq &&
      (user === null || (user !== undefined && reader?.forgottenAt(user) !== undefined));
    const isShorter = user !== null && this.#hidden.changedMs() > untilMs - pageKeptMs;
    if (nowMs <= untilMs && !isOther && !isForgotten && !isShorter) return;
    const why = nowMs > untilMs ? `a list is kept for ${pageKeptMs / 60_000} minutes` : 'it has changed';
    throw new HttpError(410, 'page-gone', `the list is not there any more as it was: ${why}`, [
      'begin again: ask for the first page, without the cursor',
    ]);
  }

  #refreshedLedger(): LedgerReader | undefined {
    const reader = this.#ownReader ?? (this.#ledgerReader ??= openLedgerReader(rootPath.feedback(this.root)));
    reader?.refresh();
    return reader;
  }

  /**
   * What is to answer; it stays open until it is released. HttpErrors: 404 for a name that no snapshot has, 410 for an id
   * that is not there, 412 where what is current is not that new yet.
   */
  async hold({ snapshot, minEpoch }: Wanted): Promise<HeldReader> {
    if (snapshot !== undefined && snapshot !== currentName) {
      const id = idOf(this.root, snapshot);
      if (id !== this.#follower.snapshot) return notBefore(minEpoch, await this.#holdOlder(id), 'asked');
    }
    if (minEpoch !== undefined && (this.state.epoch ?? 0) < minEpoch) {
      // One that cannot be opened is not tried again for every caller who asks for it.
      if (performance.now() - this.#lookedAtMs > lookMs) {
        this.#lookedAtMs = performance.now();
        await this.#follower.look();
      }
      this.#renew();
    }
    const held = this.#follower.hold();
    const { reader, publication } = held.opened;
    const now = { reader, ...publication, id: held.snapshot, release: () => held.release() };
    return notBefore(minEpoch, now, 'current');
  }

  /** What is current may have been made so again, after another that was so for less time than it takes to be opened. */
  #renew(): void {
    const held = this.#follower.hold();
    try {
      const { mtimeMs, size } = statSync(rootPath.history(this.root));
      const stamp = `${held.snapshot} ${mtimeMs} ${size}`;
      if (stamp === this.#historyStamp) return;
      held.opened.publication = publicationOf(this.root, held.snapshot);
      this.#historyStamp = stamp;
    } catch {
      // A root that cannot be read now: the follower tells of it.
    } finally {
      held.release();
    }
  }

  /**
   * Durable when it settles, and in force in all that is asked afterwards. AppErrors as `Ledger.add`; what `make` throws, and
   * then nothing is added; 'id-conflict' where `isWhole`.
   */
  async add(
    make: (known: Pick<KnownItems, 'find'>) => readonly NewEntry[],
    isWhole: boolean,
  ): Promise<{ ledger: string; added: readonly AddedEntry[] }> {
    return this.change(async (ledger, known) => {
      const entries = make(known);
      const added = await (isWhole ? addWhole(ledger, entries) : ledger.add(entries));
      return { ledger: ledger.reader.ledger, added };
    });
  }

  /** An item by id or name; durable when it settles. AppErrors as `KnownItems.find`. */
  async hide(name: string, hidden: boolean): Promise<{ item: string; hidden: boolean }> {
    return releasing(this.#follower.hold(), async (held) => {
      const { item } = (await held.opened.known()).find(name, 'item');
      hideItem(this.root, item, hidden);
      return { item, hidden };
    });
  }

  /** What is changed is in force in all that is asked afterwards. */
  async change<R>(work: (ledger: Ledger, known: KnownItems) => Promise<R>): Promise<R> {
    return releasing(this.#follower.hold(), async (held) => {
      const known = await held.opened.known();
      const ledger = await this.#openLedger();
      const done = await work(ledger, known);
      this.#ownReader = ledger.reader;
      return done;
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#sweep);
    clearInterval(this.#renewing);
    await this.#follower.close();
    for (const { opened } of this.#older.values())
      await opened.then((each) => each.close()).catch(() => undefined);
    this.#ledgerReader?.close();
    for (const { lease } of this.#kept.values())
      await lease.then((each) => each.lease.release()).catch(() => undefined);
    await (await this.#ledger?.catch(() => undefined))?.close();
  }

  #openLedger(): Promise<Ledger> {
    this.#ledger ??= openLedger(rootPath.feedback(this.root), this.#context).catch((error: unknown) => {
      this.#ledger = undefined;
      throw error;
    });
    return this.#ledger;
  }

  async #holdOlder(id: string): Promise<HeldReader> {
    let older = this.#older.get(id);
    if (older === undefined) {
      if (this.#older.size >= mostOlder) this.#closeUnused(0);
      if (this.#older.size >= mostOlder)
        throw new HttpError(503, 'overloaded', `${mostOlder} other snapshots are being asked already`, [
          'ask the current one: leave `snapshot` out',
        ]);
      const { root, as, workers } = this.#options;
      // A thread of its own: what it costs must not hold up the service, and ends with its deadline.
      const opened = open(root, id, this.#context, { as, workers: Math.min(1, workers), inMemory: false });
      older = { opened, users: 0, usedAtMs: performance.now() };
      this.#older.set(id, older);
      opened.catch(() => this.#older.delete(id));
    }
    const kept = older;
    kept.users += 1;
    const release = (): void => {
      kept.users -= 1;
      kept.usedAtMs = performance.now();
    };
    try {
      const { reader, publication } = await kept.opened;
      return { reader, ...publication, id, release };
    } catch (error) {
      release();
      throw goneOr(error, id);
    }
  }

  #closeUnused(olderThanMs = keptMs): void {
    const untilMs = performance.now() - olderThanMs;
    for (const [id, { opened, users, usedAtMs }] of this.#older) {
      if (users > 0 || usedAtMs > untilMs) continue;
      this.#older.delete(id);
      opened.then((each) => each.close()).catch(this.#options.onFailure);
    }
  }
}

async function open(
  root: string,
  reference: string,
  context: TaskContext,
  options: { readonly as: string | undefined; readonly workers: number; readonly inMemory: boolean },
): Promise<Opened> {
  const reader = await openReader(root, reference, context, options);
  let known: Promise<KnownItems> | undefined;
  return {
    reader,
    publication: publicationOf(root, reference),
    known: () =>
      (known ??= openKnownItems(root, { snapshot: reference, as: options.as }, context).catch(
        (error: unknown) => {
          // The reason may have been a passing one.
          known = undefined;
          throw error;
        },
      )),
    async close() {
      (await known?.catch(() => undefined))?.close();
      await reader.close();
    },
  };
}

/** HttpError 412 where it was published before a publication of this number. */
function notBefore(minEpoch: number | undefined, held: HeldReader, what: 'current' | 'asked'): HeldReader {
  if (minEpoch === undefined || (held.epoch ?? 0) >= minEpoch) return held;
  held.release();
  const said = what === 'current' ? 'is current' : 'is that of the snapshot';
  throw new HttpError(412, 'not-yet', `epoch ${held.epoch ?? 0} ${said}, ${minEpoch} is wanted`, [
    what === 'current' ? 'try again' : 'leave `snapshot` out: the current one answers',
  ]);
}

/** The last change that made a snapshot or bundle current. */
function publicationOf(root: string, id: string): Publication {
  const line = changesOf(root).findLast(({ to }) => to === id);
  return { epoch: line?.seq ?? null, publishedAtMs: line === undefined ? null : Date.parse(line.time) };
}

/** The changes of `current` that happened; one whose outcome is not written down yet where `current` shows it. */
function changesOf(root: string): HistoryLine[] {
  const lines = readHistory(root);
  const open = openIntent(lines);
  const isOpenDone = open !== undefined && open.to === readCurrent(root);
  return lines.filter((line) => line.phase === 'commit' || (line === open && isOpenDone));
}

/** What a reference names. */
function idOf(root: string, reference: string): string {
  try {
    return resolveReference(root, reference);
  } catch (error) {
    throw goneOr(error, reference);
  }
}

function goneOr(error: unknown, reference: string): unknown {
  if (!(error instanceof AppError) || error.code !== 'snapshot-not-found') return error;
  const wasOne = idPattern.test(reference);
  return new HttpError(
    wasOne ? 410 : 404,
    'snapshot-not-found',
    `there is no snapshot ${JSON.stringify(reference)}${wasOne ? ' any more' : ''}`,
    ['leave `snapshot` out: the current one answers'],
  );
}
