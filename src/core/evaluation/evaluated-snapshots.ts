/** Snapshots as `evaluate` measures them: histories are folded in, for the users of the test files. */
import { Closers } from '../closers.js';
import type { Interactions, TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import { countEverything, measuredOf, rowsOf, usersOfItems, type Measured } from './measured-split.js';
import { snapshotFile } from '../snapshot/layout.js';
import { openEach, type OpenSnapshot } from '../snapshot/open-snapshot.js';
import { readStoredHistories } from '../snapshot/users/stored-histories.js';
import { readStoredTable } from '../snapshot/users/stored-tables.js';
import { readItemTable } from '../tables/snapshot-tables.js';
import { rowFinder } from '../tables/row-finder.js';
import { renumberItems } from '../histories/renumber-items.js';
import { baseline, type Candidate } from './evaluation-candidate.js';
import { numTargets, readPart, remarksOn, type SplitOptions, type SplitSummary } from './evaluation-split.js';
import { openRanker } from '../query/open-scorer.js';

export interface SnapshotsOptions extends SplitOptions {
  readonly root: string;
  /** References, one or more. */
  readonly snapshots: readonly string[];
  /** Of bundles which member; their first by default. */
  readonly as?: string | undefined;
}

/**
 * A candidate a snapshot, and the most popular items by the first one's listeners. A user's history is what --fold-in or
 * the events say, else what the snapshot has of them. AppErrors of opening and of reading, and 'bad-usage'.
 */
export async function openEvaluatedSnapshots(
  options: SnapshotsOptions,
  context: TaskContext,
): Promise<{ candidates: readonly Candidate[]; summary: SplitSummary; close(): void }> {
  refuseOthers(options);
  const everyone = { ...options, minUserItems: 1, minItemUsers: 1 };
  const test = await readPart(everyone, options.test, context);
  const folded = [...options.events, ...options.foldIn];
  const histories = folded.length === 0 ? undefined : await readPart(everyone, folded, context);
  const opened = new Closers();
  try {
    const candidates: Candidate[] = [];
    const snapshots = await openEach(options.root, options.snapshots, context, options.as);
    for (const snapshot of snapshots) opened.keep(snapshot);
    for (const [at, snapshot] of snapshots.entries()) {
      const name = options.snapshots[at] ?? snapshot.id;
      candidates.push(await candidateOf(name, snapshot, test, histories, options.threads, context));
    }
    const [first] = candidates;
    if (first === undefined || first.measured.histories.numUsers === 0) throw nobodyKnown(options);
    return {
      candidates: [...candidates, baseline(first.measured, first.popularity)],
      summary: {
        kind: 'files',
        part: 'test',
        ...{ seed: null, testShare: null, heldOutUsers: null, splitAt: null, train: null },
        popularity: null,
        recallOver: options.foldIn.length > 0 ? 'min-k' : 'targets',
        users: first.measured.histories.numUsers,
        targets: numTargets(first.measured.targets),
      },
      close: () => opened.close(),
    };
  } catch (error) {
    opened.close();
    throw error;
  }
}

async function candidateOf(
  name: string,
  snapshot: OpenSnapshot,
  test: Interactions,
  given: Interactions | undefined,
  threads: number,
  context: TaskContext,
): Promise<Candidate> {
  const { manifest } = snapshot;
  const numItems = manifest.inputs.interactions.items;
  const table = await readItemTable(snapshot.file(snapshotFile.itemTable));
  const itemRows = rowFinder(table.ids, numItems);
  const itemNow = rowsOf(test.items, itemRows);
  const own = snapshot.hasUsers()
    ? { ids: (await readStoredTable(snapshot)).ids, pairs: readStoredHistories(snapshot) }
    : undefined;
  const histories =
    given === undefined
      ? own
      : { ids: given.users, pairs: renumberItems(given.pairs, rowsOf(given.items, itemRows), numItems) };
  if (histories === undefined) {
    throw new AppError(
      'missing-part',
      `snapshot ${name} was made without users, so there is nothing to fold in`,
      {
        suggestions: ['give the histories: `foldIn` FILE'],
      },
    );
  }
  /** Of the test pairs, by the histories of some listeners. */
  const measuredBy = ({ ids, pairs }: typeof histories): Measured =>
    measuredOf(test.pairs, itemNow, pairs, rowsOf(test.users, rowFinder(ids)), countEverything);
  const measured = measuredBy(histories);
  const remarks = remarksOn(measured.findings, measured.targets, false, `snapshot ${name}`);
  const leak = given === undefined || own === undefined ? 0 : measuredBy(own).findings.heardTargets;
  if (leak > 0) remarks.push(`snapshot ${name} was trained on ${String(leak)} of the test pairs (a leak)`);
  for (const message of remarks) context.onProgress({ kind: 'warning', message });
  return {
    about: {
      name,
      kind: 'snapshot',
      model: manifest.model.name,
      options: manifest.model.options as Candidate['about']['options'],
      snapshot: snapshot.id,
    },
    measured,
    popularity: own === undefined ? table.counts.subarray(0, numItems) : usersOfItems(own.pairs),
    open: (inner) => openRanker(snapshot, threads, inner),
  };
}

/** AppError 'bad-usage' for what only training or splitting heeds. */
function refuseOthers(options: SnapshotsOptions): void {
  if (options.split === 'cold-items') {
    const why = '`split` cold-items trains without some items, and a `snapshot` was trained with them';
    throw new AppError('bad-usage', why, { suggestions: ['leave it out, and name its model: `model` als'] });
  }
  if (options.test.length === 0) {
    throw new AppError('bad-usage', '`snapshot` needs held-out events to find: `test` FILE');
  }
  const given: readonly (readonly [flag: string, isGiven: boolean])[] = [
    ['split', options.split !== undefined && options.split !== 'files'],
    ['valid', options.valid.length > 0],
    ['on', options.part !== 'test'],
    ['split-at', options.splitAt !== undefined],
    ['test-users', options.testUsers !== undefined],
    ['test-share', options.testShare !== undefined],
    ['min-user-items', options.minUserItems > 1],
    ['min-item-users', options.minItemUsers > 1],
  ];
  for (const [flag, isGiven] of given) {
    if (!isGiven) continue;
    throw new AppError('bad-usage', `\`${flag}\` does not apply to \`snapshot\`, which is not trained here`, {
      details: { flag },
    });
  }
}

function nobodyKnown({ test }: SnapshotsOptions): AppError {
  return new AppError('empty-input', `no user of ${test.join(', ')} has a target`, {
    suggestions: ['targets are plays and likes with a weight above 0'],
  });
}
