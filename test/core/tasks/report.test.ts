import { cpSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPngMaker } from '#dist/core/report/figure-png.js';
import type { DiffResult } from '#dist/core/tasks/diff-snapshots.js';
import { report, type ReportOptions, type ReportResult } from '#dist/core/tasks/report.js';
import { isLeased } from '#dist/core/snapshot/lease.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { diffOfTwo } from '../../helpers/differences.js';
import { prepare } from '../../helpers/prepared.js';
import { expectSelfContained } from '../../helpers/report-page.js';
import { makeSmallSnapshot } from '../../helpers/small-snapshot.js';
import { idA, idB, listening } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';
import { classicRock, makeFolder, type Folder } from '../../helpers/trained-root.js';
import { words as typed } from '../../helpers/words.js';

const makeDirectory = temporaryDirectories('file');
const { plays, items } = classicRock;

const few = [
  ['a', 1, 0],
  ['b', 0, 1],
  ['zero', 0, 0],
] as const;

let folder: Folder;
let root = '';
let training = '';
let evaluation = '';
beforeAll(async () => {
  folder = makeFolder();
  // Some 200 of the bundled songs, those that most listeners play: all of them take ten times as long to compare and to lay out.
  const small = ['--factors', '8', '--epochs', '2', '--threads', '1', '--min-item-users'];
  const named = ['--items', items];
  const [trained, measured] = await prepare(folder, [
    ['train', plays, ...named, ...small, '55', '--tag', 'trained'],
    ['evaluate', plays, '--split', 'random', ...small, '55', '--bootstrap', '50', '--at', '10,50'],
    ['build-index', 'trained', '--tag', 'indexed', '--threads', '1'],
    ['publish', 'indexed'],
    ['train', plays, ...small, '65', '--seed', '9', '--tag', 'nameless'],
    ['train', plays, ...named, '--model', 'ease', '--min-item-users', '80', '--tag', 'ease'],
    ['train', plays, '--model', 'popularity', '--tag', 'popular'],
    typed`train ${plays} ${named} --model item2vec ${small} 80 --without-users --tag sequences`,
  ]);
  root = join(folder.path, 'root');
  training = join(folder.path, 'training.json');
  evaluation = join(folder.path, 'evaluation.json');
  writeFileSync(training, JSON.stringify(trained![0]));
  writeFileSync(evaluation, JSON.stringify(measured![0]));
});
afterAll(() => folder.remove());

let usual: Reported;
let full: Reported;
let compared: Reported;
/** Where the figures of the last two are. */
let figuresOf: readonly string[];
beforeAll(async () => {
  figuresOf = ['full', 'compared'].map((name) => join(makeDirectory(), 'deep', name));
  usual = await reported();
  full = await reported({ training, evaluation, item: ['Renegade'], figures: figuresOf[0] });
  compared = await reported({ against: 'nameless', figures: figuresOf[1] });
});

interface Reported {
  readonly result: ReportResult;
  readonly page: string;
  /** What a reader sees. */
  readonly text: string;
}

/** Of the prepared root, with a page of its own. */
const options = (more: Partial<ReportOptions> = {}): ReportOptions & { readonly out: string } => {
  const out = join(makeDirectory(), 'report.html');
  return { root, out, item: [], map: false, force: false, threads: 1, ...more } as ReturnType<typeof options>;
};

async function reported(more: Partial<ReportOptions> = {}): Promise<Reported> {
  const asked = options(more);
  const result = await report(asked, listening());
  const page = readFileSync(asked.out, 'utf8');
  expect(result).toMatchObject({ path: asked.out, bytes: Buffer.byteLength(page) });
  return { result, page, text: expectSelfContained(page) };
}

const refused = (more: Partial<ReportOptions>, signal?: AbortSignal) =>
  expect(report(options(more), listening(signal))).rejects;

/** The cells of the table that follows `heading`, row by row. */
function tableBelow(heading: string, page: string): string[][] {
  const [, table] = new RegExp(`${heading}[\\s\\S]*?<tbody>([\\s\\S]*?)</tbody>`).exec(page)!;
  return [...table!.matchAll(/<tr>(.*?)<\/tr>/g)].map(([, row]) =>
    [...row!.matchAll(/<bdi>(.*?)<\/bdi>/g)].map(([, cell]) => cell!),
  );
}

