import { PartsOnDemand } from '../../closers.js';
import type { Pairs } from '../../contracts.js';
import { AppError } from '../../errors.js';
import { openHistories, readHistories, type Histories } from '../../histories/histories.js';
import { arrayLimits } from '../../numeric/pairs.js';
import { joinSeen, joinUsers } from '../../numeric/split-pairs.js';
import { historyFile } from '../layout.js';
import type { OpenSnapshot } from '../open-snapshot.js';
import { partOfRow, runsByPart, shardsOf } from './user-parts.js';

type WithUsers = Pick<OpenSnapshot, 'userParts' | 'manifest'>;

/** Users' histories, read as they are asked for. AppErrors as `openHistories`; 'missing-part' for a snapshot without users. */
export function openStoredHistories({ userParts: parts, manifest }: WithUsers): Histories {
  const numItems = manifest.inputs.interactions.items;
  const open = (part: number): Histories => {
    const { file } = parts[part]!;
    return openHistories((name) => file(historyFile(name)), numItems);
  };
  if (parts.length === 1) return open(0);
  const opened = new PartsOnDemand(open);
  const { first, rows } = parts.at(-1)!;
  return {
    numUsers: first + rows,
    read(user) {
      const part = partOfRow(parts, user);
      return opened.at(part).read(user - parts[part]!.first);
    },
    readMany(users) {
      const runs = Array.from(runsByPart(parts, users), ({ part, rows }) => opened.at(part).readMany(rows));
      return joinUsers(runs, numItems);
    },
    readSeen(users) {
      const runs = Array.from(runsByPart(parts, users), ({ part, rows }) => opened.at(part).readSeen(rows));
      return joinSeen(runs);
    },
    close: () => opened.close(),
  };
}

/** All histories at once, in memory. Errors as `openStoredHistories`; 'too-large' for more pairs than an array numbers. */
export function readStoredHistories({ userParts: parts, manifest }: WithUsers): Pairs {
  const numItems = manifest.inputs.interactions.items;
  const numPairs = shardsOf(manifest)?.reduce((sum, { pairs }) => sum + pairs, 0) ?? 0;
  if (numPairs > arrayLimits.pairs)
    throw new AppError(
      'too-large',
      `${numPairs} pairs of snapshot ${manifest.id} do not fit into one array`,
      {
        details: { pairs: numPairs, most: arrayLimits.pairs },
      },
    );
  const histories = parts.map(({ file }) => readHistories((name) => file(historyFile(name)), numItems));
  return joinUsers(histories, numItems);
}
