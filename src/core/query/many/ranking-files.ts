import { closing } from '../../closers.js';
import { ndjsonRankings, type DocumentOptions } from '../../tables/ndjson-rankings.js';
import type { StringColumn } from '../../contracts.js';
import type { KindFiles } from '../../snapshot/layout.js';
import type { OpenSnapshot } from '../../snapshot/open-snapshot.js';
import { openIdFile } from '../../tables/id-file.js';
import type { RankingEncoder, RankingFormat, TableOptions } from '../../tables/ranking-encoder.js';

/** The encoder of a format; what tables are written with is loaded only for those. */
export async function openRankingEncoder(
  format: RankingFormat,
  table: TableOptions,
  documents: Omit<DocumentOptions, 'score'>,
): Promise<RankingEncoder> {
  if (format === 'ndjson') return ndjsonRankings({ ...documents, score: table.columns.score });
  return openTableEncoder(format, table);
}

/** The same of a table. */
export async function openTableEncoder(
  format: Exclude<RankingFormat, 'ndjson'>,
  table: TableOptions,
): Promise<RankingEncoder> {
  if (format === 'arrow') {
    const { arrowRankings } = await import('../../tables/arrow-rankings.js');
    return arrowRankings(table);
  }
  if (format === 'csv') {
    const { csvRankings } = await import('../../tables/csv-rankings.js');
    return csvRankings(table);
  }
  const { parquetRankings } = await import('../../tables/parquet-rankings.js');
  return parquetRankings(table);
}

/** The ids of what has vectors of a kind; its table may list more. */
export function idsOfKind(
  snapshot: OpenSnapshot,
  { table }: Pick<KindFiles, 'table'>,
  numRows: number,
): StringColumn {
  return closing(openIdFile(snapshot.file(table)), (file) => file.read(0, numRows));
}