describe('a report', () => {
  it('says what was trained on what, and draws it, in less than 2 MB', () => {
    const { result, page, text } = full;
    expect(result.sections).toEqual([
      'What was trained on what',
      'How training went',
      'How well it ranks',
      'What was listened to',
      'How neighbours are found',
      'What is near to what',
    ]);
    for (const each of ['16,411', '14,836', '172', '194', 'unobserved-ratio', 'sha256', '2014-06-22'])
      expect(text).toContain(each);
    expect(text).toContain('Renegade – Styx');
    expect([...page.matchAll(/<article>/g)]).toHaveLength(13);
    expect([...page.matchAll(/<figure>/g)].length).toBe(1 + 4 + 6 + 2);
    expect(result.bytes).toBeLessThan(2_000_000);
  });

  it('is the same, byte by byte, wherever and whenever it is made, at any number of threads', async () => {
    const elsewhere = join(makeDirectory(), 'elsewhere');
    cpSync(root, elsewhere, { recursive: true, verbatimSymlinks: true });
    const pieces: Uint8Array[] = [];
    const out = { write: (bytes: Uint8Array) => Promise.resolve(void pieces.push(bytes)) };
    expect((await report(options({ out, root: elsewhere, threads: 3 }), listening())).path).toBeNull();
    expect(Buffer.concat(pieces).toString()).toBe(usual.page);
  });

  it('has the neighbours that similar has, in its order', async () => {
    const [{ neighbours }] = (await folder.json(['similar', 'Renegade', '-k', '10', '--exact'])) as any;
    const [, asked] = /<article>([\s\S]*?)<\/article>/.exec(full.page)!;
    const shown = [...asked!.matchAll(/<li><bdi>(.*?)<\/bdi><span>(.*?)<\/span>/g)];
    expect(shown.map(([, title, similarity]) => [title, similarity])).toEqual(
      neighbours.map(({ name, artist, similarity }: any) => [
        `${name} – ${artist}`.replaceAll('&', '&amp;'),
        similarity.toFixed(3),
      ]),
    );
  });

  it('finds with an index what the exact search finds, the more the more it reads, and all in the end', () => {
    const recalls = tableBelow('Recall by lists read', usual.page).map(([, , recall]) => Number(recall));
    expect(recalls).toEqual([...recalls].sort((a, b) => a - b));
    expect(recalls.at(-1)).toBeGreaterThanOrEqual(0.9995);
    expect(recalls.length).toBeGreaterThan(3);
  });

  it('draws the losses that training printed, and the metrics that evaluate printed', () => {
    const { text } = full;
    const { epochs } = JSON.parse(readFileSync(training, 'utf8'));
    for (const { loss } of epochs) expect(text).toContain(String(Number(loss.toPrecision(4))));
    const { results } = JSON.parse(readFileSync(evaluation, 'utf8'));
    for (const { metrics, intervals, name } of results) {
      expect(text).toContain(name);
      for (const [metric, [low, high]] of Object.entries<any>(intervals))
        expect(text).toContain(`${metrics[metric].toFixed(4)} (${low.toFixed(4)} – ${high.toFixed(4)})`);
    }
    expect(text).toContain('None of these is this snapshot');
  });

  it('says how to come by what a snapshot does not keep', () => {
    expect(usual.text).toContain('This snapshot was not evaluated.');
    expect(usual.text).toContain('A snapshot keeps the loss of its last epoch only.');
  });

  it.each([
    ['sequences', 'This snapshot has no users'],
    ['nameless', 'There is no index'],
    ['ease', 'what one item gives to the score of another'],
    ['popular', 'There are no neighbours to show: popularity scores every item by itself'],
    ['sequences', 'item2vec'],
  ])('of %s leaves out what is not there, and says so', async (snapshot, words) => {
    const { text } = await reported({ snapshot });
    expect(text).toContain(words);
  });

  it('of vectors without plays, users or names is one too', async () => {
    const own = join(makeDirectory(), 'root');
    await makeSmallSnapshot(own, idA, { items: few });
    const { text } = await reported({ root: own, snapshot: idA, item: ['zero'] });
    expect(text).toContain('No item has an event');
    expect(text).toContain('It has no direction: nothing is near to it.');
  });

  it('shows hostile names harmlessly', async () => {
    const own = join(makeDirectory(), 'root');
    const hostile = [
      '<script>alert(1)</script>',
      '"><img src=x onerror=alert(1)>',
      '</style></title>&amp;',
      'a\u202eb\u0000c\u200bd',
      '\u001b[31mred\u001b[0m',
      'two\nlines',
      'z\u0300\u0301\u0302\u0303'.repeat(4),
    ];
    await makeSmallSnapshot(own, idA, {
      items: hostile.map((id, at) => [id, Math.cos(at), Math.sin(at)] as const),
      users: new Map([['<b>user</b>', [0, 1, 2, 3, 4, 5, 6]]]),
    });
    await makeSmallSnapshot(own, idB, {
      items: hostile.map((id, at) => [id, Math.sin(3 * at), Math.cos(at)] as const),
      users: new Map([['<b>user</b>', [0, 1, 2]]]),
    });
    const { page, text } = await reported({ root: own, snapshot: idA, against: idB });
    const unseen = Array.from(page).filter((letter) => /[\p{Cc}\p{Cf}]/u.test(letter) && letter !== '\n');
    expect(unseen).toEqual([]);
    expect(text).toContain('&lt;script');
    expect(text).toContain('\\u202e');
    expect(text).toContain('\\n');
  });
});

