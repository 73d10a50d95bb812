/** The maps of a root's snapshots for whoever asks: each is made once, however many ask, by a thread of its own. */
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { errorOf } from '../compute/thrown.js';
import { AppError } from '../errors.js';
import type { MapOrder, MapReport } from './map-worker.js';

/** How far it is: `done` of `total` of what the phase counts. */
export interface MapProgress {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
}

/** The bytes of a map (map-format.ts), or how far its making is. */
export type MapState = { readonly bytes: Uint8Array<ArrayBuffer> } | { readonly progress: MapProgress };

interface Making {
  readonly made: Promise<Uint8Array<ArrayBuffer>>;
  progress: MapProgress;
  end(): void;
}

/** Maps that are held in memory: those that were asked for last. */
const mostHeld = 2;

export class MapMaker {
  readonly #root: string;
  readonly #threads: number;
  /** By snapshot, the one that was asked for longest ago first. */
  readonly #makings = new Map<string, Making>();

  constructor(root: string, threads: number) {
    this.#root = root;
    this.#threads = threads;
  }

  /**
   * The map of a snapshot, by its id, where it is there within `waitMs`; until then how far it is. Errors as `layOut`, and
   * those of opening a snapshot: to everyone who asks before it is tried again.
   */
  async of(snapshot: string, waitMs: number): Promise<MapState> {
    const making = this.#makings.get(snapshot) ?? this.#begin(snapshot);
    // Asked for last.
    this.#makings.delete(snapshot);
    this.#makings.set(snapshot, making);
    try {
      const bytes = await Promise.race([making.made, setTimeout(waitMs, undefined)]);
      return bytes === undefined ? { progress: making.progress } : { bytes };
    } catch (error) {
      if (this.#makings.get(snapshot) === making) this.#makings.delete(snapshot);
      throw error;
    }
  }

  /** What is being made is not made. */
  close(): void {
    for (const making of this.#makings.values()) making.end();
    this.#makings.clear();
  }

  #begin(snapshot: string): Making {
    const workerData: MapOrder = { root: this.#root, snapshot, threads: this.#threads };
    const worker = new Worker(new URL('./map-worker.js', import.meta.url), {
      workerData,
      // It runs segue's own files only, whatever the process was started for.
      execArgv: [],
    });
    // Nobody waits at the end of a process for a map.
    worker.unref();
    const made = new Promise<Uint8Array<ArrayBuffer>>((resolve, reject) => {
      worker.on('message', (report: MapReport) => {
        if ('bytes' in report) resolve(report.bytes);
        else if ('thrown' in report) reject(errorOf(report.thrown));
        else if (report.progress.kind === 'step') {
          const { phase, done, total = 0 } = report.progress;
          making.progress = { phase, done, total };
        }
      });
      worker.on('error', reject);
      worker.on('exit', () => {
        reject(new AppError('interrupted', 'the map was not finished'));
      });
    });
    // Where nobody asks any more.
    made.catch(() => undefined);
    const making: Making = {
      made,
      progress: { phase: 'beginning', done: 0, total: 0 },
      end: () => void worker.terminate(),
    };
    for (const [oldest, { end }] of this.#makings) {
      if (this.#makings.size < mostHeld) break;
      end();
      this.#makings.delete(oldest);
    }
    return making;
  }
}
