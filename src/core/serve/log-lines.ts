/**
 * Lines to a file, a pipe or a terminal, for which no request ever waits. Of what is not taken at once, since the reader has
 * stopped or the disk is full, so much waits; what comes then is dropped and counted, and a line says so where they are missing.
 */
import { closeSync, fsyncSync, writeSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { errnoOf } from '../errors.js';

const mostWaitingBytes = 1 << 20;
const againMs = { unread: 50, refused: 1000 };
/** How long the last lines may wait for a reader, when the service ends. */
const lastTries = 10;

export class LogLines {
  readonly #fd: number;
  readonly #told: { onFailure(error: unknown): void; onRoom(dropped: number): void };
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #dropped = 0;
  /** Since the last line that said so. */
  #untold = 0;
  #hasFailed = false;
  #again: NodeJS.Timeout | undefined;

  /**
   * @param fd does not block; closed with this unless it is standard error
   * @param told once of the first failure; and, whenever there is room again, of how many lines were dropped before it
   */
  constructor(fd: number, told: { onFailure(error: unknown): void; onRoom(dropped: number): void }) {
    this.#fd = fd;
    this.#told = told;
  }

  get dropped(): number {
    return this.#dropped;
  }

  write(line: string): void {
    const bytes = Buffer.from(line);
    // Once one was dropped others are too until all that waits is written: they would stand before the line that says so.
    if (this.#untold > 0 || this.#waitingBytes + bytes.length > mostWaitingBytes) {
      this.#dropped += 1;
      this.#untold += 1;
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#again === undefined) this.#writeWaiting();
  }

  async close(): Promise<void> {
    for (let tries = 0; this.#waiting.length > 0 && tries < lastTries && !this.#hasFailed; tries++)
      await wait(againMs.unread);
    clearTimeout(this.#again);
    try {
      fsyncSync(this.#fd);
    } catch {
      // Only files can be.
    }
    if (this.#fd > 2) closeSync(this.#fd);
  }

  #writeWaiting(): void {
    this.#again = undefined;
    try {
      for (let [line] = this.#waiting; line !== undefined; [line] = this.#waiting) {
        const written = writeSync(this.#fd, line);
        this.#waitingBytes -= written;
        if (written < line.length) this.#waiting[0] = line.subarray(written);
        else this.#waiting.shift();
      }
    } catch (error) {
      const isUnread = errnoOf(error) === 'EAGAIN';
      const ms = isUnread ? againMs.unread : againMs.refused;
      this.#again = setTimeout(() => this.#writeWaiting(), ms).unref();
      if (isUnread || this.#hasFailed) return;
      this.#hasFailed = true;
      this.#told.onFailure(error);
      return;
    }
    const dropped = this.#untold;
    this.#untold = 0;
    if (dropped > 0) this.#told.onRoom(dropped);
  }
}