describe('a report against another snapshot', () => {
  let difference: DiffResult;
  beforeAll(async () => {
    difference = await diffOfTwo({ root, a: 'nameless', b: 'current', k: 10, failOn: [], threads: 1 });
  });

  it('has all that diff-snapshots compares', () => {
    const { result, page, text } = compared;
    expect(result.sections[0]).toBe(`Compared with ${result.against!}`);
    expect(result.against).toBe(difference.a.snapshot);
    const { sentence } = difference.verdict;
    expect(text).toContain(`${sentence.slice(0, 1).toUpperCase()}${sentence.slice(1)}.`);
    for (const { name } of difference.changedMost) expect(text).toContain(name.replaceAll('&', '&amp;'));
    expect(tableBelow('<h3>Change by popularity', page).map(([tenth]) => Number(tenth))).toEqual(
      difference.deciles.map(({ decile }) => decile),
    );
    expect(text).toContain('model.seed');
  });

  it('counts every compared item once in the histogram of neighbours, around the mean that is told', () => {
    const rows = tableBelow('<h3>Neighbours that stayed', compared.page).map((cells) =>
      cells.map((cell) => Number(cell.replaceAll(/[, %]/g, ''))),
    );
    const total = rows.reduce((sum, [, count]) => sum + count!, 0);
    expect(total).toBe(difference.compared.itemsAll);
    const mean = rows.reduce((sum, [tenths, count]) => sum + (tenths! / 10) * count!, 0) / total;
    // Of items with fewer than ten neighbours a tenth is rounded.
    expect(mean).toBeCloseTo(difference.overlapAt10All!, 2);
  });

  it('against itself finds no change', async () => {
    const { text, result } = await reported({ against: 'current' });
    expect(result.against).toBe(result.snapshot);
    expect(text).toContain('Identical: one and the same snapshot.');
    expect(text).not.toContain('Settings and data that differ');
  });
});

