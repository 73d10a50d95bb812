/** live.json: which journals and which tables make up the ledger, in one file that is replaced as a whole. */
import { journalLine, parseJournalLine } from '../files/journal.js';
import { damagedLedger, newerFormat } from './damaged-ledger.js';
import { liveName } from './layout.js';

export interface LiveJournal {
  readonly number: number;
  /** How much of it counts, where nothing is appended to it any more; the last one's is null. */
  readonly bytes: number | null;
  /** seq of its last line, where nothing is appended to it any more. Earlier versions wrote none. */
  readonly watermark?: number | undefined;
}

export interface LiveTable {
  readonly generation: number;
  /** `sum` of its last line, which sums up all others: the table is this one and no other. */
  readonly sum: string;
}

export interface Live {
  /** Names the ledger: 16 hex digits. */
  readonly ledger: string;
  /** How often it was compacted. */
  readonly generation: number;
  /** sha256 of the key, in hex: then there is the file `acknowledged`, too. Earlier versions wrote none. */
  readonly key?: string | undefined;
  /** The older first: what was compacted since it was made is in the others. */
  readonly tables: readonly LiveTable[];
  /** At least one, by number. */
  readonly journals: readonly LiveJournal[];
}

const version = 1;

export function formatLive({ ledger, generation, key, tables, journals }: Live): string {
  return journalLine({ version, ledger, generation, key, tables, journals });
}

/** AppErrors 'newer-format', 'damaged-ledger'. */
export function parseLive(text: string): Live {
  const line = parseJournalLine(text.endsWith('\n') ? text.slice(0, -1) : '');
  if (line?.hasSum !== true) throw damagedLedger(liveName, 'its checksum is wrong');
  const fields: Partial<Record<keyof Live | 'version', unknown>> = line.fields;
  if (typeof fields.version === 'number' && fields.version > version)
    throw newerFormat(liveName, fields.version, version);
  const { ledger, generation, key, tables, journals } = fields;
  const isWell =
    fields.version === version &&
    typeof ledger === 'string' &&
    isCount(generation) &&
    (key === undefined || typeof key === 'string') &&
    areTables(tables) &&
    areJournals(journals);
  if (!isWell) throw damagedLedger(liveName, 'it does not say which files are live');
  return { ledger, generation, key, tables, journals };
}

function areTables(value: unknown): value is LiveTable[] {
  if (!Array.isArray(value)) return false;
  let before = 0;
  return (value as readonly unknown[]).every((each) => {
    if (typeof each !== 'object' || each === null) return false;
    const { generation, sum } = each as Partial<Record<keyof LiveTable, unknown>>;
    if (!isCount(generation) || generation <= before || typeof sum !== 'string') return false;
    before = generation;
    return true;
  });
}

function areJournals(value: unknown): value is LiveJournal[] {
  if (!Array.isArray(value) || value.length === 0) return false;
  let before = 0;
  return (value as readonly unknown[]).every((each, at) => {
    if (typeof each !== 'object' || each === null) return false;
    const { number, bytes, watermark = 0 } = each as Partial<Record<keyof LiveJournal, unknown>>;
    if (!isCount(number) || number <= before || !isCount(watermark)) return false;
    before = number;
    return at === value.length - 1 ? bytes === null : isCount(bytes);
  });
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
