/** How an event that was exported from a ledger says which entry it was, so that a model trained on it knows how far it goes. */

/** The name of the column. */
export const ledgerColumn = 'ledger_entry';

/** An entry of a ledger: 16 hex digits, and its number from 1. */
export interface LedgerCell {
  readonly ledger: string;
  readonly seq: number;
}

/** Cells of one ledger are ordered as their text is. */
export function ledgerCell({ ledger, seq }: LedgerCell): string {
  return `${ledger}:${String(seq).padStart(16, '0')}`;
}

/** undefined for any other text. */
export function parseLedgerCell(text: string): LedgerCell | undefined {
  const match = /^([0-9a-f]{16}):(\d{16})$/.exec(text);
  return match === null ? undefined : { ledger: text.slice(0, 16), seq: Number(text.slice(17)) };
}
