/**
 * Processes that write, compact and read a ledger on a simulated disk, one effect of the protocol at a time, in an order
 * that a seed chooses: killed and failing at any call, with the power cut at any time. A model must agree throughout.
 */
import { AppError } from '#dist/core/errors.js';
import { stepAppend, beginAppend } from '#dist/core/ledger/append.js';
import type { Append, Wanted } from '#dist/core/ledger/append.js';
import { beginCatchUp, stepCatchUp } from '#dist/core/ledger/catch-up.js';
import { beginCompact, stepCompact } from '#dist/core/ledger/compact.js';
import { isRefused } from '#dist/core/ledger/drive.js';
import type { Holder } from '#dist/core/ledger/drive.js';
import type { Effect, LedgerEvent, Next } from '#dist/core/ledger/effects.js';
import { dated } from '#dist/core/ledger/entry.js';
import type { Entry, LedgerView, NewEntry } from '#dist/core/ledger/entry.js';
import { nothingButLive, nothingKnown, positionsOf } from '#dist/core/ledger/known.js';
import type { Known } from '#dist/core/ledger/known.js';
import { readerOf, refresh } from '#dist/core/ledger/open-reader.js';
import { LedgerFiles, keyBytes } from '#dist/core/ledger/perform.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import type { Random } from '#dist/core/numeric/random.js';
import { BrokenPromise, Model, must } from './model.js';
import { SimulatedDisk, Storage } from './storage.js';

/** What is planted into the protocol, to be found. */
export interface Sabotage {
  /** In the place of the effects that the protocol wants. */
  effects?(effects: readonly Effect[], known: Known): readonly Effect[];
  /** In the place of what the disk answered. */
  event?(event: LedgerEvent, known: Known, isAppending: boolean): LedgerEvent;
  /** In the place of what a process knows after a step. */
  known?(known: Known): Known;
  /** Files that are never synced. */
  withoutSync?(name: string): boolean;
  /** Acknowledges when the lines are written, and before they are durable. */
  acknowledgesEarly?: boolean;
  /** Reads what a change of the same process is just writing. */
  readsWhileAppending?: boolean;
  /** Takes more than some twenty seeds to be found. */
  isRare?: boolean;
}

/** A process does one of each at a time, as `openLedger` does. */
type Kind = 'add' | 'forget' | 'compact' | 'refresh';

/** A run of the protocol's machines, whatever their states. */
interface Run {
  next(event: LedgerEvent): readonly Effect[];
  effects: readonly Effect[];
  /** How many of them are done. */
  done: number;
  /** How often a lock was asked for. */
  tries: number;
  readonly kind: Kind;
  over(): void;
}

interface Pin {
  readonly view: LedgerView;
  readonly user: string;
  readonly ids: string;
  readonly forgottenAt: number | undefined;
}

class Process {
  readonly disk: SimulatedDisk;
  readonly holder: Holder;
  /** What it is at: of them one goes on until it waits for something. */
  readonly runs: Run[] = [];
  current: Run | undefined;
  pin: Pin | undefined;

  /** How far its clock is ahead, in ms: that of its host. */
  readonly skewMs: number;

  constructor(storage: Storage, skewMs = 0) {
    this.skewMs = skewMs;
    this.disk = new SimulatedDisk(storage);
    this.holder = { known: nothingKnown, files: new LedgerFiles(this.disk) };
  }
}

const users = ['\u{1f3b5}', 'a', '\uffee', 'b'];
const numProcesses = 4;
const mostStepsOfRun = 1000;
/** So often a lock that is waited for is asked for. */
const mostTries = 40;

/** Runs a seed. Throws BrokenPromise. */
export function simulate(seed: number, sabotage: Sabotage = {}): void {
  new Simulation(seed, sabotage).run();
}

