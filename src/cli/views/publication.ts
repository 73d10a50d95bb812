/** What `publish` prints: each gate and whether it holds, then what readers see now. */
import type { GateVerdict, PublishResult } from '../../core/tasks/publish.js';
import { itemTitle } from '../terminal/item-table.js';
import { byteSize, count, decimals, duration } from '../terminal/numbers.js';
import { paragraph } from '../terminal/paragraph.js';
import { safeText } from '../terminal/safe-text.js';
import type { Screen } from '../terminal/screen.js';
import { memberNames } from '../terminal/snapshot-names.js';
import { drawTable } from '../terminal/table.js';
import { hanging } from '../terminal/wrapped-lines.js';

export async function drawPublication(result: PublishResult, screen: Screen): Promise<string> {
  const { published, previous, members, gates, verified } = result;
  const lines = [
    paragraph(
      `Verified ${count(verified.files)} files, ${byteSize(verified.bytes)}, in ${duration(result.seconds)}`,
      screen,
    ),
  ];
  if (gates.length > 0) lines.push('', await drawGates(gates, screen), '');
  const was = `(previous: ${previous ?? 'none'})`;
  if (result.unchanged) lines.push(paragraph(`${published} is the current snapshot already`, screen));
  else if (result.dryRun)
    lines.push(paragraph(`Would publish ${published} ${was}; nothing was changed`, screen));
  else {
    const done = `Published ${published}`;
    const isOneLine = done.length + 1 + was.length <= screen.width;
    lines.push([paragraph(done, screen, 'bold'), paragraph(was, screen)].join(isOneLine ? ' ' : '\n'));
  }
  if (result.report !== undefined) lines.push(paragraph(writtenReport(result.report), screen));
  if (members !== undefined) lines.push(paragraph(`A bundle of ${memberNames(members)}`, screen));
  return lines.join('\n');
}

/** Where a page is that was written too. */
export function writtenReport({ path, bytes }: { readonly path: string; readonly bytes: number }): string {
  return `Report: ${path} (${byteSize(bytes)})`;
}

/** The verdicts as a table, and below it a line for each that needs words. */
export async function drawGates(gates: readonly GateVerdict[], screen: Screen): Promise<string> {
  const table = await drawTable(
    rowsOf(gates),
    [
      { head: '', cell: ({ mark }) => mark },
      { head: 'gate', cell: ({ gate }) => gate, atLeast: 20 },
      { head: 'value', cell: ({ value }) => value, align: 'right' },
      { head: 'required', cell: ({ required }) => required },
      ...(gates.some(({ source }) => source !== '--require')
        ? [{ head: 'from', cell: ({ from }: GateRow) => from, optional: true }]
        : []),
    ],
    screen,
  );
  const notes = notesOf(gates, screen);
  return notes.length === 0 ? table : [table, '', ...notes].join('\n');
}

interface GateRow {
  readonly mark: string;
  readonly gate: string;
  readonly value: string;
  readonly required: string;
  readonly from: string;
}

/** A row a gate; what a canary item asks stands once, above what is said of the answer. */
function rowsOf(gates: readonly GateVerdict[]): GateRow[] {
  const rows: GateRow[] = [];
  let above = '';
  for (const gate of gates) {
    const { as, name, required, source, canary } = gate;
    const member = as === undefined ? '' : `${as}: `;
    const asked = canary === null ? '' : `${member}${canary.question}\n${source}`;
    if (canary !== null && asked !== above)
      rows.push({ mark: '', gate: member + canary.question, value: '', required: '', from: source });
    above = asked;
    rows.push({
      mark: markOf(gate),
      gate: canary === null ? member + name : `  ${name.slice(canary.question.length).replace(/^:? /, '')}`,
      value: valueOf(gate),
      required: canary?.measure === 'rank' ? `rank ${required}` : required,
      from: canary === null ? source : '',
    });
  }
  return rows;
}

/** A line a note, with the gates that share it; after a canary item's, what stands in its place. */
function notesOf(gates: readonly GateVerdict[], screen: Screen): string[] {
  const sharing = new Map<string, GateVerdict[]>();
  for (const gate of gates) {
    const note = noteOf(gate);
    if (note !== undefined) sharing.set(note, [...(sharing.get(note) ?? []), gate]);
  }
  return [...sharing].map(([note, [first, ...others]]) => {
    const names = [first, ...others]
      .map((gate) => (gate?.as === undefined ? gate?.name : `${gate.as}: ${gate.name}`))
      .join(', ');
    return hanging(first === undefined ? '' : markOf(first), 1, safeText(`${names}: ${note}`), screen.width);
  });
}

function noteOf({ note, canary }: GateVerdict): string | undefined {
  if (note === null) return undefined;
  const instead = canary?.instead.map((item) => `${item.rank} ${itemTitle(item)}`) ?? [];
  return instead.length === 0 ? note : `${note}; first are ${instead.join(', ')}`;
}

function markOf({ passed, judged }: GateVerdict): string {
  if (!judged) return '–';
  return passed ? '✓' : '✗';
}

/** Four digits, unless they read like the very bound that the number misses. */
function valueOf({ value, required, canary }: GateVerdict): string {
  if (value === null) return canary === null ? 'none' : 'absent';
  if (canary?.measure === 'rank') return `rank ${value}`;
  const shown = decimals(value);
  const bound = Number(required.replace(/^[<>]=?/, ''));
  return value !== bound && Number(shown.replaceAll(',', '')) === bound ? String(value) : shown;
}
