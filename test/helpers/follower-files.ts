/**
 * The files of a follower's world: one that is written, rotated by renaming or by copying and truncation, and looked at in
 * between any two calls. What was ever written is judged line by line.
 */
import {
  digestOf,
  startFiles,
  stepFiles,
  type FilesEffect,
  type FilesEvent,
  type FilesState,
  type SeenFile,
} from '#dist/core/realtime/file-steps.js';
import type { FileMark, SourceEvent, SourceStart } from '#dist/core/realtime/source.js';

/** Each is a mistake that the simulation has to find. */
export const fileBugs = [
  'files are known by their first lines',
  'what is known of a file is not noted before its lines are stored',
  'what is known of a file is lost in a power cut',
  'a file that was found is noted as read',
  'what was cut is not known any more',
  'a cut is not seen where as much is there again',
  'a cut is not said',
  'a copy that is not whole is a new file',
  'files beside are left where nothing is known',
  'files beside are not looked at again',
  'half a line at the end of a file is passed over',
  'a file in the place of another has its name',
  'a copy is read from its end',
  'a copy that has less says less of what was read',
  'what is read once ends where a copy of it did',
  'only the file in its place is looked at',
] as const;
/** Found by one world of more than twenty, of files or of memory. */
export const rareBugs: ReadonlySet<string> = new Set([
  'progress is noted before the lines are printed',
  'a file that was found is noted as read',
  'what was cut is not known any more',
  'files beside are left where nothing is known',
  'half a line at the end of a file is passed over',
  'a copy that has less says less of what was read',
]);
export type FileBug = (typeof fileBugs)[number];

/** So that a few lines are more than a mark, and a few are less. */
export const widthOfMarks = 160;

/** Of any file. */
const nothing: FileMark = {
  ...{ offset: 0, size: 0, starts: {} },
  ...{ head: digestOf(Buffer.alloc(0)), tail: digestOf(Buffer.alloc(0)) },
};

interface Written {
  readonly item: string;
  stream: number;
  /** In no file any more, since so many warnings. */
  destroyedAfter: number | undefined;
  /** Nobody could know that it was there. */
  isUnknowable: boolean;
}

interface Inode {
  readonly number: number;
  text: string;
  modifiedMs: number;
}

export interface GivenEvents {
  readonly partition: string;
  readonly events: readonly SourceEvent[];
}

const path = '/log/s';

export class FilesWorld {
  readonly #below: (n: number) => number;
  readonly #bug: FileBug | undefined;
  readonly #makeLine: (item: string) => string;
  /** The names, and what they stand for. */
  readonly #names = new Map<string, Inode>();
  readonly #free: number[] = [];
  #lastInode = 1;
  readonly #written = new Map<string, Written>();
  /** Calls that are still to be made of what was begun. */
  readonly #due: (() => void)[] = [];
  #stream = 0;
  #opsLeft: number;
  #ticks = 0;
  readonly #keep: number;
  readonly #header: string;
  readonly #isCalm: boolean;
  readonly #isDated: boolean;
  readonly #copies: boolean;
  readonly once: boolean;
  #hasDestroyed = false;

  #state!: FilesState;
  #effects: readonly FilesEffect[] = [];
  #gives: GivenEvents[] = [];
  readonly #warnings: string[] = [];
  #idle = 0;
  #isEnded = false;
  /** When it was started. */
  #wasWriting = false;

  /** Of items that were stored, for what can be said of their files. */
  isStored: (item: string) => boolean = () => false;

  constructor(below: (n: number) => number, makeLine: (item: string) => string, bug: FileBug | undefined) {
    this.#below = below;
    this.#bug = bug;
    this.#makeLine = makeLine;
    this.#opsLeft = 20 + below(60);
    this.#keep = 1 + below(4);
    this.#header = below(2) === 0 ? 'user,item\n' : '';
    this.#isCalm = below(2) === 0;
    this.#isDated = below(4) === 0;
    this.#copies = below(2) === 0;
    this.once = below(3) === 0;
    this.#create();
    if (below(3) > 0) this.#append();
  }

  get written(): ReadonlyMap<string, Written> {
    return this.#written;
  }