class Simulation {
  readonly #random: Random;
  readonly #storage: Storage;
  readonly #model = new Model(users);
  readonly #sabotage: Sabotage;
  #processes: Process[] = [];
  #clock = 1000;
  #given: NewEntry[] = [];
  #offset = 0;
  /** Steps for which power cuts are likely. */
  #afterKill = 0;

  /** Of the hosts' clocks, ms: in a third of the seeds all are right. */
  readonly #skews: readonly number[];

  constructor(seed: number, sabotage: Sabotage) {
    this.#random = seededRandom(seed);
    const most = [1, 100, 100_000][this.#random.nextBelow(3)]!;
    this.#skews = Array.from({ length: numProcesses }, () => this.#random.nextBelow(2 * most) - most);
    this.#storage = new Storage(this.#random);
    this.#storage.withoutSync = sabotage.withoutSync?.bind(sabotage);
    this.#sabotage = sabotage;
    // A third of the seeds only crashes; in the others calls fail too, in some of them often.
    const kinds = [0, 0.01, 0.08];
    this.#storage.dangers = {
      failure: kinds[this.#random.nextBelow(3)]!,
      kill: [0, 0.01, 0.03][this.#random.nextBelow(3)]!,
    };
  }

  run(): void {
    this.#start();
    // To begin one takes many calls: where they are in danger, others hardly come.
    if (this.#random.nextBelow(4) > 0)
      this.#calmly(() => {
        this.#add(this.#processes[0]!);
        this.#finish(this.#processes[0]!);
      });
    const numSteps = 150 + this.#random.nextBelow(400);
    for (let step = 0; step < numSteps; step++) {
      const process = this.#processes[this.#random.nextBelow(numProcesses)]!;
      // Soon after a kill more often: what it left, and others built on, is not durable then.
      if (this.#storage.chance((this.#afterKill -= 1) > 0 ? 0.015 : 0.003)) this.#cutPower();
      else if (this.#storage.chance(0.02))
        this.#storage.isFull = !this.#storage.isFull && this.#storage.chance(0.3);
      else this.#advance(process);
    }
    this.#recover();
  }

  #start(): void {
    this.#processes = this.#skews.map((skewMs) => new Process(this.#storage, skewMs));
  }

  #cutPower(): void {
    for (const { disk } of this.#processes) disk.isDead = true;
    this.#storage.cutPower();
    this.#start();
    this.#calmly(() => this.#lookAgain());
  }

  /** Without danger all must be there, and everything must work. */
  #recover(): void {
    if (this.#storage.chance(0.5)) this.#cutPower();
    for (const { disk } of this.#processes) disk.kill();
    this.#start();
    this.#calmly(() => {
      this.#lookAgain();
      for (let times = 0; times < 4; times++) this.#harm();
      const [first, second] = this.#processes as [Process, Process];
      const [add, compact] = [this.#add, this.#compact];
      for (const begin of [add, compact, add, compact, add, compact, this.#forget, add, compact]) {
        begin.call(this, first);
        this.#finish(first);
        must(this.#worked, 'it does not go on working after all dangers');
        this.#lookAgain();
      }
      this.#refresh(second);
      this.#finish(second);
      this.#model.checkErased((user) => rawOf(second.holder, user));
    });
  }

  #worked = false;

  #finish(process: Process): void {
    for (let steps = 0; process.runs.length > 0; steps++) {
      must(steps < mostStepsOfRun, 'it does not come to an end');
      this.#goOn(process);
    }
  }

  #calmly(work: () => void): void {
    const { dangers, isFull } = this.#storage;
    Object.assign(this.#storage, { dangers: { failure: 0, kill: 0 }, isFull: false });
    work();
    Object.assign(this.#storage, { dangers, isFull });
  }

  /** A reader that begins now sees all that was acknowledged. */
  #lookAgain(): void {
    const { holder } = new Process(this.#storage);
    orBroken(() => refresh(holder));
    this.#check(holder);
  }

  /** A file that lost its end, or has a bit flipped: all that was acknowledged is there, or the ledger is refused. */
  #harm(): void {
    const names = [...this.#storage.sizes.keys()].filter((name) => !name.endsWith('.new'));
    // What was written last is in these.
    const likely = names.findLast((name) => name.startsWith('journal-'));
    const name = this.#random.nextBelow(2) === 0 ? likely : names[this.#random.nextBelow(names.length + 1)];
    const file = name === undefined ? undefined : this.#storage.find(name);
    if (file === undefined || file.seen.length === 0) return;
    const { seen } = file;
    const at = this.#random.nextBelow(seen.length);
    const flipped = (): Buffer => Buffer.from(seen.map((byte, place) => (place === at ? byte ^ 4 : byte)));
    file.seen = this.#random.nextBelow(2) === 0 ? seen.subarray(0, at) : flipped();
    try {
      this.#lookAgain();
    } catch (error) {
      const isRefused = error instanceof BrokenPromise && error.cause instanceof AppError;
      if (!isRefused) throw new BrokenPromise(`with ${name} harmed at ${at}: ${String(error)}`);
    } finally {
      file.seen = seen;
    }
  }

  #check(holder: Holder, mark = this.#model.mark()): void {
    this.#calmly(() => {
      const seen = {
        reader: readerOf(holder, () => undefined),
        positions: positionsOf(holder.known),
        raw: (user: string) => rawOf(holder, user),
      };
      orBroken(() => this.#model.check(seen, mark));
    });
  }

  /** Does the next effect of what a process is at, or begins something. */
  #advance(process: Process): void {
    const { runs, current } = process;
    if (current !== undefined || (runs.length > 0 && this.#random.nextBelow(8) > 0)) this.#goOn(process);
    else this.#begin(process);
  }

  #goOn(process: Process): void {
    const { runs } = process;
    const run = (process.current ??= runs[this.#random.nextBelow(runs.length)]!);
    const effect = run.effects[run.done]!;
    let event = this.#perform(process, effect);
    if (process.disk.isDead) {
      this.#afterKill = 80;
      const at = this.#processes.indexOf(process);
      this.#processes[at] = new Process(this.#storage, process.skewMs);
      return;
    }
    const isLast = event.kind === 'failed' || run.done + 1 === run.effects.length;
    const { known, files } = process.holder;
    if (isLast) event = this.#sabotage.event?.(event, known, files.isAppending) ?? event;
    if (effect.do === 'lock' && effect.waits && isRefused(event) && run.tries < mostTries) {
      run.tries += 1;
      process.current = undefined;
      return;
    }
    run.done += 1;
    if (!isLast) {
      this.#mayPause(process);
      return;
    }
    run.effects = run.next(event);
    run.done = 0;
    if (run.effects.length > 0) {
      this.#mayPause(process);
      return;
    }
    process.current = undefined;
    runs.splice(runs.indexOf(run), 1);
    run.over();
  }

  /** Before an fsync and the writing of a table others of the process go on. */
  #mayPause(process: Process): void {
    const { current } = process;
    const next = current?.effects[current.done]?.do;
    if (next === 'sync' || next === 'build-table') process.current = undefined;
  }

  #perform({ holder: { files } }: Process, effect: Effect): LedgerEvent {
    if (effect.do !== 'build-table') return files.perform([effect]);
    const building = files.build(effect);
    for (let next = building.next(); ; next = building.next()) if (next.done === true) return next.value;
  }

  #begin(process: Process): void {
    const kind = this.#random.nextBelow(20);
    const isAt = (what: Kind): boolean => process.runs.some((run) => run.kind === what);
    if (kind < 10 && !isAt('add')) this.#add(process);
    else if (kind >= 10 && kind < 14 && !isAt('compact')) this.#compact(process);
    else if (kind >= 14 && kind < 16 && !isAt('forget')) this.#forget(process);
    else if (kind === 16) this.#clock += this.#random.nextBelow(200) - 100;
    else this.#refresh(process);
  }

  /** Runs a machine: what a process knows is handed from step to step. */
  #operate<S extends { readonly known: Known }>(
    process: Process,
    kind: Kind,
    first: S,
    step: (state: S, event: LedgerEvent) => Next<S>,
    over: (state: S) => void,
    during: (state: S) => void = () => undefined,
  ): void {
    let state = first;
    const run: Run = {
      ...{ effects: [], done: 0, tries: 0, kind },
      next: (event) => {
        let next: Next<S>;
        try {
          next = step({ ...state, known: process.holder.known }, event);
        } catch (error) {
          refuseDamage(error);
          process.holder.known = nothingButLive(process.holder.known);
          state = { ...state, known: process.holder.known };
          run.over = () => undefined;
          return [];
        }
        const known = this.#sabotage.known?.(next.state.known) ?? next.state.known;
        state = { ...next.state, known };
        process.holder.known = known;
        during(state);
        return this.#sabotage.effects?.(next.effects, known) ?? next.effects;
      },
      over: () => {
        over(state);
      },
    };
    run.effects = run.next({ kind: 'begin' });
    process.runs.push(run);
    // The first steps are taken at once.
    process.current = run;
  }

