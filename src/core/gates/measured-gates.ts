/**
 * The numbers of gates that no manifest states: they are measured while publishing, and only what was asked for. Where
 * nothing is published yet there is nothing to compare with: such a gate is shown, is not judged, and passes.
 */
import { Closers, closing } from '../closers.js';
import type { OpenRanker, TaskContext } from '../contracts.js';
import { compareVectors } from '../comparison/compare-vectors.js';
import { findKnownItems } from '../comparison/known-items.js';
import { maxRanked } from '../models/rank-by-inner-product.js';
import { sampleRows, seededRandom } from '../numeric/random.js';
import { checkSnapshot } from '../snapshot/check-snapshot.js';
import { compareMetrics } from '../comparison/compare-manifests.js';
import { differenceValues, type Differences } from '../comparison/difference-verdicts.js';
import { noPublished, orWhyUnreadable, unknownNumber, type GateNumber } from './gates.js';
import { gateValues, manifestNumbers } from '../comparison/manifest-numbers.js';
import { findNumber, namesFrom } from './numbers.js';
import { requireKind } from '../snapshot/kinds.js';
import { snapshotFile, trainedKind } from '../snapshot/layout.js';
import { scorerOf } from '../snapshot/scorer.js';
import { countMatches, matchItems, matchUsers } from '../comparison/match-snapshots.js';
import { isBundle } from '../snapshot/bundle.js';
import { leaseNamed, leaseSnapshot, openLeased, type OpenSnapshot } from '../snapshot/open-snapshot.js';
import { stampHolds } from '../snapshot/stamp.js';
import { openCatalogue } from '../store/catalogue.js';
import { compareNeighbours } from '../comparison/compare-neighbours.js';
import { compareUsers } from '../comparison/compare-users.js';
import { eventsOf } from '../query/filters/enough-events.js';
import { openNeighbours } from '../query/open-neighbours.js';
import { openRanker } from '../query/open-scorer.js';
import { openUsers } from '../query/open-users.js';

export interface MeasuredSides {
  readonly root: string;
  /** Verified. */
  readonly candidate: OpenSnapshot;
  /** Its name in a bundle: compared is what is current under the same name. */
  readonly as?: string | undefined;
  /** What is current; undefined where nothing is published. */
  readonly current: string | undefined;
  readonly threads: number;
}

/** Users whose recommendations are looked at for coverage; the same ones each time. */
const coverageUsers = 10_000;
const seed = 42;

const nothingFound: Differences = {
  items: { added: 0, removed: 0, common: 0 },
  users: null,
  overlapAt10: null,
  overlapAt10All: null,
  metrics: [],
};

/** The number of each name, in the order of `names`. Throws machine errors, and the abort's error. */
export async function measureNumbers(
  names: readonly string[],
  sides: MeasuredSides,
  context: TaskContext,
): Promise<GateNumber[]> {
  const stated = manifestNumbers(sides.candidate.manifest);
  const known = knownNumbers(sides.candidate);
  const isCompared = (name: string): boolean => !stated.has(name) && findNumber(name)?.from === 'compared';
  const compared = await compareWithCurrent(names.filter(isCompared), sides, context);
  const numbers: GateNumber[] = [];
  for (const name of names) {
    const value = stated.get(name);
    const [what, most] = name.split('@');
    if (value !== undefined) numbers.push({ kind: 'manifest', value, note: null, judged: true });
    else if (findNumber(name)?.from === 'measured')
      numbers.push(
        await (what === 'coverage' ? coverage : firstNeighbourEvents)(Number(most), sides, context),
      );
    else numbers.push(compared.get(name) ?? unknownNumber(name, known));
  }
  return numbers;
}

/** The names that a gate on this snapshot can use, sorted; any number after @ will do. */
export function knownNumbers({ manifest }: OpenSnapshot): string[] {
  const names = [
    ...manifestNumbers(manifest).keys(),
    ...(['measured', 'compared', 'members'] as const).flatMap(namesFrom),
    ...[...gateValues(manifest).keys()].map((name) => `change.${name}`),
  ];
  return [...new Set(names)].sort();
}

/** The least events of a first neighbour, as `similar` finds it, of the items of most events; 0 where one has none. */
async function firstNeighbourEvents(
  most: number,
  { candidate }: MeasuredSides,
  context: TaskContext,
): Promise<GateNumber> {
  const number = { kind: 'measured', note: null, judged: true } as const;
  if (scorerOf(candidate) === 'constant')
    return { ...number, value: null, note: 'its model has no neighbours' };
  return closing(openNeighbours(candidate, { inMemory: true }), async (neighbours) => {
    const nearest = await neighbours.nearestItems(false, {}, context);
    const events = eventsOf(candidate, requireKind(candidate, trainedKind));
    const rows = [...events.keys()].sort((a, b) => events[b]! - events[a]! || a - b).slice(0, most);
    return { ...number, value: Math.min(...rows.map((row) => events[nearest(row, 1)[0]?.row ?? -1] ?? 0)) };
  });
}

