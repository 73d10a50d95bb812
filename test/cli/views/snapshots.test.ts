import { describe, expect, it } from 'vitest';
import { drawFrontPage } from '#dist/cli/views/front-page.js';
import { drawHistory } from '#dist/cli/views/history.js';
import { drawRollback } from '#dist/cli/views/rollback.js';
import { drawSnapshotList } from '#dist/cli/views/snapshot-list.js';
import { drawSnapshotPage } from '#dist/cli/views/snapshot.js';
import { drawTag, drawUntag } from '#dist/cli/views/tags.js';
import { drawVerification } from '#dist/cli/views/verification.js';
import { commandLine } from '#dist/cli/terminal/command-line.js';
import { age } from '#dist/cli/terminal/numbers.js';
import type { Screen } from '#dist/cli/terminal/screen.js';
import type { HistoryResult } from '#dist/core/tasks/snapshots/history.js';
import type { SnapshotList } from '#dist/core/tasks/snapshots/list.js';
import type { ShownSnapshot } from '#dist/core/tasks/snapshots/show.js';
import type { VerifySnapshotsResult } from '#dist/core/tasks/snapshots/verify.js';

const pipe: Screen = { decorated: false, coloured: false, width: Infinity };
const terminal = (width: number): Screen => ({ decorated: true, coloured: false, width });

const [idA, idB, idC] = ['aaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbb', 'cccccccccccccccc'] as const;
const at = '2026-01-03T00:00:00.000Z';

type Row = SnapshotList['snapshots'][number];

const row: Row = {
  ...{ snapshot: idA, current: false, previous: false, latest: false, tags: [] },
  ...{
    madeAt: '2026-01-02T21:00:00.000Z',
    basis: idA,
    parent: null,
    model: 'als',
    dim: 64,
    parts: ['model', 'users'],
  },
  ...{ metrics: { loss: 0.25, 'ndcg@100': 0.3 }, recallAt10: null, items: 30, users: 1, damage: null },
  bytes: { own: 2_200_000, shared: 0 },
};

function listOf(snapshots: readonly Row[], more: Partial<SnapshotList> = {}): SnapshotList {
  const nothing = { count: 0, bytes: 0 };
  const total = { snapshots: { count: snapshots.length, bytes: 4_000_000 }, trash: nothing, drafts: nothing };
  const current = snapshots.find((snapshot) => snapshot.current)?.snapshot ?? null;
  return {
    root: '.segue',
    at,
    current,
    previous: null,
    latest: null,
    snapshots,
    total,
    problems: [],
    ...more,
  };
}

describe('segue alone', () => {
  const draw = (rows: readonly Row[], more: Partial<SnapshotList> = {}): string[] =>
    drawFrontPage(listOf(rows, more), pipe, commandLine('r'))
      .split('\n')
      .map((line) => line.trim());
  const next = (rows: readonly Row[], more: Partial<SnapshotList> = {}): string =>
    draw(rows, more)
      .find((line) => line.startsWith('next'))!
      .replace(/^next +/, '');
  const published: Row = { ...row, current: true, latest: true };
  const latest: Row = { ...row, snapshot: idB, latest: true };
  const broken = { code: 'damaged-snapshot', message: 'model/x.npy is missing' } as const;

  it('says where you are: the root, what is current, its age and what it holds', () => {
    expect(
      draw([
        { ...row, current: true, recallAt10: 0.95 },
        { ...latest, dim: 0, model: 'popularity', users: null },
      ]),
    ).toEqual([
      'root     .segue: 2 snapshots, 4.0 MB',
      `current  ${idA}, made 3 h ago`,
      'als, 64 dimensions, 1 user, 30 items, index with recall@10 0.95',
      `latest   ${idB}, made 3 h ago, not current`,
      'popularity, no users, 30 items',
      'next     segue diff-snapshots --root r',
      'what publishing the latest would change',
      'help     segue help: the commands; segue help --all: all of them',
    ]);
  });

  it('names the next command', () => {
    expect(draw([]).slice(0, 2)).toEqual([
      'root     .segue: no snapshots yet',
      'current  nothing is published',
    ]);
    expect(next([])).toBe('segue train --root r FILE --dry-run');
    expect(next([latest])).toBe('segue build-index --root r');
    expect(next([{ ...latest, recallAt10: 0.95 }])).toBe('segue publish --root r');
    expect(next([{ ...latest, dim: 0 }])).toBe('segue publish --root r');
    expect(next([published])).toBe('segue items --root r');
    const both = [{ as: 'a', snapshot: idB }] as const;
    expect(draw([{ ...published, members: both, dim: null, model: null }])[2]).toBe(`a=${idB}`);
  });

  it('says what is damaged, and how to look', () => {
    expect(next([{ ...published, damage: broken }])).toBe('segue snapshots verify --root r --all');
    expect(draw([{ ...published, damage: broken }])).toContain(broken.message);
    const problems = [{ code: 'damaged-root', message: 'current leads nowhere' }] as const;
    expect(draw([latest], { problems })).toContain('problem  current leads nowhere');
    expect(next([latest], { problems })).toBe('segue snapshots verify --root r --all');
  });
});

