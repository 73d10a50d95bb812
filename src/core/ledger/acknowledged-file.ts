/**
 * `acknowledged`: the seq of the last line that was acknowledged, in two slots, of which the one that says less is written
 * next: what is cut short leaves the other. It is written when the lines of its group are durable, and is itself durable
 * before they are acknowledged. So no crash leaves journals that end before it, and where they do something was lost.
 */
import { journalLine, parseJournalLine } from '../files/journal.js';
import { damagedLedger, goOnWithout } from './damaged-ledger.js';
import { acknowledgedName } from './layout.js';

/** A sector of any disk: a slot is torn without the other. */
const slotBytes = 4096;
const places = [0, slotBytes];

export function slotOf(ledger: string, seq: number): Buffer {
  return Buffer.from(journalLine({ ledger, seq }));
}

/** Of a ledger of which nothing is known to have been acknowledged. */
export function newAcknowledged(ledger: string): Buffer {
  const bytes = Buffer.alloc(2 * slotBytes);
  for (const at of places) slotOf(ledger, 0).copy(bytes, at);
  return bytes;
}

/** What the file says, and where the slot begins that is written next. AppError 'damaged-ledger' where neither is whole. */
export function readAcknowledged(
  bytes: Buffer,
  ledger: string,
): { readonly seq: number; readonly next: number } {
  const [first = -1, second = -1] = places.map((at) => {
    const [text = ''] = bytes.toString('latin1', at, at + slotBytes).split('\n', 1);
    const line = parseJournalLine(text);
    const isOurs = line?.hasSum === true && line.fields['ledger'] === ledger;
    return isOurs ? Number(line.fields['seq']) : -1;
  });
  if (Math.max(first, second) < 0)
    throw damagedLedger(acknowledgedName, 'neither of its slots has a right checksum', [goOnWithout]);
  return { seq: Math.max(first, second), next: first <= second ? 0 : slotBytes };
}
