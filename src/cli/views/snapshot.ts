/** What `snapshots show` prints: all that is known of one snapshot. */
import type { ShownSnapshot } from '../../core/tasks/snapshots/show.js';
import { commandLine, type CommandLine } from '../terminal/command-line.js';
import { drawFacts, type Fact } from '../terminal/facts.js';
import { age, byteSize, count, counted, decimals } from '../terminal/numbers.js';
import { safeText } from '../terminal/safe-text.js';
import { styled, type Screen } from '../terminal/screen.js';
import { memberNames, snapshotNames } from '../terminal/snapshot-names.js';
import { drawTable } from '../terminal/table.js';
import { hanging } from '../terminal/wrapped-lines.js';

type Options = Readonly<Record<string, unknown>>;

export async function drawSnapshotPage(
  page: ShownSnapshot,
  screen: Screen,
  line = commandLine(),
): Promise<string> {
  const names = snapshotNames(page).join(' ');
  const id = styled(screen, 'bold', page.snapshot);
  const sections = [
    names === '' ? id : hanging(id, page.snapshot.length, safeText(names), screen.width),
    drawFacts(factsOf(page, line), screen),
    '',
    await drawTable(
      page.files,
      [
        { head: 'file', cell: ({ path }) => path, atLeast: 12 },
        { head: 'bytes', cell: ({ bytes }) => count(bytes), align: 'right' },
        { head: 'sha256', cell: ({ sha256 }) => sha256.slice(0, 16), optional: true },
      ],
      screen,
    ),
  ];
  return sections.join('\n');
}

function factsOf(page: ShownSnapshot, line: CommandLine): Fact[] {
  const { model, inputs, users, index, metrics, bytes, parent, children } = page;
  const { interactions } = inputs;
  const added = model.added?.rows ?? 0;
  const { publications } = page.bundle ?? page;
  return [
    ['damage', page.damage?.message],
    ...bundleFacts(page.bundle),
    ['made', `${page.madeAt}, age ${age(Date.parse(page.at) - Date.parse(page.madeAt))}`],
    ['path', page.path],
    ['size', `${byteSize(bytes.own)} of its own, ${byteSize(bytes.shared)} shared with other snapshots`],
    ['parent', parent ?? 'none'],
    ['children', children.length === 0 ? undefined : children.join(' ')],
    ['basis', page.basis],
    ['format', `version ${page.formatVersion}`],
    [
      'model',
      `${model.name}${model.dim > 0 ? `, ${count(model.dim)} dimensions` : ''}, scorer ${model.scorer}, ` +
        `fold ${model.fold}, engine ${model.engine}, seed ${model.seed}, algorithm version ${model.algorithmVersion}`,
    ],
    ['options', pairsOf(model.options)],
    ['parameters', pairsOf(model.parameters ?? {})],
    ['blend', blendOf(model.blend)],
    [
      'listening',
      `${count(interactions.events)} events, ${count(interactions.pairs)} pairs of ${counted(interactions.users, 'user')} and ${counted(interactions.items - added, 'item')}`,
    ],
    ['added', added === 0 ? undefined : `${counted(added, 'item')} with a vector made from its columns`],
    ['from', interactions.firstAt ?? undefined],
    ['until', interactions.lastAt ?? undefined],
    ['catalogue', inputs.items === null ? 'none' : counted(inputs.items.rows, 'row')],
    ['kinds', kindsOf(model.kinds ?? {})],
    ['users', users === null ? 'none' : usersOf(users)],
    ['index', index === null ? 'none' : indexOf(index.item)],
    ...Object.entries(metrics).map(([name, value]): Fact => [name, decimals(value)]),
    ...publications
      .slice(0, shownPublications)
      .map(({ time, op, who, why }): Fact => [
        op === 'rollback' ? 'rolled back to' : 'published',
        `${time} by ${who}${why === null ? '' : `: ${why}`}`,
      ]),
    ['', moreOf(publications.length - shownPublications, line)],
    ['read by', readersOf(page.readers)],
  ];
}

function bundleFacts(bundle: ShownSnapshot['bundle']): Fact[] {
  if (bundle === undefined) return [];
  const { snapshot, as, members, madeAt } = bundle;
  return [
    ['bundle', [`${snapshot}, made ${madeAt}`, ...snapshotNames(bundle)].join(' ')],
    ['as', as],
    ['members', memberNames(members)],
  ];
}

/** What was published and rolled back for an hour must not push everything else away. */
const shownPublications = 5;

function moreOf(left: number, line: CommandLine): string | undefined {
  return left > 0 ? `and ${counted(left, 'time')} before: ${line('snapshots history')}` : undefined;
}

function pairsOf(options: Options): string | undefined {
  const pairs = Object.entries(options).map(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return `${name}=${text}`;
  });
  return pairs.length === 0 ? undefined : pairs.join(' ');
}

/** The second member of a blend; all else is of the first. */
function blendOf(blend: ShownSnapshot['model']['blend']): string | undefined {
  if (blend === undefined) return undefined;
  const { name, scorer, algorithmVersion, options, parameters = {} } = blend;
  return `with ${name}, scorer ${scorer}, algorithm version ${algorithmVersion}, ${pairsOf({ ...options, ...parameters })}`;
}

function kindsOf(kinds: NonNullable<ShownSnapshot['model']['kinds']>): string | undefined {
  const parts = Object.entries(kinds).map(([kind, { rows, vectors }]) => {
    const without = rows - vectors;
    return `${counted(rows, kind)}${without === 0 ? '' : `, ${count(without)} of them without a vector`}`;
  });
  return parts.length === 0 ? undefined : parts.join('; ');
}

function usersOf({ rows, unconverged, options }: NonNullable<ShownSnapshot['users']>): string {
  return [counted(rows, 'user'), `${count(unconverged)} not converged`, pairsOf(options)]
    .filter((text) => text !== undefined)
    .join(', ');
}

function indexOf(index: NonNullable<ShownSnapshot['index']>['item']): string {
  return (
    `${index.kind}, ${counted(index.lists, 'list')}, ${counted(index.probes, 'probe')}, recall@10 ${decimals(index.recallAt10)} ` +
    `on ${counted(index.sampled, 'item')} (wanted ${decimals(index.targetRecall)})`
  );
}

/** Only what is known: nothing about processes that cannot be looked at. */
function readersOf(readers: ShownSnapshot['readers']): string | undefined {
  if (readers === null) return undefined;
  const { processes, complete } = readers;
  const known = processes.map(({ pid, command }) => `process ${pid} (${command})`).join(', ');
  const others = complete ? '' : 'processes of other users cannot be inspected';
  if (known === '') return complete ? 'no process' : `no process that can be inspected; ${others}`;
  return others === '' ? known : `${known}; ${others}`;
}
