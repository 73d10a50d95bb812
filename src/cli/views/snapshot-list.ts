/** What `snapshots list` prints: a row a snapshot, newest first, then what is wrong and what all of it takes. */
import type { ListedSnapshot, SnapshotList } from '../../core/tasks/snapshots/list.js';
import { commandLine } from '../terminal/command-line.js';
import { age, byteSize, counted, decimals } from '../terminal/numbers.js';
import { paragraph } from '../terminal/paragraph.js';
import { safeText } from '../terminal/safe-text.js';
import { styled, type Screen } from '../terminal/screen.js';
import { memberNames, snapshotNames } from '../terminal/snapshot-names.js';
import { drawTable, type Column } from '../terminal/table.js';
import { hanging } from '../terminal/wrapped-lines.js';

/** More rows than this push the newest off a terminal; those that are called something, or damaged, stay. */
const defaultRows = 40;

export async function drawSnapshotList(
  list: SnapshotList,
  screen: Screen,
  line = commandLine(),
): Promise<string> {
  const { root, snapshots, total, problems } = list;
  const isShown = (snapshot: ListedSnapshot, place: number): boolean =>
    !screen.decorated || place < defaultRows || namesOf(snapshot).length > 0;
  const shown = snapshots.filter(isShown);
  const left = total.snapshots.count - shown.length;
  const warnings = [
    ...problems.map(({ message }) => message),
    ...snapshots.flatMap(({ damage }) => damage?.message ?? []),
  ];
  return [
    await drawTable(shown, columnsOf(list), screen),
    ...(left > 0 && shown.length > 0 ? [paragraph(leftOut(left, list, shown), screen)] : []),
    ...warnings.map((message) =>
      hanging(styled(screen, 'yellow', 'Warning:'), 8, safeText(message), screen.width),
    ),
    total.snapshots.count === 0
      ? paragraph(`There are no snapshots in ${root}: ${line('train')} EVENTS makes one`, screen)
      : paragraph(inAll(total), screen),
  ]
    .filter((text) => text !== '')
    .join('\n');
}

/** Whatever --limit says, what is current is what most look for. */
function leftOut(left: number, { current }: SnapshotList, shown: readonly ListedSnapshot[]): string {
  const isAmongThem = current !== null && !shown.some(({ snapshot }) => snapshot === current);
  const older = `… and ${counted(left, 'older one', 'older ones')}`;
  return isAmongThem ? `${older}, among them ${current}, which is current` : older;
}

function namesOf(snapshot: ListedSnapshot): string[] {
  return [...(snapshot.damage === null ? [] : ['DAMAGED']), ...snapshotNames(snapshot)];
}

function columnsOf({ at, snapshots }: SnapshotList): Column<ListedSnapshot>[] {
  const now = Date.parse(at);
  const number = (value: number | null | undefined): string =>
    value === null || value === undefined ? '' : decimals(value);
  const metrics = keyMetrics(snapshots).map((name): Column<ListedSnapshot> => ({
    head: name,
    cell: (snapshot) => number(snapshot.metrics[name]),
    align: 'right',
    optional: true,
  }));
  return [
    { head: 'snapshot', cell: ({ snapshot }) => snapshot },
    { head: 'called', cell: (snapshot) => namesOf(snapshot).join(' '), atLeast: 8 },
    {
      head: 'age',
      cell: ({ madeAt }) => (madeAt === null ? '' : age(now - Date.parse(madeAt))),
      align: 'right',
    },
    {
      head: 'model',
      cell: modelOf,
      optional: true,
    },
    ...metrics.slice(0, 1),
    { head: 'own', cell: ({ bytes }) => byteSize(bytes.own), align: 'right', optional: true },
    { head: 'shared', cell: ({ bytes }) => byteSize(bytes.shared), align: 'right', optional: true },
    {
      head: 'with',
      cell: ({ parts }) => parts.filter((part) => part !== 'model').join(' '),
      optional: true,
    },
    ...metrics.slice(1),
    {
      head: 'index recall@10',
      cell: ({ recallAt10 }) => number(recallAt10),
      align: 'right',
      optional: true,
    },
    { head: 'basis', cell: ({ basis }) => basis ?? '', optional: true },
  ];
}

function modelOf({ model, dim, members }: ListedSnapshot): string {
  if (members !== undefined) return memberNames(members);
  return `${model ?? ''}${(dim ?? 0) > 0 ? ` ${String(dim)}` : ''}`;
}

const mostMetrics = 3;

/** The metrics that most of the snapshots have, those of rankings before losses. */
function keyMetrics(snapshots: readonly ListedSnapshot[]): string[] {
  const counts = new Map<string, number>();
  for (const { metrics } of snapshots) {
    for (const name of Object.keys(metrics)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const rank = ([name, count]: [string, number]): number => (name.includes('@') ? 1e9 : 0) + count;
  return [...counts]
    .sort((a, b) => rank(b) - rank(a) || (a[0] < b[0] ? -1 : 1))
    .slice(0, mostMetrics)
    .map(([name]) => name);
}

function inAll({ snapshots, trash, drafts }: SnapshotList['total']): string {
  return [
    `${counted(snapshots.count, 'snapshot')}, ${byteSize(snapshots.bytes)}`,
    ...(trash.count > 0 ? [`trash ${byteSize(trash.bytes)}`] : []),
    ...(drafts.count > 0 ? [`${counted(drafts.count, 'draft')} ${byteSize(drafts.bytes)}`] : []),
  ].join('; ');
}
