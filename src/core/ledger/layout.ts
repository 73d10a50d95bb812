/** The names of a ledger's files, said once. */

/** Says which other files are live. */
export const liveName = 'live.json';
/** The seq of the last line that was acknowledged. */
export const acknowledgedName = 'acknowledged';
/** 32 random bytes: the key of the marks of those who asked to be forgotten. */
export const keyName = 'key';

/** What is being put in the place of a file that is replaced as a whole, by whoever holds `lock-append`. */
export function newName(name: string): string {
  return `${name}.new`;
}

const lockNames = { append: 'lock-append', compact: 'lock-compact' } as const;
export type LockKind = keyof typeof lockNames;

export function lockName(kind: LockKind): string {
  return lockNames[kind];
}

export function journalName(number: number): string {
  return `journal-${String(number)}`;
}

export function tableName(generation: number): string {
  return `table-${String(generation)}`;
}

/** The number of a journal's or a table's name; undefined for any other name. */
export function numberOf(kind: 'journal' | 'table', name: string): number | undefined {
  const digits = name.startsWith(`${kind}-`) ? name.slice(kind.length + 1) : '';
  return /^[1-9]\d{0,14}$/.test(digits) ? Number(digits) : undefined;
}

/**
 * The name of a file that only a ledger with a live.json has; undefined where there is none. @param bytes of files, by name
 */
export function fileOfBegunLedger(bytes: ReadonlyMap<string, number>): string | undefined {
  for (const [name, size] of bytes) {
    const journal = numberOf('journal', name);
    // The first journal is made, empty, before live.json is.
    if (numberOf('table', name) !== undefined || (journal !== undefined && (journal > 1 || size > 0)))
      return name;
  }
  return undefined;
}