  start({ known, stored, marks }: SourceStart): void {
    const noted = this.#is('files are known by their first lines') ? new Map<string, FileMark>() : marks;
    this.#state = startFiles(
      { path, name: 's', once: this.once },
      { known, stored, marks: noted },
      widthOfMarks,
    );
    this.#effects = [{ do: 'look' }];
    this.#gives = [];
    this.#idle = 0;
    this.#isEnded = false;
    this.#wasWriting = this.#isWriting;
  }

  /** Calls of others. */
  turn(): void {
    if (!this.#isWriting) return;
    // Now and then nobody looks for long.
    const count = this.#below(12) === 0 ? 5 + this.#below(25) : this.#below(3);
    for (let n = 0; n < count; n++) this.#op();
  }

  /** One call of the source. @param at where a partition is to be read from */
  poll(at: (partition: string) => number): GivenEvents | 'ended' | undefined {
    const given = this.#gives.shift();
    if (given !== undefined) return given;
    if (this.#isEnded) return 'ended';
    const ask = this.#effects.at(-1);
    const { reading } = this.#state;
    if (reading !== undefined && reading.lines === undefined) {
      let after = at(reading.partition);
      if (this.#is('a copy is read from its end') && reading.path !== path)
        after = this.#names.get(reading.path)?.text.length ?? after;
      if (this.#is('half a line at the end of a file is passed over'))
        after = Math.max(after, this.#state.known.get(reading.partition)?.seen ?? 0);
      this.#step({ kind: 'begin', after });
    } else if (ask?.do === 'read') this.#step(this.#read(ask));
    else if (ask?.do === 'wait') {
      this.#idle += 1;
      this.#step({ kind: 'waited' });
    } else if (ask?.do === 'end' || this.#isOver()) this.#isEnded = true;
    else this.#look();
    return this.#gives.shift();
  }

  /** Whether everything was written, and nothing new was found for long. */
  #isOver(): boolean {
    // After the last look at those beside.
    return !this.once && !this.#isWriting && this.#idle > 24;
  }

  get #isWriting(): boolean {
    return this.#opsLeft > 0 || this.#due.length > 0;
  }

  /** Whether a follower that ended has to be started again. */
  get isOpen(): boolean {
    return this.#isWriting || (this.once && this.#wasWriting);
  }

  /** What is broken. @param counts how often each item is there, lines that are no events too */
  check(counts: ReadonlyMap<string, number>): string | undefined {
    for (const [item, { destroyedAfter, isUnknowable }] of this.#written) {
      const count = counts.get(item) ?? 0;
      if (count > 1) return `${item} is there ${count} times`;
      if (count === 1) continue;
      if (destroyedAfter === undefined) return `${item} is lost`;
      if (!isUnknowable && this.#warnings.length <= destroyedAfter)
        return `${item} is lost, and nobody says so`;
    }
    if (this.#isCalm && !this.#hasDestroyed && this.#warnings.some((each) => each.includes('not beside it')))
      return 'what is there is said to be gone';
    return undefined;
  }

  #is(bug: FileBug): boolean {
    return this.#bug === bug;
  }

  #step(event: FilesEvent): void {
    const before = this.#state;
    const { state, effects } = stepFiles(this.#sabotaged(before), event);
    this.#state = state;
    this.#effects = effects;
    for (const effect of effects) {
      if (effect.do === 'warn' && !this.#is('a cut is not said')) this.#warnings.push(effect.message);
      if (effect.do !== 'give') continue;
      this.#idle = 0;
      let { partition } = before.reading!;
      if (this.#is('a file in the place of another has its name'))
        partition = partition.replace(/(-\w+)-\d+$/, '$1');
      this.#gives.push({ partition, events: effect.events.map((each) => this.#marked(each)) });
    }
    if (state.reading === undefined && effects.at(-1)?.do !== 'wait' && effects.at(-1)?.do !== 'end')
      this.#effects = [{ do: 'look' }];
  }

  #marked(event: SourceEvent): SourceEvent {
    const { mark } = event;
    if (mark === undefined) return event;
    if (this.#is('a copy that is not whole is a new file'))
      return {
        ...event,
        mark: { ...mark, head: mark.offset > widthOfMarks ? mark.head : mark.tail, starts: {} },
      };
    return event;
  }

  #sabotaged(state: FilesState): FilesState {
    if (this.#bug === undefined) return state;
    const { reading } = state;
    const known = new Map(state.known);
    for (const [name, each] of known) {
      if (this.#is('what was cut is not known any more') && each.isCut)
        known.set(name, { ...each, reached: Infinity });
      if (this.#is('a copy that is not whole is a new file') && each.mark !== undefined)
        known.set(name, { ...each, mark: { ...each.mark, starts: {} } });
      if (this.#is('a copy that has less says less of what was read') && name === reading?.partition)
        known.set(name, { ...each, mark: reading.lines === undefined ? each.mark : reading.mark });
    }
    const changed = { ...state, known };
    const isOfPartition = ([key]: readonly [string, number]): boolean => key.startsWith('s/');
    if (
      this.#is('what is read once ends where a copy of it did') &&
      state.ends !== undefined &&
      reading !== undefined
    )
      return { ...changed, ends: new Map([...state.ends].filter(isOfPartition)) };
    if (reading === undefined) return changed;
    if (this.#is('a cut is not seen where as much is there again'))
      return { ...changed, reading: { ...reading, mark: nothing } };
    if (this.#is('files beside are not looked at again'))
      return { ...changed, reading: { ...reading, idle: 0 } };
    return changed;
  }

  #look(): void {
    const names = [...this.#names.keys()];
    let files = names.toSorted().flatMap((name): SeenFile[] => {
      this.#others();
      const inode = this.#names.get(name);
      if (inode === undefined) return [];
      const size = inode.text.length;
      const bytes = (from: number, to: number): Uint8Array => {
        if (this.#below(8) === 0) this.#others();
        return Buffer.from(inode.text.slice(from, to));
      };
      return [{ path: name, inode: String(inode.number), size, modifiedMs: inode.modifiedMs, bytes }];
    });
    const isAlone = this.#is('only the file in its place is looked at');
    if (isAlone || (this.#is('files beside are left where nothing is known') && this.#state.known.size === 0))
      files = files.filter((file) => file.path === path);
    this.#step({ kind: 'looked', files });
  }

  #read({ file, from, to }: FilesEffect & { do: 'read' }): FilesEvent {
    this.#others();
    const inode = this.#names.get(file.path);
    if (inode === undefined || String(inode.number) !== file.inode) return { kind: 'read', file: undefined };
    const { text } = inode;
    const piece = Buffer.from(text.slice(from, Math.min(to, from + widthOfMarks + 200)));
    if (from > 0) this.#others();
    const head = from === 0 ? piece : Buffer.from(inode.text.slice(0, widthOfMarks));
    const bytes: SeenFile['bytes'] = (start, end) =>
      start < from ? head.subarray(start, end) : piece.subarray(start - from, end - from);
    return { kind: 'read', file: { path: file.path, inode: file.inode, size: text.length, bytes } };
  }

  /** Between two calls. */
  #others(): void {
    if (!this.#isCalm && this.#below(6) === 0) this.#op();
  }

  #op(): void {
    this.#ticks += 1;
    const due = this.#due.shift();
    if (due !== undefined) {
      due();
      return;
    }
    if (this.#opsLeft === 0) return;
    this.#opsLeft -= 1;
    const choice = this.#below(12);
    if (choice < 7) this.#append();
    else if (choice === 7) this.#appendInHalves();
    else if (choice < 11) this.#rotate();
    else this.#copyBeside();
  }

  #now(): number {
    // Coarse, as a kernel's.
    return this.#ticks >> 2;
  }

  #create(): void {
    const reused = this.#below(2) === 0 ? this.#free.pop() : undefined;
    this.#stream += 1;
    const inode = { number: reused ?? ++this.#lastInode, text: this.#header, modifiedMs: this.#now() };
    this.#names.set(path, inode);
  }

  #write(inode: Inode, text: string): void {
    inode.text += text;
    inode.modifiedMs = this.#now();
  }

  #line(stream = this.#stream): string {
    const item = `i${this.#written.size}`;
    this.#written.set(item, { item, stream, destroyedAfter: undefined, isUnknowable: false });
    return `${this.#makeLine(item)}\n`;
  }

  #append(): void {
    const inode = this.#names.get(path);
    if (inode === undefined) return;
    for (let n = 1 + this.#below(4); n > 0; n--) this.#write(inode, this.#line());
  }

  #appendInHalves(): void {
    const inode = this.#names.get(path);
    if (inode === undefined) return;
    const line = this.#line();
    const half = 1 + this.#below(line.length - 1);
    this.#write(inode, line.slice(0, half));
    // Whoever writes has it open, whatever it is called by then.
    this.#due.push(() => this.#write(inode, line.slice(half)));
  }

  #rotate(): void {
    const date = `${path}-202401${String(10 + this.#ticks).padStart(4, '0')}`;
    const rotated = this.#isDated ? date : `${path}.1`;
    if (!this.#isDated) {
      for (let n = this.#keep; n >= 1; n--) {
        const [from, to] = [`${path}.${n}`, `${path}.${n + 1}`];
        this.#due.push(() => (n === this.#keep ? this.#remove(from) : this.#rename(from, to)));
      }
    }
    if (!this.#copies) {
      const inode = this.#names.get(path);
      this.#due.push(() => this.#rename(path, rotated));
      const late = this.#below(3);
      const stream = this.#stream;
      if (late === 0 && inode !== undefined) this.#due.push(() => this.#write(inode, this.#line(stream)));
      this.#due.push(() => this.#create());
      if (late === 1 && inode !== undefined)
        this.#due.push(
          () => this.#append(),
          () => {
            this.#write(inode, this.#line(stream));
            if (![...this.#names.values()].includes(inode)) this.#destroyed(inode.text, false);
          },
        );
    } else this.#copyAndTruncate(rotated);
    if (this.#isDated)
      this.#due.push(() => {
        const old = [...this.#names.keys()].filter((name) => name.startsWith(`${path}-`)).toSorted();
        for (const name of old.slice(0, Math.max(0, old.length - this.#keep))) this.#remove(name);
      });
  }

  #copyAndTruncate(to: string): void {
    const copied: { copy?: Inode } = {};
    this.#due.push(() => {
      const original = this.#names.get(path);
      if (original === undefined) return;
      const copy: Inode = { number: ++this.#lastInode, text: '', modifiedMs: this.#now() };
      copied.copy = copy;
      this.#names.set(to, copy);
      if (this.#below(2) === 0)
        this.#write(copy, original.text.slice(0, this.#below(original.text.length + 1)));
    });
    const finish = (): void => {
      const original = this.#names.get(path);
      if (original !== undefined && copied.copy !== undefined)
        this.#write(copied.copy, original.text.slice(copied.copy.text.length));
    };
    this.#due.push(finish);
    // Between them, as it happens, a line is lost unless it is read at once.
    if (this.#below(8) === 0) this.#due.push(() => this.#append());
    this.#due.push(() => {
      const original = this.#names.get(path);
      if (original === undefined || copied.copy === undefined) return;
      const { text } = original;
      original.text = '';
      this.#destroyed(text, true);
      this.#stream += 1;
      if (this.#header !== '' || this.#below(2) === 0) this.#write(original, this.#header);
      original.modifiedMs = this.#now();
    });
  }

  #copyBeside(): void {
    const original = this.#names.get(path);
    if (original === undefined) return;
    const to = `${path}.bak`;
    this.#names.set(to, { number: ++this.#lastInode, text: original.text, modifiedMs: this.#now() });
  }

  #rename(from: string, to: string): void {
    const inode = this.#names.get(from);
    if (inode === undefined) return;
    const before = this.#names.get(to);
    this.#names.delete(from);
    this.#names.set(to, inode);
    if (before !== undefined) this.#destroyed(before.text, false);
  }

  #remove(name: string): void {
    const inode = this.#names.get(name);
    if (inode === undefined) return;
    this.#names.delete(name);
    this.#free.push(inode.number);
    this.#destroyed(inode.text, false);
  }

  /** What was in a file, and is in none now. */
  #destroyed(text: string, hasCopy: boolean): void {
    // Only what is known of is looked for in a file that is not called as rotation calls them.
    const rest = [...this.#names].map(([name, inode]) => (name.endsWith('.bak') ? '' : inode.text)).join('');
    const stored = [...this.#written.values()].filter(({ item }) => this.isStored(item));
    const latest = Math.max(0, ...stored.map(({ stream }) => stream));
    for (const line of text.split('\n')) {
      const item = /"item":"(i\d+)"|^x(i\d+)$/.exec(line);
      const written = this.#written.get(item?.[1] ?? item?.[2] ?? '');
      if (written === undefined || rest.includes(`${line}\n`)) continue;
      this.#hasDestroyed = true;
      if (written.destroyedAfter !== undefined) continue;
      written.destroyedAfter = this.#warnings.length;
      // A copy beside may be all that there was.
      written.isUnknowable = hasCopy || written.stream !== latest || this.#names.has(`${path}.bak`);
    }
  }
}
