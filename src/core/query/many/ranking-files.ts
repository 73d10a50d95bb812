import { ndjsonRankings, type DocumentOptions } from '../../tables/ndjson-rankings.js';
import type {
  RankingColumns,
  RankingEncoder,
  RankingFormat,
  TableOptions,
} from '../../tables/ranking-encoder.js';

/** The encoder of a format; what tables are written with is loaded only for those. */
export async function openRankingEncoder(
  format: RankingFormat,
  columns: RankingColumns,
  table: Omit<TableOptions, 'columns'>,
  documents: Omit<DocumentOptions, 'score'>,
): Promise<RankingEncoder> {
  if (format === 'ndjson') return ndjsonRankings({ ...documents, score: columns.score });
  return openTableEncoder(format, { ...table, columns });
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
  const { parquetRankings } = await import('../../tables/parquet-rankings.js');
  return parquetRankings(table);
}
