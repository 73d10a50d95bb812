/**
 * The numbers of gates that are a bundle's, and no member's: what all of its members know, how far apart they are in time, and
 * which names came and went. What is no bundle has no members.
 */
import { compareMembers, memberNumbers } from '../comparison/compare-members.js';
import { countShared } from '../comparison/match-snapshots.js';
import { isBundle } from '../snapshot/bundle.js';
import { snapshotFile } from '../snapshot/layout.js';
import { leaseNamed, type OpenSnapshot } from '../snapshot/open-snapshot.js';
import { noPublished, orWhyUnreadable, type GateNumber } from './gates.js';

/** What is judged: a snapshot, or every member of a bundle. */
export interface JudgedMember {
  readonly as: string | undefined;
  readonly snapshot: OpenSnapshot;
}

export interface BundleSides {
  readonly root: string;
  readonly candidates: readonly JudgedMember[];
  /** What is current; undefined where nothing is published. */
  readonly current: string | undefined;
}

interface Member {
  readonly as: string;
  readonly snapshot: OpenSnapshot;
}

const msPerDay = 86_400_000;

const ofMembers = new Map<string, (members: readonly Member[]) => Promise<Measured> | Measured>([
  ['members.sharedUsers', (members) => shareOf(members, 'users')],
  ['members.sharedItems', (members) => shareOf(members, 'items')],
  ['members.daysApart', daysApart],
]);

type Measured = Pick<GateNumber, 'value' | 'note'>;

/** The number of each name, all of them of members. Throws machine errors. */
export async function measureBundle(
  names: readonly string[],
  { root, candidates, current }: BundleSides,
): Promise<Map<string, GateNumber>> {
  const members = candidates.flatMap(({ as, snapshot }) => (as === undefined ? [] : [{ as, snapshot }]));
  const numbers = new Map<string, GateNumber>();
  for (const name of new Set(names)) {
    const measure = ofMembers.get(name);
    if (measure === undefined) numbers.set(name, await changed(name, root, members, current));
    else if (members.length > 0)
      numbers.set(name, { kind: 'measured', judged: true, ...(await measure(members)) });
    else numbers.set(name, { kind: 'measured', value: null, note: 'it is no bundle', judged: false });
  }
  return numbers;
}

/** How many names came, went, or have another snapshot than in what is current. */
async function changed(
  name: string,
  root: string,
  members: readonly Member[],
  current: string | undefined,
): Promise<GateNumber> {
  if (current === undefined) return noPublished(undefined);
  const before = await orWhyUnreadable(current, async () => {
    const { manifest, lease } = await leaseNamed(root, current);
    lease.release();
    return isBundle(manifest) ? manifest.members : [];
  });
  if ('why' in before) return { kind: 'compared', value: null, note: before.why, judged: true };
  const after = members.map(({ as, snapshot }) => ({ as, snapshot: snapshot.id }));
  const changes = compareMembers(before.read, after);
  const kind = name.slice('members.'.length);
  const changedNames = changes.filter(({ change }) => change === kind).map(({ as }) => as);
  const note = changedNames.length === 0 ? null : changedNames.join(', ');
  return { kind: 'compared', value: memberNumbers(changes).get(name) ?? null, note, judged: true };
}

/** Of the users or items of the member that has most of them, the share that every member knows. */
async function shareOf(members: readonly Member[], what: 'users' | 'items'): Promise<Measured> {
  const without = members.find(
    ({ snapshot }) => !(what === 'users' ? snapshot.hasUsers() : snapshot.has(snapshotFile.itemTable)),
  );
  if (without !== undefined) return { value: null, note: `${without.as} has no ${what}` };
  const { common, lengths } = await countShared(
    members.map(({ snapshot }) => snapshot),
    what,
  );
  const most = Math.max(...lengths);
  if (most === 0) return { value: null, note: `no member has ${what}` };
  const largest = members[lengths.indexOf(most)]?.as ?? '';
  const note = `all members know ${common} of the ${most} ${what} of ${largest}`;
  return { value: common / most, note: common === most ? null : note };
}

/** Days between the latest events of the members that know the newest and the oldest. */
function daysApart(members: readonly Member[]): Measured {
  const times = members.map(({ as, snapshot }) => ({ as, at: snapshot.manifest.inputs.interactions.lastAt }));
  const without = times.find(({ at }) => at === null);
  if (without !== undefined) return { value: null, note: `the events of ${without.as} have no times` };
  const sorted = times.toSorted((a, b) => Date.parse(a.at ?? '') - Date.parse(b.at ?? ''));
  const [oldest, newest] = [sorted[0], sorted.at(-1)];
  const value = (Date.parse(newest?.at ?? '') - Date.parse(oldest?.at ?? '')) / msPerDay;
  const until = [newest, oldest].map((each) => `those of ${each?.as ?? ''} end ${each?.at ?? ''}`);
  return { value, note: value === 0 ? null : `events: ${until.join(', ')}` };
}
