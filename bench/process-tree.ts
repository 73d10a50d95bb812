/** Processor time of a process and of all that it starts, read from the kernel while they run (Linux). */
import { readdirSync, readFileSync } from 'node:fs';

/** Of a second: what the kernel counts in, wherever Node runs. */
const ticks = 100;

export class ProcessTree {
  readonly #seen: Set<number>;
  readonly #seconds = new Map<number, number>();
  readonly #poll: NodeJS.Timeout;

  constructor(root: number) {
    this.#seen = new Set([root]);
    this.#poll = setInterval(() => {
      this.#read();
    }, 200);
  }

  /** What was seen until now: up to a fifth of a second of each process is not. Reads no more. */
  end(): number {
    clearInterval(this.#poll);
    return [...this.#seconds.values()].reduce((sum, seconds) => sum + seconds, 0);
  }

  #read(): void {
    // A child has a higher number than its parent, mostly: what is missed now is seen the next time.
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    for (const pid of pids.map(Number).sort((a, b) => a - b)) {
      const fields = statOf(pid);
      const parent = Number(fields?.[1]);
      if (fields === undefined || (!this.#seen.has(pid) && !this.#seen.has(parent))) continue;
      this.#seen.add(pid);
      this.#seconds.set(pid, (Number(fields[11]) + Number(fields[12])) / ticks);
    }
  }
}

/** What follows the program's name in /proc/PID/stat; undefined where the process has ended. */
function statOf(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
