/**
 * Which file to read next, from where, and what is another file by now. Pure, so that a test drives it through any rotation;
 * file-source.ts does what it says.
 *
 * A partition is a sequence of bytes, whatever files hold it: the one that is written, the same one renamed, a copy of it, or what
 * there is of a copy so far. It is known by its mark, that is by what it holds, and not by names, inodes or first lines, which are
 * used again. What stands beside the file and holds no partition that is known is a new one.
 */
import { hash } from 'node:crypto';
import { endsEvent, LineSplitter } from './line-splitter.js';
import { markBytes, maxLineBytes, type FileMark, type SourceEvent, type SourceStart } from './source.js';

/** A file as it was when it was looked at. */
export interface SeenFile {
  readonly path: string;
  readonly inode: string;
  readonly size: number;
  readonly modifiedMs: number;
  /** Fewer than asked for where it ends before. */
  bytes(from: number, to: number): Uint8Array;
}

export type FilesEvent =
  /** The file that is followed, and what rotation may have made of it: those that are there. */
  | { readonly kind: 'looked'; readonly files: readonly SeenFile[] }
  /** The partition of `reading` is wanted from there on. */
  | { readonly kind: 'begin'; readonly after: number }
  /** What `read` asked for, and the file's first `markBytes`; undefined where another file, or none, has the name. */
  | { readonly kind: 'read'; readonly file: Omit<SeenFile, 'modifiedMs'> | undefined }
  | { readonly kind: 'waited' };

export type FilesEffect =
  | { readonly do: 'give'; readonly events: readonly SourceEvent[] }
  | { readonly do: 'warn'; readonly message: string }
  /** These ask for an event each, and are the last of their step. */
  | { readonly do: 'look' | 'wait' | 'end' }
  | { readonly do: 'read'; readonly file: Reading; readonly from: number; readonly to: number };

interface Reading {
  readonly partition: string;
  readonly path: string;
  readonly inode: string;
  /** Where what is read once ends; else Infinity. */
  readonly end: number;
  readonly at: number;
  /** Changed by each step. undefined until it is begun. */
  readonly lines: LineSplitter | undefined;
  /** Of what is before `at`. */
  readonly mark: FileMark;
  readonly idle: number;
}

interface Known {
  /** After the last line that was given, or was known before. */
  readonly reached: number;
  /** Where the last line ends that was stored: it may have had no line feed then, and has the same place when it comes again. */
  readonly stored: number;
  /** undefined where it was noted before there were marks, and no file was found by its first line. */
  readonly mark: FileMark | undefined;
  /** How far it was looked at: half a line may follow. */
  readonly seen: number;
  /** It was cut where it is written: what is there now is another one. */
  readonly isCut: boolean;
  readonly isGone: boolean;
}

export interface FilesState {
  readonly path: string;
  /** What partitions begin with. */
  readonly name: string;
  readonly once: boolean;
  readonly markBytes: number;
  /** In the order in which they were begun. */
  readonly known: ReadonlyMap<string, Known>;
  readonly reading: Reading | undefined;
  /** By inode the sizes at the first look, and by partition those of what was begun: so far all is read once. */
  readonly ends: ReadonlyMap<string, number> | undefined;
  /** Of unknown files those that are older are left as they are; 'undecided' until the first look. */
  readonly notBeforeMs: number | 'undecided' | undefined;
  /** Without a file at the last look. */
  readonly missing: readonly string[];
  /** Of which it is to be said where the rest of it is. */
  readonly cut: string | undefined;
  /** Bytes that are to be read, as far as it is known. */
  readonly waiting: number | undefined;
}

export interface FilesStep {
  readonly state: FilesState;
  readonly effects: readonly FilesEffect[];
}

type Bytes = Pick<SeenFile, 'bytes' | 'size'>;

const pieceBytes = 256 << 10;
/** So often a file that stays as it is is looked at alone before those beside it are. */
const mostIdle = 20;
const lineFeed = 10;
const space = 32;
const unknown: Known = { reached: 0, stored: 0, mark: undefined, seen: 0, isCut: false, isGone: false };