describe('snapshots list', () => {
  it('is a row a snapshot, and what all of them take', async () => {
    const list = listOf([
      { ...row, current: true, tags: ['good', 'best'] },
      { ...row, snapshot: idB, parts: ['model', 'index'], recallAt10: 0.95, bytes: { own: 3500, shared: 5 } },
    ]);
    expect((await drawSnapshotList(list, pipe)).split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      [
        ...['snapshot', 'called', 'age', 'model', 'ndcg@100', 'own', 'shared', 'with'],
        ...['loss', 'index recall@10', 'basis'],
      ],
      [idA, 'current good best', '3 h', 'als 64', '0.3', '2.2 MB', '0 bytes', 'users', '0.25', idA],
      [idB, '3 h', 'als 64', '0.3', '3.5 kB', '5 bytes', 'index', '0.25', '0.95', idA],
      ['2 snapshots, 4.0 MB'],
    ]);
  });

  it.each([40, 60, 80, 120, 200])('keeps to %i columns', async (width) => {
    const list = listOf([{ ...row, current: true, tags: ['a-tag-of-many-letters', 'another-tag'] }, row]);
    for (const line of (await drawSnapshotList(list, terminal(width))).split('\n')) {
      expect(line.length).toBeLessThanOrEqual(width);
    }
  });

  it('keeps the newest and whatever is called something on a terminal, and everything in a pipe', async () => {
    const rows = Array.from({ length: 300 }, (_, place) => ({ ...row, tags: place === 250 ? ['old'] : [] }));
    const lines = (await drawSnapshotList(listOf(rows), terminal(80))).split('\n');
    expect(lines).toHaveLength(1 + 40 + 1 + 1 + 2);
    expect(lines.at(-4)).toContain('old');
    expect(lines.at(-3)).toMatch(/^2 more where there is room, and with --json: /);
    expect(lines.at(-2)).toBe('… and 259 older ones');
    expect((await drawSnapshotList(listOf(rows), pipe)).split('\n')).toHaveLength(1 + 300 + 1);
  });

  it('says what is damaged below the table, and keeps text harmless', async () => {
    const damaged: Row = {
      ...{ ...row, snapshot: idC, madeAt: null, basis: null, model: null, dim: null, parts: [] },
      ...{ metrics: {}, damage: { code: 'damaged-snapshot', message: 'it is \u001b[31mred' } },
    };
    const list = listOf([damaged], { problems: [{ code: 'damaged-root', message: 'current is a loop' }] });
    expect((await drawSnapshotList(list, pipe)).split('\n').slice(1)).toEqual([
      expect.stringMatching(/^c{16} {2}DAMAGED/),
      'Warning: current is a loop',
      'Warning: it is \\x1b[31mred',
      '1 snapshot, 4.0 MB',
    ]);
  });

  it('names the trash and drafts where there are any', async () => {
    const list = listOf([row]);
    const total = { ...list.total, trash: { count: 2, bytes: 5000 }, drafts: { count: 1, bytes: 10 } };
    expect(await drawSnapshotList({ ...list, total }, pipe)).toMatch(
      /\n1 snapshot, 4.0 MB; trash 5.0 kB; 1 draft 10 bytes$/,
    );
  });

  it('says what to do where there are none', async () => {
    const none = listOf([], { root: 'some\nwhere' });
    expect(await drawSnapshotList(none, pipe)).toBe(
      'There are no snapshots in some\\nwhere: segue train EVENTS makes one',
    );
  });
});