describe('the files of a report', () => {
  it.each([0, 1])('are a drawing of its own for each figure, with its colours inside (report %i)', (at) => {
    const [{ result }, figures] = [[full, compared][at]!, figuresOf[at]!];
    const named = result.figures.flatMap(({ files }) => files);
    const paths = readdirSync(figures).map((name) => join(figures, name));
    expect(paths.sort()).toEqual(named.map(({ path }) => path).sort());
    expect(named.length).toBeGreaterThan(at === 0 ? 12 : 9);
    for (const { path, bytes } of named) {
      const svg = readFileSync(path, 'utf8');
      expect(Buffer.byteLength(svg)).toBe(bytes);
      expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^>]*><style>/);
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    }
  });

  it('are PNGs too where that is asked for, of a width, with the same bytes each time', async () => {
    const own = join(makeDirectory(), 'root');
    await makeSmallSnapshot(own, idA, { items: few, counts: [3, 2, 1] });
    const figures = join(makeDirectory(), 'figures');
    await reported({ root: own, snapshot: idA, figures, png: true });
    const pngs = readdirSync(figures).filter((name) => name.endsWith('.png'));
    expect(pngs).toHaveLength(readdirSync(figures).length / 2);
    for (const name of pngs) {
      const bytes = readFileSync(join(figures, name));
      expect(bytes.subarray(1, 4).toString()).toBe('PNG');
      expect(bytes.readUInt32BE(16)).toBe(1200);
      // Without letters a drawing is smaller than this.
      expect(bytes.length).toBeGreaterThan(20_000);
    }
    const file = join(figures, pngs[0]!);
    const svg = readFileSync(file.replace(/png$/, 'svg'), 'utf8');
    expect((await openPngMaker())(svg)).toEqual(new Uint8Array(readFileSync(file)));
    await refused({ png: true }).toMatchObject({ code: 'bad-usage' });
  });

  it('have a map where the items have vectors, with a name in each part of it', async () => {
    const { result, page, text } = await reported({ map: true, snapshot: 'sequences' });
    expect(result.sections.at(-1)).toBe('The map');
    const [, count, drawing] =
      /<svg class="chart"[^>]*aria-label="Map of (\d+) items[^>]*>([\s\S]*?)<\/svg>/.exec(page)!;
    expect(Number(count)).toBeGreaterThan(20);
    expect([...drawing!.matchAll(/M[\d.]+ [\d.]+h0/g)]).toHaveLength(Number(count));
    expect([...drawing!.matchAll(/<circle/g)].length).toBeGreaterThan(5);
    expect(text).toContain('Sweet Emotion – Aerosmith');
    expect((await reported({ map: true, snapshot: 'ease' })).text).not.toContain('The map');
  });

  it('do not replace what is there, unless that is asked for', async () => {
    const out = join(makeDirectory(), 'there.html');
    writeFileSync(out, 'mine');
    await refused({ out }).toMatchObject({ code: 'bad-usage' });
    expect(readFileSync(out, 'utf8')).toBe('mine');
    await report(options({ out, force: true, snapshot: 'popular' }), listening());
    expect(readFileSync(out, 'utf8')).toContain('<!doctype html>');
  });

  it('are none of where a folder of figures is a file', async () => {
    const directory = makeDirectory();
    const figures = join(directory, 'figures');
    writeFileSync(figures, '');
    await refused({ out: join(directory, 'report.html'), figures }).toMatchObject({ code: 'bad-usage' });
    expect(readdirSync(directory)).toEqual(['figures']);
  });

  it('are none where the work fails, and no lease is left', async () => {
    const directory = makeDirectory();
    const out = join(directory, 'report.html');
    await refused({ out, item: ['no such song'] }).toMatchObject({ code: 'item-not-found' });
    await refused({ out }, AbortSignal.abort()).toThrow();
    expect(readdirSync(directory)).toEqual([]);
    expect(isLeased(rootPath.snapshot(root, usual.result.snapshot))).toBe(false);
  });
});

describe('what is handed in', () => {
  it.each([
    ['nothing', undefined, 'bad-input-file'],
    ['no JSON', 'loss 0.5', 'bad-input-file'],
    ['another document', '{"results": 3}', 'bad-input-file'],
    ['a list', '[]', 'bad-input-file'],
  ])('is refused where it is %s', async (_, content, code) => {
    const file = join(makeDirectory(), 'document.json');
    if (content !== undefined) writeFileSync(file, content);
    await refused({ training: file }).toMatchObject({ code });
    await refused({ evaluation: file }).toMatchObject({ code });
  });

  it('is refused where it is of another training', async () => {
    await refused({ snapshot: 'popular', training }).toMatchObject({
      code: 'bad-usage',
      message: expect.stringContaining('is of the training'),
    });
  });

  it('says whether a snapshot of it is the one that was measured', async () => {
    const file = join(makeDirectory(), 'evaluation.json');
    const stored = ['evaluate', '--snapshot', 'popular', '--test', plays, '--bootstrap', '0'];
    const [measured] = await folder.json([...stored, '--threads', '1']);
    writeFileSync(file, JSON.stringify(measured));
    const { text } = await reported({ snapshot: 'popular', evaluation: file });
    expect(text).toContain('popular (this)');
    expect(text).not.toContain('None of these is this snapshot');
  });
});

it('a damaged snapshot is refused as by every reader', async () => {
  const own = join(makeDirectory(), 'root');
  await makeSmallSnapshot(own, idA, { items: few });
  truncateSync(join(rootPath.snapshot(own, idA), 'model/item.arrow'), 10);
  await refused({ root: own, snapshot: idA }).toMatchObject({ code: 'damaged-snapshot', exitCode: 4 });
});

it('of two bundles the members of a name are compared', async () => {
  const own = join(makeDirectory(), 'root');
  cpSync(root, own, { recursive: true, verbatimSymlinks: true });
  await folder.segue(['publish', 'first=nameless', 'second=indexed', '--root', own]);
  const second = await reported({ root: own, as: 'second', against: 'nameless' });
  expect(second.page).toBe(compared.page);
  expect(second.text).toMatch(/Items only in [AB], most played first/);
  await refused({ root: own, as: 'third' }).toMatchObject({ code: 'bad-usage' });
});