export function startFiles(
  { path, name, once }: Pick<FilesState, 'path' | 'name' | 'once'>,
  { known, marks, stored }: SourceStart,
  bytesOfMarks = markBytes,
): FilesState {
  const own = [...new Set([...marks.keys(), ...known.keys()])].filter((each) => each.startsWith(`${name}/`));
  const times = own.flatMap((partition) => marks.get(partition)?.notBeforeMs ?? []);
  const isOld = own.some((partition) => !marks.has(partition));
  const knownOwn = own.map((partition): [string, Known] => {
    const reached = known.get(partition) ?? 0;
    const [mark, end] = [marks.get(partition), stored.get(partition) ?? 0];
    return [partition, { ...unknown, reached, seen: reached, mark, stored: end }];
  });
  return {
    ...{ path, name, once, markBytes: bytesOfMarks, known: new Map(knownOwn), missing: [] },
    ...{ reading: undefined, ends: undefined, cut: undefined, waiting: undefined },
    notBeforeMs: times.length > 0 ? Math.max(...times) : isOld ? 'undecided' : undefined,
  };
}

export function stepFiles(state: FilesState, event: FilesEvent): FilesStep {
  const { reading } = state;
  if (event.kind === 'looked') return looked(state, event.files);
  if (event.kind === 'read' && event.file !== undefined) return taken(state, event.file);
  if (event.kind === 'begin' && reading !== undefined)
    return readOn(state, { ...reading, at: event.after, lines: new LineSplitter(event.after) });
  if (event.kind === 'waited' && reading?.lines !== undefined && reading.idle < mostIdle)
    return readOn(state, { ...reading, idle: reading.idle + 1 });
  return { state, effects: [{ do: 'look' }] };
}

function readOn(state: FilesState, file: Reading, first: readonly FilesEffect[] = []): FilesStep {
  const [from, to] = [Math.max(0, file.at - state.markBytes), Math.min(file.at + pieceBytes, file.end)];
  return { state: { ...state, reading: file }, effects: [...first, { do: 'read', file, from, to }] };
}

/** What was asked for begins before what is new, so that it is seen whether that is still what it was. */
function taken(state: FilesState, file: Bytes & Pick<SeenFile, 'path'>): FilesStep {
  const reading = state.reading!;
  const { partition, at, end, mark } = reading;
  const lines = reading.lines!;
  if (file.size < at || !isAt(state, file, mark)) {
    const known = withKnown(state, partition, { isCut: true });
    return { state: { ...known, reading: undefined, cut: partition }, effects: [{ do: 'look' }] };
  }
  const { stored, mark: before = mark } = knownOf(state, partition);
  const fresh = file.bytes(at, Math.min(at + pieceBytes, end, at < stored ? stored : Infinity));
  const reached = at + fresh.length;
  const waiting = Math.max(0, Math.min(file.size, end) - reached);
  const isOver = fresh.length === 0;
  if (isOver && file.path === state.path && !state.once)
    return { state: { ...state, waiting }, effects: [{ do: 'wait' }] };
  // Of a file that is over whoever wrote to it may do so still: it is looked at again.
  const isEnd = isOver || reached === stored;
  const events = [...lines.push(Buffer.from(fresh)), ...(isEnd ? lines.finishEvent() : [])];
  const size = Math.max(file.size, before.size);
  const marked = (offset: number): FileMark => markOf(state, { ...file, size }, offset, mark);
  const lineEnd = isEnd && !lines.isWithinLine ? reached : lines.position;
  const next = withKnown(state, partition, {
    ...{ reached: lines.position, seen: reached },
    // A copy that has less does not say less of what was read.
    mark: lineEnd > Math.max(isOver ? 0 : at, before.offset) ? marked(lineEnd) : before,
  });
  const last = events.at(-1);
  const given =
    last === undefined ? [] : [...events.slice(0, -1), { ...last, mark: knownOf(next, partition).mark! }];
  const gives: FilesEffect[] = last === undefined ? [] : [{ do: 'give', events: given }];
  if (isOver) return { state: { ...next, reading: undefined, waiting }, effects: [...gives, { do: 'look' }] };
  return readOn({ ...next, waiting }, { ...reading, at: reached, mark: marked(reached), idle: 0 }, gives);
}