it('an age has one unit', () => {
  const second = 1000;
  const hour = 3600 * second;
  const ages = [0, 59 * second, 60 * second, 59 * 60 * second, hour, 47 * hour, 48 * hour, 400 * 24 * hour];
  expect(ages.map(age)).toEqual(['0 s', '59 s', '1 min', '59 min', '1 h', '47 h', '2 d', '400 d']);
  expect([age(-500), age(-3 * hour)]).toEqual(['0 s', 'in 3 h']);
});

const page: ShownSnapshot = {
  ...{ snapshot: idA, path: '.segue/snapshots/a', at, current: true, previous: false, latest: false },
  ...{ tags: ['good'], madeAt: row.madeAt!, formatVersion: 1, basis: idA, parent: null, children: [idB] },
  model: {
    ...{ name: 'als', algorithmVersion: 2, scorer: 'inner-product', fold: 'normal-equations' },
    ...{ engine: 'local', caseFolding: '16.0', seed: 42, dim: 64, options: { reg: 0.01, init: 'svd' } },
  },
  inputs: {
    interactions: {
      ...{ sha256: 'f'.repeat(64), events: 1000, users: 1, items: 30, pairs: 500 },
      ...{ firstAt: null, lastAt: '2026-01-01T00:00:00.000Z' },
    },
    items: null,
  },
  ...{ users: null, index: null, metrics: { loss: 0.25 }, bytes: { own: 3500, shared: 7 }, damage: null },
  files: [{ path: 'model/item.npy', bytes: 12345, sha256: '0123456789abcdef'.repeat(4) }],
  publications: [{ seq: 1, from: null, time: at, op: 'rollback', who: 'me@here', why: 'a\nreason' }],
  readers: { processes: [{ pid: 17, command: 'node x' }], complete: false },
};

describe('snapshots show', () => {
  it('is a list of facts, and a table of files', async () => {
    expect((await drawSnapshotPage(page, pipe)).split('\n')).toEqual([
      `${idA} current good`,
      'made            2026-01-02T21:00:00.000Z, age 3 h',
      'path            .segue/snapshots/a',
      'size            3.5 kB of its own, 7 bytes shared with other snapshots',
      'parent          none',
      `children        ${idB}`,
      `basis           ${idA}`,
      'format          version 1',
      'model           als, 64 dimensions, scorer inner-product, fold normal-equations, engine local, seed 42, algorithm version 2',
      'options         reg=0.01 init=svd',
      'listening       1,000 events, 500 pairs of 1 user and 30 items',
      'until           2026-01-01T00:00:00.000Z',
      'catalogue       none',
      'users           none',
      'index           none',
      'loss            0.25',
      'rolled back to  2026-01-03T00:00:00.000Z by me@here: a\\nreason',
      'read by         process 17 (node x); processes of other users cannot be inspected',
      '',
      'file             bytes  sha256',
      'model/item.npy  12,345  0123456789abcdef',
    ]);
  });

  it('does not guess who reads it', async () => {
    const readersOf = async (readers: ShownSnapshot['readers']): Promise<string | undefined> =>
      /^read by +(.*)$/m.exec(await drawSnapshotPage({ ...page, readers }, pipe))?.[1];
    expect(await readersOf(null)).toBeUndefined();
    expect(await readersOf({ processes: [], complete: true })).toBe('no process');
    expect(await readersOf({ processes: [], complete: false })).toBe(
      'no process that can be inspected; processes of other users cannot be inspected',
    );
  });

  it('names the latest five publications of many', async () => {
    const publications = Array.from({ length: 9 }, () => ({ ...page.publications[0]!, op: 'publish' }));
    const text = await drawSnapshotPage({ ...page, publications }, pipe);
    expect(text.match(/^published/gm)).toHaveLength(5);
    expect(text).toContain('and 4 times before: segue snapshots history');
  });
});

const change: HistoryResult['changes'][number] = {
  ...{
    seq: 7,
    time: at,
    op: 'rollback',
    from: idA,
    to: idB,
    who: 'me@here',
    why: 'x\u202ey',
    outcome: 'done',
  },
};

