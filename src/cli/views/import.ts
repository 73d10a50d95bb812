/** What `import` prints: what came in, how users are folded in, and what to do next. */
import type { ImportCounts, ImportPlan, ImportVectorsResult } from '../../core/tasks/import.js';
import { commandLine, type CommandLine } from '../terminal/command-line.js';
import { drawReport, factsOfMade, type Fact } from '../terminal/facts.js';
import { byteSize, count, counted, duration } from '../terminal/numbers.js';
import type { Screen } from '../terminal/screen.js';

export function drawImport(result: ImportVectorsResult, screen: Screen, line = commandLine()): string {
  const headline = result.existed
    ? `Found snapshot ${result.snapshot} complete: the same was imported before`
    : `Imported snapshot ${result.snapshot} in ${duration(result.seconds)}`;
  return drawReport(headline, [...facts(result), ...factsOfMade(result, nextOf(result, line))], screen);
}

function nextOf({ snapshot, tag }: ImportVectorsResult, line: CommandLine): string {
  const named = tag === null ? [] : [tag];
  const index = line('build-index', ...named.flatMap((name) => [name, '--tag', name]));
  return `${line('similar', '--snapshot', tag ?? snapshot)} ITEM; ${index}, then ${line('publish', ...named)}`;
}

export function drawImportPlan(plan: ImportPlan, screen: Screen): string {
  const headline = plan.existed
    ? `Snapshot ${plan.snapshot} already exists: importing would find it complete`
    : `Importing would make snapshot ${plan.snapshot}; nothing was changed`;
  return drawReport(headline, [...facts(plan), ['disk', `about ${byteSize(plan.diskBytes)}`]], screen);
}

function facts(result: ImportVectorsResult | ImportPlan): Fact[] {
  const { items, users, importedUsers, dim, zeroVectors, measure } = result;
  const folded = users - importedUsers;
  const who = [
    ...(importedUsers > 0 ? [`${count(importedUsers)} imported`] : []),
    ...(folded > 0 ? [`${count(folded)} folded in`] : []),
  ];
  return [
    ['vectors', `${counted(items, 'item')} × ${counted(dim, 'dimension')}, as they are`],
    [
      'users',
      users === 0
        ? 'none: describe a new user by --like, or import --events'
        : `${count(users)}: ${who.join(', ')}`,
    ],
    ['listening', listening(result)],
    ['zeros', zeroVectors === 0 ? undefined : `${counted(zeroVectors, 'vector')} of zeros`],
    ['fold-in', foldIn(result)],
    [
      'note',
      measure === 'cosine'
        ? 'vectors trained for cosine suit similar; recommend ranks by inner product, for which they were not trained'
        : undefined,
    ],
  ];
}

function listening({ events, interactions, users }: ImportCounts): string | undefined {
  if (events > 0) return `${counted(events, 'event')}, ${counted(interactions, 'pair')}`;
  return users > 0 ? 'none: recommend leaves no seen items out' : undefined;
}

function foldIn({ measure, options }: Pick<ImportVectorsResult, 'measure' | 'options'>): string {
  const said = Object.entries(options)
    .filter(([name]) => name !== 'measure')
    .map(([name, value]) => `--${name} ${String(value)}`)
    .join(' ');
  return measure === 'cosine'
    ? `the mean of the unit vectors of their items: ${said}`
    : `normal equations with the Gramian of the vectors, without training data: ${said}`;
}