function looked(before: FilesState, seen: readonly SeenFile[]): FilesStep {
  const files = inOrder(before, seen);
  const sizes = before.once ? new Map(files.map(({ inode, size }) => [inode, size])) : undefined;
  const state = adopted({ ...before, ends: before.ends ?? sizes }, files);
  const carried = carriersIn(state, files);
  const { warnings, next } = reported(state, files, carried);
  const chosen = files.find((file) => isNext(next, file, carried.get(file)));
  if (chosen === undefined) {
    // What is missing may be on its way from one name to another.
    const isOver = next.once && next.missing.every((partition) => knownOf(next, partition).isGone);
    return {
      state: { ...next, reading: undefined },
      effects: [...warnings, { do: isOver ? 'end' : 'wait' }],
    };
  }
  const partition = carried.get(chosen) ?? newName(next, chosen);
  const { path, inode, size } = chosen;
  const { reading } = next;
  if (reading?.partition === partition && reading.inode === inode && reading.lines !== undefined)
    return readOn(next, { ...reading, path, idle: 0 }, warnings);
  const end = endOf(next, chosen, partition);
  const { reached, mark: known } = knownOf(next, partition);
  const mark = markOf(next, chosen, reached > 0 ? reached : Math.min(size, end, next.markBytes));
  const begun = withKnown(next, partition, { mark: known ?? mark });
  const ends = next.ends === undefined ? undefined : new Map([...next.ends, [partition, end]]);
  // What has only a start of it may go on otherwise.
  const most = size < (known?.offset ?? 0) ? size : end;
  const begins = { partition, path, inode, end: most, mark, idle: 0, at: 0, lines: undefined };
  return { state: { ...begun, ends, reading: begins }, effects: warnings };
}

/** What was rotated away, the oldest first, then the one in place; each file once, whatever moved meanwhile. */
function inOrder({ path }: FilesState, seen: readonly SeenFile[]): SeenFile[] {
  const suffix = (file: SeenFile): string => file.path.slice(path.length);
  const isInPlace = (file: SeenFile): number => Number(file.path === path);
  const number = (file: SeenFile): number => Number(/^[.-](\d{1,4})$/.exec(suffix(file))?.[1] ?? 0);
  const files = seen.toSorted(
    (a, b) =>
      isInPlace(a) - isInPlace(b) ||
      a.modifiedMs - b.modifiedMs ||
      number(b) - number(a) ||
      (suffix(a) < suffix(b) ? -1 : 1),
  );
  return files.filter(({ inode }, at) => files.findIndex((other) => other.inode === inode) === at);
}

/**
 * Gives marks to what is known without, by the file with its first line, and a line that ends where it was read up to: that of its
 * inode, else a copy. What is older than these, and unknown, was left before.
 */
function adopted(state: FilesState, files: readonly SeenFile[]): FilesState {
  if (state.notBeforeMs !== 'undecided') return state;
  let next = state;
  const found = new Set<SeenFile>();
  // Of a file that was written anew in its place the last one.
  for (const [partition, { reached, mark }] of [...state.known].reverse()) {
    const [inode, firstLine] = partition.slice(state.name.length + 1).split('-');
    const fits = files.filter((file) => {
      const isEnd = reached === 0 ? file.inode === inode : endsEvent(file.bytes(reached - 1, reached)[0]);
      return !found.has(file) && reached <= file.size && firstLine === firstLineOf(state, file) && isEnd;
    });
    const file = fits.find((each) => each.inode === inode) ?? fits[0];
    if (file === undefined) continue;
    found.add(file);
    const offset = reached > 0 ? reached : Math.min(file.size, state.markBytes);
    next = withKnown(next, partition, { mark: mark ?? markOf(state, file, offset) });
  }
  const times = [...found].map(({ modifiedMs }) => modifiedMs);
  return { ...next, notBeforeMs: times.length === 0 ? Infinity : Math.max(...times) };
}

