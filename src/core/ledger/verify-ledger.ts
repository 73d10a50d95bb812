/** Reads all of a ledger, and compares every checksum. */
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { abortError } from '../errors.js';
import { damagedLedger } from './damaged-ledger.js';
import { openDisk } from './disk.js';
import type { Holder } from './drive.js';
import { nothingKnown, watermarkOf } from './known.js';
import { numberOf } from './layout.js';
import { mergedLines } from './merge-tables.js';
import type { OpenTable } from './open-table.js';
import { refresh } from './open-reader.js';
import { LedgerFiles } from './perform.js';
import { compareBytes } from './ledger-view.js';

export interface LedgerVerification {
  readonly ledger: string | undefined;
  readonly watermark: number;
  /** In the tables, and in the journals that are not compacted yet. */
  readonly entries: { readonly table: number; readonly journals: number };
  /** Each once. */
  readonly usersInTable: number;
  readonly bytes: { readonly table: number; readonly journals: number };
  /** Files that belong to nothing live: what a compaction left that was killed. The next one removes them. */
  readonly leftOver: readonly string[];
}

/** AppErrors: 'damaged-ledger' naming the file and the place, 'newer-format', those of the machine, an aborted signal's. */
export async function verifyLedger(directory: string, signal: AbortSignal): Promise<LedgerVerification> {
  const holder: Holder = { known: nothingKnown, files: new LedgerFiles(openDisk(directory)) };
  try {
    refresh(holder);
    const { live, parts, tables: heads } = holder.known;
    const { tables } = holder.files;
    for (const table of tables) await verifyTable(table, signal);
    const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
    return {
      ledger: live?.ledger,
      watermark: watermarkOf(holder.known),
      entries: {
        table: sum(heads.map(({ numEntries }) => numEntries)),
        journals: sum(parts.map(({ numLines }) => numLines)),
      },
      usersInTable: await countUsers(tables, signal),
      bytes: { table: sum(heads.map(({ bytes }) => bytes)), journals: sum(parts.map(({ end }) => end)) },
      leftOver: leftOver(holder),
    };
  } finally {
    holder.files.close();
  }
}

function leftOver({ known, files }: Holder): string[] {
  const { live } = known;
  const numbers = live?.journals.map(({ number }) => number) ?? [];
  return [...files.disk.list().keys()]
    .filter((name) => {
      const journal = numberOf('journal', name);
      if (journal !== undefined) return !numbers.includes(journal);
      const table = numberOf('table', name);
      return table !== undefined && live?.tables.some(({ generation }) => generation === table) !== true;
    })
    .sort();
}

async function countUsers(tables: readonly OpenTable[], signal: AbortSignal): Promise<number> {
  const [table] = tables;
  if (table === undefined || tables.length === 1) return table?.head.numUsers ?? 0;
  let users = 0;
  for (const _ of mergedLines(tables)) if (++users % 1000 === 0) await turn(signal);
  return users;
}

async function turn(signal: AbortSignal): Promise<void> {
  if (signal.aborted) throw abortError(signal);
  await setImmediate();
}

/** Every byte of it against its sha256, every line against its checksum, and every user against the index. */
async function verifyTable(table: OpenTable, signal: AbortSignal): Promise<void> {
  const { head } = table;
  const damaged = (problem: string): Error => damagedLedger(head.name, problem);
  const hash = createHash('sha256');
  const chunk = Buffer.alloc(1 << 20);
  const end = head.pagesStart + head.numPages * 4096;
  for (let at = 0; at < end; at += chunk.length) {
    const got = table.file.read(chunk.subarray(0, Math.min(chunk.length, end - at)), at);
    hash.update(chunk.subarray(0, got));
    await turn(signal);
  }
  if (hash.digest('hex') !== head.sha256) throw damaged('its sha256 is not the one in its last line');
  let before: string | undefined;
  let users = 0;
  let entries = 0;
  for (const { user, offset, count } of table.lines()) {
    if (before !== undefined && compareBytes(before, user) >= 0)
      throw damaged(`the user at byte ${offset} is out of order`);
    before = user;
    if (table.find(user).length !== count)
      throw damaged(`the index does not lead to the user at byte ${offset}`);
    users += 1;
    entries += count;
    if (users % 1000 === 0) await turn(signal);
  }
  if (users !== head.numUsers || entries !== head.numEntries)
    throw damaged(`it has ${users} users and ${entries} entries, its last line says otherwise`);
}