  #change(process: Process, kind: Kind, wanted: Wanted, over: (state: Append) => void): void {
    const { disk } = process;
    const newLedger = { ledger: disk.randomBytes(8).toString('hex'), key: disk.randomBytes(keyBytes) };
    const first = beginAppend(wanted, process.holder.known, newLedger);
    let isEarly = false;
    this.#operate(
      process,
      kind,
      first,
      stepAppend,
      (state) => {
        this.#worked = !failed(state.outcome);
        if (!isEarly) over(state);
      },
      (state) => {
        if (this.#sabotage.acknowledgesEarly !== true || state.phase !== 'writing' || isEarly) return;
        isEarly = true;
        over(state);
      },
    );
  }

  #add(process: Process): void {
    const entries = Array.from({ length: 1 + this.#random.nextBelow(5) }, () => this.#entry(process));
    this.#model.give(entries);
    const mark = this.#model.mark();
    this.#change(process, 'add', { append: entries }, ({ outcome }) => {
      if (outcome !== undefined && 'added' in outcome) this.#model.acknowledge(entries, outcome.added, mark);
    });
  }

  #forget(process: Process): void {
    const { known, files } = process.holder;
    if (known.live === undefined) return;
    const user = users[this.#random.nextBelow(users.length)]!;
    let mark = '';
    this.#calmly(() => {
      mark = files.markOf(user);
    });
    const atMs = this.#clock + process.skewMs - this.#random.nextBelow(100);
    this.#model.askToForget(user, atMs);
    this.#change(process, 'forget', { forget: mark, atMs }, ({ outcome }) => {
      if (outcome !== undefined && 'watermark' in outcome)
        this.#model.acknowledgeForgetting(user, atMs, outcome.watermark);
    });
  }

  #compact(process: Process): void {
    const [isWhole, waits] = [this.#random.nextBelow(2) === 0, this.#random.nextBelow(2) === 0];
    const first = beginCompact(process.holder.known, isWhole, waits);
    this.#operate(process, 'compact', first, stepCompact, ({ outcome }) => {
      this.#worked = !failed(outcome);
    });
  }

  #refresh(process: Process): void {
    this.#calmly(() => {
      const last = process.holder.known.parts.at(-1);
      if (last !== undefined && process.holder.files.isUpToDate(last)) this.#check(process.holder);
    });
    const mark = this.#model.mark();
    const over = (): void => {
      this.#check(process.holder, mark);
      this.#checkPin(process);
      if (this.#random.nextBelow(3) === 0) this.#pin(process);
    };
    // As `refresh` does.
    if (process.holder.files.isAppending && this.#sabotage.readsWhileAppending !== true) over();
    else this.#operate(process, 'refresh', beginCatchUp(process.holder.known), stepCatchUp, over);
  }

  #pin(process: Process): void {
    const reader = readerOf(process.holder, () => undefined);
    if (!this.#model.isSettled(reader.watermark)) return;
    const user = users[this.#random.nextBelow(users.length)]!;
    const view = reader.pin();
    this.#calmly(() => {
      process.pin = { view, user, ids: idsOf(view, user), forgottenAt: view.forgottenAt(user) };
    });
  }

  #checkPin({ pin }: Process): void {
    if (pin === undefined) return;
    const { view, user } = pin;
    this.#calmly(() => {
      if (view.forgottenAt(user) !== pin.forgottenAt) return;
      const ids = orBroken(() => idsOf(view, user));
      must(ids === pin.ids, `what was pinned of ${user} was ${pin.ids}, and is ${ids}`);
    });
  }

  /**
   * One that is new, or comes again, as it was or with other content, late or out of order; given now by the clock of its
   * process, which jumps, or with a time of its own, which may be beyond that.
   */
  #entry({ skewMs }: Process): NewEntry {
    const random = this.#random;
    const again =
      random.nextBelow(6) === 0 ? this.#given[random.nextBelow(Math.max(1, this.#given.length))] : undefined;
    const now = (this.#clock += random.nextBelow(12) - 1) + skewMs;
    if (again !== undefined) {
      const isOther = random.nextBelow(4) === 0;
      // The same by a later clock.
      const at = dated(again.isNow === true ? undefined : (again.saidMs ?? again.atMs), now);
      return { ...again, saidMs: undefined, ...at, ...(isOther ? { source: 'another' } : {}) };
    }
    const user = users[random.nextBelow(users.length)]!;
    const type = (['play', 'play', 'like', 'ban', 'undo'] as const)[random.nextBelow(5)]!;
    const undoes = type === 'undo' ? String(random.nextBelow(this.#given.length + 3)) : undefined;
    const hasPosition = random.nextBelow(3) === 0;
    const offset = Math.max(0, (this.#offset += 1) - (random.nextBelow(4) === 0 ? random.nextBelow(5) : 0));
    const entry: NewEntry = {
      ...{ id: String(this.#given.length), user, type, undoes, scope: 'item', weight: 1_000_000_000n },
      item:
        type === 'undo' ? undefined : 'x'.repeat(1 + random.nextBelow(random.nextBelow(8) === 0 ? 700 : 20)),
      position: hasPosition ? { partition: 'p', offset } : undefined,
      // Some happened long before: also before their user was forgotten.
      ...dated(
        [undefined, now + random.nextBelow(20) - 10, now - random.nextBelow(150)][random.nextBelow(3)],
        now,
      ),
    };
    this.#given.push(entry);
    return entry;
  }
}

function failed(outcome: object | undefined): boolean {
  if (outcome !== undefined && 'error' in outcome) refuseDamage(outcome.error);
  return outcome === undefined || 'error' in outcome || 'busy' in outcome;
}

/** No byte of the disk was damaged: whoever says so is wrong. What the machine refused is an answer. */
function refuseDamage(error: unknown): void {
  const isMachine = error instanceof AppError && ['disk-full', 'io-error'].includes(error.code);
  if (isMachine) return;
  throw new BrokenPromise(error instanceof Error ? error.message : String(error), { cause: error });
}

/** Whatever is thrown where nothing is in danger is a broken promise. */
function orBroken<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof BrokenPromise) throw error;
    throw new BrokenPromise(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function rawOf({ known, files }: Holder, user: string): readonly Entry[] {
  return [...files.inTables(user), ...known.parts.flatMap((part) => part.users.get(user) ?? [])];
}

function idsOf(view: LedgerView, user: string): string {
  return view
    .of(user)
    .map(({ id, seq }) => `${id}:${seq}`)
    .join();
}
