/** Items of a root that no answer shows, whatever snapshot answers: a journal of their ids, and of those that came back. */
import { statSync } from 'node:fs';
import { AppError, orMachineError } from '../errors.js';
import { appendDurably } from '../files/durable-write.js';
import { journalLine, parseJournalLine, readJournal } from '../files/journal.js';
import { rootPath } from './layout.js';

const mostBytes = 64 << 20;

/** Durable when it returns. Errors of the machine. */
export function hideItem(root: string, item: string, hidden: boolean): void {
  const path = rootPath.hiddenItems(root);
  // A line that a crash cut short ends here, and was never acknowledged.
  const text = `\n${journalLine({ item, hidden })}`;
  orMachineError(`write ${path}`, () => appendDurably(path, text));
}

/** As of now, for each query; read again where the journal has grown. */
export class HiddenItems {
  readonly #path: string;
  #bytes = 0;
  #ids: ReadonlySet<string> = new Set();

  constructor(root: string) {
    this.#path = rootPath.hiddenItems(root);
  }

  /** AppErrors: 'damaged-ledger' for a line that is whole, and not what was written; the machine's. */
  ids(): ReadonlySet<string> {
    return orMachineError(`read ${this.#path}`, () => this.#read(this.#stat()?.size ?? 0));
  }

  #read(bytes: number): ReadonlySet<string> {
    if (bytes === this.#bytes) return this.#ids;
    const ids = new Set<string>();
    readJournal(this.#path, 0, mostBytes).lines.forEach((text, at) => {
      const { item, hidden } = parseJournalLine(text)?.fields ?? {};
      if (typeof item === 'string') ids[hidden === true ? 'add' : 'delete'](item);
      else if (text.endsWith('"}'))
        throw new AppError('damaged-ledger', `${this.#path}, line ${at + 1} is damaged`, {
          details: { file: this.#path, line: at + 1 },
        });
    });
    this.#bytes = bytes;
    return (this.#ids = ids);
  }

  /** When the last one was hidden, or came back; ms since 1970 UTC. */
  changedMs(): number {
    return this.#stat()?.mtimeMs ?? -Infinity;
  }

  #stat(): { readonly size: number; readonly mtimeMs: number } | undefined {
    return statSync(this.#path, { throwIfNoEntry: false });
  }
}
