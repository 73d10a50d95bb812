/** What `segue` alone prints: the root, what is current and how old it is, and the next command. */
import type { ListedSnapshot, SnapshotList } from '../../core/tasks/snapshots/list.js';
import { commandLine, type CommandLine } from '../terminal/command-line.js';
import { drawFacts } from '../terminal/facts.js';
import { ago, byteSize, count, counted, decimals, modelInWords } from '../terminal/numbers.js';
import type { Screen } from '../terminal/screen.js';
import { memberNames } from '../terminal/snapshot-names.js';

export function drawFrontPage(list: SnapshotList, screen: Screen, line = commandLine()): string {
  const { root, at, snapshots, total, problems } = list;
  const current = snapshots.find((each) => each.current);
  const latest = snapshots.find((each) => each.latest && !each.current);
  const made = ({ snapshot, madeAt }: ListedSnapshot): string =>
    madeAt === null ? snapshot : `${snapshot}, made ${ago(madeAt, Date.parse(at))}`;
  const size = `${counted(total.snapshots.count, 'snapshot')}, ${byteSize(total.snapshots.bytes)}`;
  const [next, why] = nextOf(list, line, current, latest);
  return drawFacts(
    [
      ['root', `${root}: ${snapshots.length === 0 ? 'no snapshots yet' : size}`],
      ...problems.map(({ message }) => ['problem', message] as const),
      ['current', current === undefined ? 'nothing is published' : made(current)],
      ['', current && contentOf(current)],
      ['latest', latest && `${made(latest)}, not current`],
      ['', latest && contentOf(latest)],
      ['next', next],
      ['', why],
      ['help', 'segue help: the commands; segue help --all: all of them'],
    ],
    screen,
  );
}

function contentOf({ damage, members, model, dim, users, items, recallAt10 }: ListedSnapshot): string {
  if (damage !== null) return damage.message;
  if (members !== undefined) return memberNames(members);
  return [
    modelInWords({ model: model ?? '', dim: dim ?? 0 }),
    users === null ? 'no users' : counted(users, 'user'),
    `${count(items ?? 0)} items`,
    ...(recallAt10 === null ? [] : [`index with recall@10 ${decimals(recallAt10)}`]),
  ].join(', ');
}

/** The command that most would type now, and what it does. */
function nextOf(
  { snapshots, problems }: SnapshotList,
  line: CommandLine,
  current: ListedSnapshot | undefined,
  latest: ListedSnapshot | undefined,
): readonly [command: string, why: string] {
  if (snapshots.length === 0)
    return [line('train', 'FILE', '--dry-run'), 'how a file of events is read, before anything is trained'];
  if (problems.length > 0 || [current, latest].some((each) => (each?.damage ?? null) !== null))
    return [line('snapshots verify', '--all'), 'what is damaged'];
  if (current === undefined && (latest?.dim ?? 0) > 0 && latest?.recallAt10 === null)
    return [line('build-index'), `finds neighbours faster; then ${line('publish')}`];
  if (current === undefined) return [line('publish'), 'lets readers have the latest'];
  if (latest !== undefined) return [line('diff-snapshots'), 'what publishing the latest would change'];
  return [line('items'), 'what can be asked for, by segue similar ITEM and segue recommend --like ITEM'];
}
