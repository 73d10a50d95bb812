/** What the events themselves say of their items: names, artists and albums beside the ids, as a profile finds them. */
import { quotedText } from '../../expressions/sql.js';
import type { StringColumn } from '../../contracts.js';
import type { DuckdbSession } from '../duckdb-session.js';
import type { EventSource } from '../event-source.js';
import { cellOf } from '../event-sql.js';

/** A column of the catalogue: a cell for each item. */
export interface ItemDetail {
  readonly name: string;
  readonly cells: readonly (string | null)[];
}

/** Of each item what its events say most often, of several the first by its bytes. Empty where no file says anything. */
export async function itemDetails(
  sources: readonly EventSource[],
  session: DuckdbSession,
  items: StringColumn,
): Promise<ItemDetail[]> {
  const keys = [...new Set(sources.flatMap(({ itemKeys = [] }) => itemKeys))];
  if (keys.length === 0) return [];
  const rows = new Map(Array.from({ length: items.length }, (_, at) => [items.at(at), at]));
  const details: ItemDetail[] = [];
  for (const key of keys) {
    const selects = sources
      .filter(({ itemKeys }) => itemKeys?.includes(key) === true)
      .map((source) => {
        const from = `read_parquet(${quotedText(source.file.path)}, binary_as_string = true)`;
        return `SELECT ${cellOf(source, 'item')!} AS i, nullif("item:${key}", '') AS d FROM ${from}`;
      });
    const counted = `SELECT i, d, count(*) AS n FROM (${selects.join(' UNION ALL ')}) WHERE d IS NOT NULL GROUP BY ALL`;
    const most = `SELECT i, d FROM (${counted}) QUALIFY row_number() OVER (PARTITION BY i ORDER BY n DESC, d) = 1`;
    const cells = new Array<string | null>(items.length).fill(null);
    for await (const chunk of session.chunks(most))
      for (const [item, detail] of chunk.getRows()) {
        const row = rows.get(String(item));
        if (row !== undefined) cells[row] = String(detail);
      }
    details.push({ name: key, cells });
  }
  return details;
}