/**
 * By file the partition that it holds, or a start of which it holds. Two files may begin alike, as with a header, and hold what is
 * known of a partition both: the older is read first, and what is known then tells them apart.
 */
function carriersIn(state: FilesState, files: readonly SeenFile[]): Map<SeenFile, string> {
  const carried = new Map<SeenFile, string>();
  for (const file of files) {
    const isOfInode = (partition: string): boolean => partition.startsWith(`${state.name}/${file.inode}-`);
    const head = digestOf(file.bytes(0, state.markBytes));
    let most = 0;
    for (const partition of state.known.keys()) {
      const bytes = fitOf(state, file, head, partition);
      if (bytes === 0 || bytes < most || (bytes === most && isOfInode(carried.get(file)!))) continue;
      most = bytes;
      carried.set(file, partition);
    }
  }
  return carried;
}

/** How many bytes say that a file holds a partition; 0 where it does not. */
function fitOf(state: FilesState, file: SeenFile, head: string, partition: string): number {
  const { mark, isCut } = knownOf(state, partition);
  const isInPlace = file.path === state.path;
  if (mark === undefined || (isInPlace && (isCut || file.size < mark.offset))) return 0;
  const isLong = Math.min(file.size, mark.offset) >= state.markBytes;
  // Without a look at more of it: of partitions there may be many.
  if (isLong && mark.head !== head) return 0;
  if (file.size >= mark.offset) return isAt(state, file, mark) ? mark.offset : 0;
  // A copy that was made, or is being made, before all of it was read.
  if (isLong) return state.markBytes;
  const start = file.bytes(0, file.size);
  const end = start.lastIndexOf(lineFeed) + 1;
  return mark.starts[end] === startDigest(start.subarray(0, end)) ? end : 0;
}

function isAt({ markBytes: width }: FilesState, { bytes }: Bytes, { offset, head, tail }: FileMark): boolean {
  return (
    digestOf(bytes(Math.max(0, offset - width), offset)) === tail &&
    digestOf(bytes(0, Math.min(width, offset))) === head
  );
}

/** @param before an earlier one of the same */
function markOf(state: FilesState, { bytes, size }: Bytes, upTo: number, before?: FileMark): FileMark {
  const { markBytes: width, notBeforeMs } = state;
  const from = Math.max(0, upTo - width);
  const end = bytes(from, upTo);
  // Earlier where it is cut at this moment.
  const offset = from + end.length;
  const start = bytes(0, Math.min(width, offset));
  const [head, tail] = [digestOf(start), digestOf(end)];
  const starts = before?.head === head ? before.starts : startsOf(start);
  return { offset, head, tail, starts, size, ...(typeof notBeforeMs === 'number' ? { notBeforeMs } : {}) };
}

function startsOf(head: Uint8Array): Record<string, string> {
  const starts: Record<string, string> = {};
  for (let at = head.indexOf(lineFeed); at >= 0; at = head.indexOf(lineFeed, at + 1))
    starts[at + 1] = startDigest(head.subarray(0, at + 1));
  return starts;
}

function startDigest(bytes: Uint8Array): string {
  return digestOf(bytes).slice(0, 8);
}

