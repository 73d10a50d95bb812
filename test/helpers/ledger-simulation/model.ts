/** What a ledger must answer, by plain Maps: what was given to it, and what it acknowledged. */
import type { Entry, LedgerReader, NewEntry } from '#dist/core/ledger/entry.js';
import type { AddedEntry } from '#dist/core/ledger/open-ledger.js';

/** Whether it repeats what is there: written anew, as it is compared with the ledger's own. */
function isRepeated(given: NewEntry, held: NewEntry): boolean {
  const said = (entry: NewEntry): number => entry.saidMs ?? entry.atMs;
  const content = ({ item, type, scope, source, undoes }: NewEntry): string =>
    [item, type, scope, source, undoes].join();
  return content(given) === content(held) && (given.isNow === true || said(given) === said(held));
}

/** A promise that does not hold. */
export class BrokenPromise extends Error {}

interface Promised {
  readonly user: string;
  readonly id: string;
  /** undefined: it is there, as the answer 'repeated' said, under whatever seq. */
  readonly seq: number | undefined;
}

/** How much was promised. */
interface Mark {
  readonly entries: number;
  readonly positions: number;
  readonly forgotten: number;
}

/** What a reader sees, beside its answers. */
export interface Seen {
  readonly reader: LedgerReader;
  readonly positions: ReadonlyMap<string, number>;
  /** All entries of a user, undone ones and repeated ones too, by seq. */
  raw(user: string): readonly Entry[];
}

export class Model {
  /** By user and id: what was given under it. */
  readonly #given = new Map<string, NewEntry[]>();
  readonly #promised: Promised[] = [];
  readonly #seqs = new Map<number, string>();
  readonly #positions: { readonly partition: string; readonly offset: number }[] = [];
  readonly #askedToForget = new Map<string, number[]>();
  readonly #forgotten: { readonly user: string; readonly atMs: number }[] = [];
  readonly users: readonly string[];

  constructor(users: readonly string[]) {
    this.users = users.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }

  give(entries: readonly NewEntry[]): void {
    for (const entry of entries) {
      const key = keyOf(entry.user, entry.id);
      const given = this.#given.get(key) ?? [];
      if (!given.includes(entry)) this.#given.set(key, [...given, entry]);
    }
  }

  /** @param mark as of when they were asked for */
  acknowledge(entries: readonly NewEntry[], added: readonly AddedEntry[], mark: Mark): void {
    must(added.length === entries.length, 'not every entry was answered');
    for (const [at, answer] of added.entries()) {
      const { user, id, position, atMs, isNow } = entries[at]!;
      must(answer.id === id, `an answer is about ${answer.id}, ${id} was given`);
      const isForgotten =
        isNow !== true &&
        this.#forgotten.slice(0, mark.forgotten).some((each) => each.user === user && atMs <= each.atMs);
      must(!isForgotten || !('seq' in answer), `${keyOf(user, id)} was taken, and is forgotten`);
      if ('seq' in answer) {
        const other = this.#seqs.get(answer.seq);
        must(other === undefined, `seq ${answer.seq} was given to ${other ?? ''} and to ${keyOf(user, id)}`);
        const twice = this.#promised.find((each) => each.user === user && each.id === id);
        must(twice === undefined, `${keyOf(user, id)} was added twice`);
        this.#seqs.set(answer.seq, keyOf(user, id));
        this.#promised.push({ user, id, seq: answer.seq });
      } else if (answer.leftOut === 'repeated') {
        this.#promised.push({ user, id, seq: undefined });
        const given = this.#given.get(keyOf(user, id))!;
        must(
          given.some((each) => isRepeated(entries[at]!, each)),
          `${keyOf(user, id)} is another, and was dropped`,
        );
      } else if (answer.leftOut === 'conflict') {
        this.#promised.push({ user, id, seq: undefined });
        must(!isRepeated(entries[at]!, answer.holds), `${keyOf(user, id)} is the same, and was refused`);
      }
      if (position !== undefined && ('seq' in answer || answer.leftOut === 'behind'))
        this.#positions.push(position);
    }
  }

  askToForget(user: string, atMs: number): void {
    this.#askedToForget.set(user, [...(this.#askedToForget.get(user) ?? []), atMs]);
  }