/** Share of the items that stand among the first k recommendations of anybody, of all users or a sample of them. */
async function coverage(
  k: number,
  { candidate, threads }: MeasuredSides,
  context: TaskContext,
): Promise<GateNumber> {
  const number = { kind: 'measured', judged: true } as const;
  if (k > maxRanked)
    return { ...number, value: null, note: `only the first ${maxRanked} recommendations are measured` };
  if (!candidate.hasUsers(snapshotFile.historyItem))
    return { ...number, value: null, note: 'it has no users whose recommendations could be measured' };
  const numItems = candidate.manifest.inputs.interactions.items;
  const opened = new Closers();
  const catalogue = opened.lazy(() => openCatalogue(candidate.file(snapshotFile.itemStore)));
  const seen = new Uint8Array(numItems);
  let numUsers: number;
  let users: Uint32Array;
  let ranker: OpenRanker | undefined;
  try {
    // As they are answered: what the ledger bans is shown to nobody who banned it.
    const known = await opened.keep(openUsers(candidate, numItems, catalogue)).asOfNow({});
    numUsers = known.numStored;
    users = sampleRows(seededRandom(seed), coverageUsers, numUsers);
    const histories = known.readMany(users);
    ranker = await openRanker(candidate, threads, context);
    let done = 0;
    await ranker.rank(histories, k, (_, items) => {
      for (const { row } of items) seen[row] = 1;
      done++;
      if (done % 256 === 0 || done === users.length)
        context.onProgress({ kind: 'step', phase: 'recommending', done, total: users.length, unit: 'users' });
    });
  } finally {
    await ranker?.close();
    opened.close();
  }
  const shown = seen.reduce((sum, one) => sum + one, 0);
  const note = users.length < numUsers ? `of ${users.length} users, a sample` : null;
  return { ...number, value: shown / numItems, note };
}

async function compareWithCurrent(
  names: readonly string[],
  sides: MeasuredSides,
  context: TaskContext,
): Promise<Map<string, GateNumber>> {
  const all = (number: GateNumber): Map<string, GateNumber> => new Map(names.map((name) => [name, number]));
  const { candidate, current, as } = sides;
  if (names.length === 0 || current === undefined) return all(noPublished(as));
  const found = await orWhyUnreadable(current, () => openUnstamped(sides.root, current, as, context));
  if ('why' in found) return all({ kind: 'compared', value: null, note: found.why, judged: true });
  const { read: before } = found;
  if (before === undefined) return all(noPublished(as));
  try {
    const values = await differences(names, before, candidate, sides.threads, context);
    const known = [...values].filter(([name]) => names.includes(name));
    return new Map(
      known.map(([name, value]) => {
        const note = value === null ? `it cannot be measured against ${current}, which is current` : null;
        return [name, { kind: 'compared', value, note, judged: true }];
      }),
    );
  } finally {
    before.close();
  }
}

/**
 * Like any reader, but without leaving a stamp: a dry run writes nothing. undefined where it is a bundle without a member
 * of the name.
 */
async function openUnstamped(
  root: string,
  id: string,
  as: string | undefined,
  context: TaskContext,
): Promise<OpenSnapshot | undefined> {
  const { manifest: named, lease } = await leaseNamed(root, id);
  lease.release();
  if (isBundle(named) && as !== undefined && named.members.every((member) => member.as !== as))
    return undefined;
  const leased = await leaseSnapshot(root, id, as);
  try {
    const { path, manifest } = leased;
    if (!stampHolds(root, path, manifest)) await checkSnapshot(path, manifest, context);
    return openLeased(leased);
  } catch (error) {
    leased.lease.release();
    throw error;
  }
}

/** What was asked for is measured, as diff-snapshots does it; the rest is null. */
async function differences(
  names: readonly string[],
  before: OpenSnapshot,
  candidate: OpenSnapshot,
  threads: number,
  context: TaskContext,
): Promise<Map<string, number | null>> {
  const asked = new Set(names.flatMap((name) => findNumber(name)?.by ?? []));
  const metrics = compareMetrics(before.manifest, candidate.manifest);
  const found = { ...nothingFound, metrics };
  if (names.every((name) => name.startsWith('change.'))) return differenceValues(found);

  const [a, b] = [before, candidate];
  const items = await matchItems(a, b);
  const users = asked.has('users') ? await matchUsers(a, b) : undefined;
  const known = asked.has('neighbours') || asked.has('vectors') ? findKnownItems(a, b, items) : undefined;
  const neighbours =
    known !== undefined && asked.has('neighbours')
      ? await compareNeighbours({ a, b, items, known, sample: undefined, threads }, context)
      : undefined;
  const vectors =
    known !== undefined && asked.has('vectors')
      ? await compareVectors({ a, b, items: known, most: 0, threads }, context)
      : null;
  const ofUsers = asked.has('recommendations')
    ? await compareUsers({ a, b, items, users, vectors, sample: undefined, threads }, context)
    : undefined;
  const recommended = ofUsers?.recommendations ?? null;
  return differenceValues({
    ...{ metrics, items: countMatches(items), users: users === undefined ? null : countMatches(users) },
    ...{ overlapAt10: neighbours?.overlap ?? null, overlapAt10All: neighbours?.overlapAll ?? null },
    ...{ rbo: neighbours?.rbo ?? null, rboAll: neighbours?.rboAll ?? null },
    drift: vectors?.drift ?? null,
    recommendations: recommended === null ? null : { overlapAt10: recommended.overlap, rbo: recommended.rbo },
    skew: ofUsers?.skew ?? null,
  });
}