/** What is to be said of what was cut, and of what is not there. */
function reported(
  state: FilesState,
  files: readonly SeenFile[],
  carried: ReadonlyMap<SeenFile, string>,
): { readonly warnings: readonly FilesEffect[]; readonly next: FilesState } {
  const { path, cut } = state;
  const messages: string[] = [];
  let next: FilesState = { ...state, cut: undefined };
  const copy = files.find((file) => file.path !== path && carried.get(file) === cut);
  if (cut !== undefined) {
    const where =
      copy === undefined ? 'what follows is' : `it is read to its end in ${copy.path}, and what follows`;
    messages.push(`${path} was cut: ${where}${copy === undefined ? ' read' : ''} as a new file`);
    if (copy === undefined) next = withKnown(next, cut, { isGone: true });
  }
  // What has only a start of it is not it.
  const isThere = (partition: string): boolean =>
    files.some(
      (file) => carried.get(file) === partition && file.size >= (knownOf(next, partition).mark?.size ?? 0),
    );
  // The last one grew until it was rotated away, and of the one before not all may have been read.
  const wanted = [...next.known].slice(-2).flatMap(([partition, { mark, reached }], at, last) => {
    return at === last.length - 1 || (mark !== undefined && mark.size > reached) ? [partition] : [];
  });
  const missing = [...new Set([...state.missing, ...wanted])].filter((each) => !isThere(each));
  const gone = missing.filter((each) => state.missing.includes(each) && !knownOf(next, each).isGone);
  for (const partition of gone) next = withKnown(next, partition, { isGone: true });
  if (gone.length > 0)
    messages.push(
      `what ${path} held when it was last read is not beside it: what was added to it after that is not seen`,
    );
  const before = files.filter((file) => file.path !== path && isNext(next, file, undefined));
  if (state.known.size === 0 && before.length > 0) {
    const names = before.map((file) => file.path).join(', ');
    messages.push(`nothing of ${path} was read before: ${names}, beside it, is read too`);
  }
  return { warnings: messages.map((message) => ({ do: 'warn', message })), next: { ...next, missing } };
}

/** Whether a file has what was not read; the one in place may get it. Of new ones, those that rotation calls so. */
function isNext(state: FilesState, file: SeenFile, partition: string | undefined): boolean {
  const isInPlace = file.path === state.path;
  if (partition === undefined) {
    const isRotated = /\d|^[.-](old|prev)$/.test(file.path.slice(state.path.length));
    const isLeft = file.modifiedMs < Number(state.notBeforeMs ?? 0);
    if (firstLineOf(state, file) === undefined || (!isInPlace && (isLeft || !isRotated))) return false;
  }
  const { reached, seen } = knownOf(state, partition ?? '');
  if (isInPlace && !state.once) return true;
  return Math.min(file.size, endOf(state, file, partition ?? '')) > Math.max(reached, seen);
}

/** Of what is read once the size at first sight. A copy may have been shorter then than what it is a copy of. */
function endOf({ ends }: FilesState, { inode }: SeenFile, partition: string): number {
  return ends === undefined ? Infinity : Math.max(ends.get(partition) ?? 0, ends.get(inode) ?? 0);
}

/** `<name>/<inode>-<digest of the first line>`, and for another one of these `-2` … */
function newName(state: FilesState, file: SeenFile): string {
  const name = `${state.name}/${file.inode}-${firstLineOf(state, file)!}`;
  for (let n = 1; ; n++) {
    const each = n === 1 ? name : `${name}-${n}`;
    if (!state.known.has(each)) return each;
  }
}

/** Digest of its first line; undefined where that may not be all there yet: a copy that has no line may be of anything. */
function firstLineOf({ path, once }: FilesState, file: SeenFile): string | undefined {
  const head = file.bytes(0, Math.min(file.size, maxLineBytes));
  const end = head.indexOf(lineFeed);
  const isWhole = (once && file.path === path) || head.length === maxLineBytes;
  if (head.length === 0 || (end < 0 && !isWhole)) return undefined;
  return digestOfLine(end < 0 ? head : head.subarray(0, end));
}

/** A line that had not ended when it was read, or ends otherwise since, is the same. */
export function digestOfLine(line: Uint8Array): string {
  return digestOf(line.subarray(0, line.findLastIndex((byte) => byte > space) + 1));
}

export function digestOf(bytes: Uint8Array): string {
  return hash('sha256', bytes).slice(0, 16);
}

function knownOf({ known }: FilesState, partition: string): Known {
  return known.get(partition) ?? unknown;
}

function withKnown(state: FilesState, partition: string, change: Partial<Known>): FilesState {
  const known = new Map(state.known).set(partition, { ...knownOf(state, partition), ...change });
  return { ...state, known };
}