  acknowledgeForgetting(user: string, atMs: number, seq: number): void {
    must(!this.#seqs.has(seq), `seq ${seq} was given twice`);
    this.#seqs.set(seq, `forgetting ${user}`);
    this.#forgotten.push({ user, atMs });
  }

  /** How much was promised so far. What was before a reader looks, it sees. */
  mark(): Mark {
    return {
      entries: this.#promised.length,
      positions: this.#positions.length,
      forgotten: this.#forgotten.length,
    };
  }

  /** Whether all up to a seq was acknowledged: what was not may be taken back. */
  isSettled(seq: number): boolean {
    for (let at = 1; at <= seq; at++) if (!this.#seqs.has(at)) return false;
    return true;
  }

  /** Throws BrokenPromise. */
  check({ reader, positions, raw }: Seen, mark = this.mark()): void {
    const held = new Map(this.users.map((user) => [user, raw(user)]));
    const seqs = new Set<number>();
    for (const [user, entries] of held) {
      this.#checkRaw(user, entries, seqs);
      this.#checkForgetting(user, reader, mark.forgotten);
      const wanted = naively(entries, reader.forgottenAt(user) ?? -Infinity);
      const got = reader.of(user).map(({ id }) => id);
      must(got.join() === wanted.join(), `of(${user}) is ${got.join()}, and should be ${wanted.join()}`);
    }
    const listed = [...reader.users()].join();
    const wantedUsers = this.users.filter((user) => held.get(user)!.length > 0);
    must(listed === wantedUsers.join(), `users are ${listed}, and should be ${wantedUsers.join()}`);
    for (const promised of this.#promised.slice(0, mark.entries)) this.#checkKept(promised, held);
    for (const { partition, offset } of this.#positions.slice(0, mark.positions))
      must((positions.get(partition) ?? -1) >= offset, `${partition} is not at ${offset} any more`);
    for (const seq of seqs) must(seq <= reader.watermark, `seq ${seq} is beyond the watermark`);
  }

  /** In what is on disk nobody is who was forgotten. */
  checkErased(raw: (user: string) => readonly Entry[]): void {
    for (const { user, atMs } of this.#forgotten)
      for (const entry of raw(user)) must(entry.atMs > atMs, `${user} is forgotten, and on disk`);
  }

  #checkRaw(user: string, entries: readonly Entry[], seqs: Set<number>): void {
    const ids = new Set<string>();
    let before = 0;
    let latestMs = -Infinity;
    for (const entry of entries) {
      const { seq } = entry;
      must(seq > before, `the entries of ${user} are out of order`);
      before = seq;
      must(!seqs.has(seq), `seq ${seq} is there twice`);
      seqs.add(seq);
      must(!ids.has(entry.id), `${keyOf(user, entry.id)} is there twice`);
      ids.add(entry.id);
      const given = this.#given.get(keyOf(user, entry.id));
      must(
        given?.some((each) => isSame(each, entry)) === true,
        `${keyOf(user, entry.id)} was never given so`,
      );
      // What is given now comes after all that its user said before, by whatever clock; other times are as they were brought.
      const isLatest = entry.atMs >= latestMs;
      const isAsGiven = given!.some(
        (each) => isSame(each, entry) && (each.isNow === true ? isLatest : each.atMs === entry.atMs),
      );
      must(isAsGiven, `${keyOf(user, entry.id)} is dated ${entry.atMs}, and ${latestMs} was before`);
      latestMs = Math.max(latestMs, entry.atMs);
      const known = this.#seqs.get(seq);
      must(known === undefined || known === keyOf(user, entry.id), `seq ${seq} is another entry's`);
    }
  }

  #checkKept({ user, id, seq }: Promised, held: ReadonlyMap<string, readonly Entry[]>): void {
    const entry = held.get(user)?.find((each) => each.id === id);
    if (entry !== undefined) {
      must(seq === undefined || entry.seq === seq, `${keyOf(user, id)} has another seq`);
      return;
    }
    const latest = Math.max(-Infinity, ...(this.#askedToForget.get(user) ?? []));
    const given = this.#given.get(keyOf(user, id))!;
    const mayBeForgotten = given.some(({ atMs, isNow }) => isNow === true || atMs <= latest);
    must(mayBeForgotten, `${keyOf(user, id)} was acknowledged, and is lost`);
  }

  #checkForgetting(user: string, reader: LedgerReader, mark: number): void {
    const at = reader.forgottenAt(user);
    for (const forgotten of this.#forgotten.slice(0, mark))
      if (forgotten.user === user)
        must(at !== undefined && at >= forgotten.atMs, `that ${user} is forgotten is lost`);
    must(
      at === undefined || (this.#askedToForget.get(user) ?? []).includes(at),
      `${user} never asked for that`,
    );
  }
}

/** Ids of what holds: written anew, since it is what the ledger's own is compared with. */
function naively(entries: readonly Entry[], forgottenAt: number): string[] {
  const left = entries.filter(({ atMs }) => atMs > forgottenAt);
  const undone = left.filter(({ type }) => type === 'undo').map(({ undoes }) => undoes);
  return left
    .filter(({ type, id }) => type !== 'undo' && !undone.includes(id))
    .sort((a, b) => (a.atMs === b.atMs ? a.seq - b.seq : a.atMs < b.atMs ? -1 : 1))
    .map(({ id }) => id);
}

function isSame(a: NewEntry, b: NewEntry): boolean {
  return (
    a === b ||
    (a.item === b.item &&
      a.type === b.type &&
      a.scope === b.scope &&
      a.weight === b.weight &&
      a.source === b.source &&
      (a.isNow === true ? b.atMs >= a.atMs : a.atMs === b.atMs && a.saidMs === b.saidMs) &&
      a.undoes === b.undoes &&
      a.position?.partition === b.position?.partition &&
      a.position?.offset === b.position?.offset)
  );
}

function keyOf(user: string, id: string): string {
  return `${user}/${id}`;
}

export function must(holds: boolean, otherwise: string): void {
  if (!holds) throw new BrokenPromise(otherwise);
}