describe('snapshots history', () => {
  const history: HistoryResult = {
    root: '.segue',
    current: null,
    changes: [change],
    total: 1,
    unreadable: 0,
    cutShort: false,
  };

  it('is a row a change', async () => {
    expect((await drawHistory(history, pipe)).split('\n')).toEqual([
      '#  when (UTC)           what      to                why       who      from',
      `7  2026-01-03 00:00:00  rollback  ${idB}  x\\u202ey  me@here  ${idA}`,
    ]);
    const failed = { ...history, changes: [{ ...change, outcome: 'abandoned' as const }] };
    expect((await drawHistory(failed, pipe)).split('\n').map((line) => line.split(/ {2,}/)[4])).toEqual([
      ...['outcome', 'abandoned'],
    ]);
  });

  it('names the members of a bundle', async () => {
    const members = [
      { as: 'discover', snapshot: idA },
      { as: 'radio', snapshot: idB },
    ];
    const withMembers = { ...history, changes: [{ ...change, members }] };
    const lines = (await drawHistory(withMembers, pipe)).split('\n');
    expect(lines.map((line) => line.split(/ {2,}/).at(-1))).toEqual([
      ...['members', `discover=${idA} radio=${idB}`],
    ]);
  });

  it('counts what it does not show, and what cannot be read', async () => {
    const more = { ...history, total: 3, unreadable: 2, cutShort: true };
    expect((await drawHistory(more, pipe)).split('\n').slice(2)).toEqual([
      '… and 2 earlier changes',
      'Warning: 2 lines of the history cannot be read',
      'Warning: the last line of the history was cut short; the next publish removes it',
    ]);
    const none = { ...history, changes: [], total: 0 };
    expect(await drawHistory(none, pipe)).toBe('Nothing was ever published in .segue');
  });

  it.each([60, 80, 200])('keeps to %i columns', async (width) => {
    for (const line of (await drawHistory(history, terminal(width))).split('\n')) {
      expect(line.length).toBeLessThanOrEqual(width);
    }
  });
});

it('snapshots verify is a verdict a snapshot, and everything that is wrong', async () => {
  const message = `snapshot ${idB} is damaged: x: it is missing`;
  const result: VerifySnapshotsResult = {
    root: '.segue',
    verdicts: [
      { snapshot: idA, whole: true, checked: true, files: 2, bytes: 300, damage: [] },
      {
        snapshot: idB,
        whole: false,
        checked: true,
        files: 2,
        bytes: 300,
        damage: [{ code: 'damaged-snapshot', file: 'x', message }],
      },
    ],
    ...{ problems: [{ code: 'damaged-root', file: null, message: 'current is a loop' }], seconds: 1 },
  };
  expect((await drawVerification(result, pipe)).split('\n')).toEqual([
    '   snapshot          files       size  verdict',
    `✓  ${idA}      2  300 bytes  whole`,
    `✗  ${idB}      2  300 bytes  1 problem`,
    `✗ ${message}`,
    '✗ current is a loop',
    '1 of 2 snapshots whole, 300 bytes, in 1.00 s',
  ]);
});

it('snapshots tag and untag say how to take it back', () => {
  const tag = { tag: 'good', snapshot: idA, previous: null, unchanged: false };
  expect(drawTag(tag, pipe)).toBe(`Tagged ${idA} good`);
  expect(drawTag({ ...tag, unchanged: true }, pipe)).toBe(`${idA} is tagged good already`);
  expect(drawTag({ ...tag, previous: idB }, pipe)).toBe(
    `Moved the tag good to ${idA}\nbefore  ${idB}\nundo    segue snapshots tag ${idB} good`,
  );
  expect(drawUntag({ untagged: [tag] }, pipe)).toBe(
    `Removed the tag good\nwas   ${idA}\nundo  segue snapshots tag ${idA} good`,
  );
});

it('rollback says what is current now, what was, and how to take it back', () => {
  const result = { rolledBackTo: idA, from: idB, verified: { files: 1, bytes: 5 }, seconds: 0.5 };
  const done = { ...result, undo: `segue rollback ${idB}`, dryRun: false, unchanged: false };
  expect(drawRollback(done, pipe)).toBe(
    `Rolled back to ${idA}\nbefore    ${idB}\nverified  1 file, 5 bytes, in 0.50 s\nundo      segue rollback ${idB}`,
  );
  expect(drawRollback({ ...done, undo: null, dryRun: true }, pipe)).toBe(
    `Would roll back to ${idA}; nothing was changed\ncurrent   ${idB}\nverified  1 file, 5 bytes, in 0.50 s`,
  );
  expect(drawRollback({ ...done, from: idA, undo: null, unchanged: true }, pipe)).toBe(
    `${idA} is the current snapshot already\nverified  1 file, 5 bytes, in 0.50 s`,
  );
});
