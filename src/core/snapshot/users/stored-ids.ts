import { PartsOnDemand } from '../../closers.js';
import type { StringColumn } from '../../contracts.js';
import { openIdFile, type IdFile } from '../../tables/id-file.js';
import { joinStrings } from '../../tables/string-column.js';
import { snapshotFile } from '../layout.js';
import type { OpenSnapshot } from '../open-snapshot.js';
import { partOfRow, runsByPart } from './user-parts.js';

/** Users' ids by row, read as they are asked for. AppErrors as `openIdFile`; 'missing-part' for a snapshot without users. */
export function openStoredIds({ userParts: parts }: Pick<OpenSnapshot, 'userParts'>): IdFile {
  const open = (part: number): IdFile => openIdFile(parts[part]!.file(snapshotFile.userTable));
  if (parts.length === 1) return open(0);
  const opened = new PartsOnDemand(open);
  const { first, rows } = parts.at(-1)!;
  return {
    length: first + rows,
    get numBytes() {
      return parts.reduce((sum, _, part) => sum + opened.at(part).numBytes, 0);
    },
    read(from, to) {
      const pieces: StringColumn[] = [];
      for (let row = from; row < to;) {
        const part = partOfRow(parts, row);
        const { first, rows } = parts[part]!;
        const end = Math.min(to, first + rows);
        pieces.push(opened.at(part).read(row - first, end - first));
        row = end;
      }
      return joinStrings(pieces);
    },
    readRows: (rows) =>
      joinStrings(Array.from(runsByPart(parts, rows), (run) => opened.at(run.part).readRows(run.rows))),
    readCounts() {
      const counts = new Uint32Array(first + rows);
      parts.forEach((part, at) => counts.set(opened.at(at).readCounts(), part.first));
      return counts;
    },
    close: () => opened.close(),
  };
}
