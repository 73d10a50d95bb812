import type { NewEntry } from '#dist/core/ledger/entry.js';
import type { StoredOutcome } from '#dist/core/realtime/step.js';

/** What a durable log of entries does with them, in memory: positions that were stored and ids that came before are left out. */
export class MemoryLedger {
  readonly #byUser = new Map<string, Map<string, NewEntry>>();
  readonly #items = new Set<string>();
  #forgotten = 0;
  readonly positions = new Map<string, number>();

  add(entries: readonly NewEntry[]): StoredOutcome[] {
    return entries.map((entry) => {
      const { user, id, position } = entry;
      if (position !== undefined) {
        if (position.offset <= (this.positions.get(position.partition) ?? 0)) return 'behind';
        this.positions.set(position.partition, position.offset);
      }
      const own = this.#byUser.get(user) ?? new Map<string, NewEntry>();
      if (own.has(id)) return 'repeated';
      if (entry.item !== undefined) this.#items.add(entry.item);
      this.#byUser.set(user, own.set(id, entry));
      return 'added';
    });
  }

  /** What was added stays; an id that comes again is new. */
  forgetIds(): void {
    this.#forgotten += 1;
    for (const own of this.#byUser.values()) {
      const all = [...own.values()];
      own.clear();
      all.forEach((entry, at) => own.set(`${this.#forgotten} ${at}`, entry));
    }
  }

  has(item: string): boolean {
    return this.#items.has(item);
  }

  users(): string[] {
    return [...this.#byUser.keys()].sort();
  }

  /** What is known of a user, whatever the order in which it came. */
  of(user: string): string {
    const own = this.#byUser.get(user)?.values() ?? [];
    return [...own]
      .map(({ id, type, item, atMs }) => `${id} ${type} ${item ?? ''} ${atMs}`)
      .sort()
      .join('; ');
  }
}
