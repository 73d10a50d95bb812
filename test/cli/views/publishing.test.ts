import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { drawCollection } from '#dist/cli/views/collection.js';
import { drawHistory } from '#dist/cli/views/history.js';
import { drawPublication } from '#dist/cli/views/publication.js';
import { drawSnapshotList } from '#dist/cli/views/snapshot-list.js';
import { drawVerification } from '#dist/cli/views/verification.js';
import type { Screen } from '#dist/cli/terminal/screen.js';
import type { GcResult } from '#dist/core/tasks/gc.js';
import type { PublishResult } from '#dist/core/tasks/publish.js';
import type { HistoryResult } from '#dist/core/tasks/snapshots/history.js';
import type { ListedSnapshot, SnapshotList } from '#dist/core/tasks/snapshots/list.js';
import type { VerifySnapshotsResult } from '#dist/core/tasks/snapshots/verify.js';

const pipe: Screen = { decorated: false, coloured: false, width: Infinity };
const terminal = (width: number): Screen => ({ decorated: true, coloured: false, width });

const hostile =
  'evil \u001b[31mred\u001b]0;owned\u0007 \r\n \u202egnp.exe 雪の降る街に日本語 and on and on and on';
const id = (digit: number): string => String(digit).padStart(16, '0');
const bytes = { own: 3545, shared: 2_314_490 };
const at = '2026-11-26T00:00:00.000Z';

const snapshots = Array.from({ length: 300 }, (_, place): ListedSnapshot => ({
  ...{ snapshot: id(place), current: place === 200, previous: place === 201, latest: place === 0 },
  tags: place === 5 ? Array.from({ length: 9 }, (__, tag) => `a-rather-long-tag-${tag}`) : [],
  ...{ madeAt: '2026-11-25T00:00:00.000Z', basis: id(place), parent: null, model: hostile, dim: 64 },
  ...{ parts: ['model', 'users', 'index'], items: 2221, users: 172 },
  metrics: { loss: 0.188, 'ndcg@100': 0.334, 'recall@20': 0.168, 'recall@50': 0.309 },
  ...{ recallAt10: 0.95, bytes },
  damage:
    place === 7
      ? {
          code: 'damaged-snapshot',
          message: `damaged snapshot: ${hostile} at /a/rather/long/path/manifest.json`,
        }
      : null,
}));
const list: SnapshotList = {
  ...{ root: hostile, at, current: id(200), previous: id(201), latest: id(0) },
  snapshots,
  total: {
    snapshots: { count: 300, bytes: 3_377_990 },
    trash: { count: 0, bytes: 0 },
    drafts: { count: 0, bytes: 0 },
  },
  problems: [{ code: 'damaged-root', message: `${hostile} names a snapshot that is not there` }],
};

const history: HistoryResult = {
  ...{ root: hostile, current: null, total: 300, unreadable: 2, cutShort: true },
  changes: snapshots.map((_, place) => ({
    ...{ seq: 300 - place, time: at, op: 'publish', from: id(1), to: id(2), who: hostile, outcome: 'done' },
    why: place === 1 ? hostile : null,
  })),
};

const verification: VerifySnapshotsResult = {
  root: hostile,
  verdicts: [
    { snapshot: id(1), whole: true, checked: true, files: 14, bytes: 2_314_490, damage: [] },
    {
      ...{ snapshot: id(2), whole: false, checked: true, files: 14, bytes: 2_314_490 },
      damage: [
        {
          code: 'damaged-snapshot',
          file: hostile,
          message: `snapshot ${id(2)} is damaged: ${hostile}: the manifest does not name it`,
        },
      ],
    },
  ],
  problems: [{ code: 'damaged-root', file: null, message: hostile }],
  seconds: 0.5,
};

const item = { id: hostile, name: hostile, artist: hostile };
const gate = { kind: 'measured' as const, judged: true, source: '--require', note: null, canary: null };
const publication: PublishResult = {
  ...{ gatesFile: null, published: id(1), previous: id(2), dryRun: true, unchanged: false, seconds: 0.5 },
  gates: [
    { ...gate, name: 'overlap@10', value: 0.47, required: '>=0.6', passed: false },
    {
      ...{
        ...gate,
        name: `similar ${hostile} contains ${hostile}`,
        value: 19,
        required: '<=3',
        passed: false,
      },
      source: `${hostile}.yaml:7`,
      note: 'it is number 19',
      canary: {
        ...{ asked: 'similar', question: `similar ${hostile}`, measure: 'rank', item, rank: 19 },
        instead: [{ ...item, rank: 1 }],
      },
    },
  ],
  verified: { files: 14, bytes: 2_314_490 },
};

const collection: GcResult = {
  ...{
    seconds: 1,
    dryRun: true,
    keep: 5,
    olderThan: null,
    freedBytes: 1,
    keptBytes: 2,
    stamps: 0,
    leftovers: [],
  },
  snapshots: [{ snapshot: id(1), collected: false, why: ['current', 'tag:x', 'youngest'], age: 7, bytes }],
  ...{ trash: { snapshots: 0, bytes: 0 }, checkpoints: [] },
  foreign: [{ path: hostile, is: 'a directory' }],
};

const screens: [name: string, draw: (screen: Screen) => string | Promise<string>][] = [
  ['snapshots list', (screen) => drawSnapshotList(list, screen)],
  ['snapshots history', (screen) => drawHistory(history, screen)],
  ['snapshots verify', (screen) => drawVerification(verification, screen)],
  ['publish', (screen) => drawPublication(publication, screen)],
  ['gc', (screen) => drawCollection(collection, screen)],
];
// eslint-disable-next-line no-control-regex
const control = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/;

describe('the screens of publishing', () => {
  it.each(screens)('of %s fit 60, 80 and 200 columns and show hostile text harmlessly', async (_, draw) => {
    for (const width of [60, 80, 200]) {
      for (const line of (await draw(terminal(width))).split('\n')) {
        expect(line).not.toMatch(control);
        // What is wrapped is counted by characters: wide ones may go on in the next line.
        const columns = /[\u3040-\u9fff]/.test(line) ? line.length : stringWidth(line);
        expect(columns, line).toBeLessThanOrEqual(width);
      }
    }
    expect(await draw(pipe)).not.toMatch(control);
  });

  it('keep in sight what has a name, however many snapshots there are', async () => {
    const drawn = await drawSnapshotList(list, terminal(200));
    for (const named of [id(0), id(5), id(7), id(200), id(201)]) expect(drawn).toContain(`\n${named} `);
    expect(drawn).toContain('\n… and 258 older ones\n');
    expect((await drawSnapshotList(list, pipe)).split('\n').length).toBeGreaterThan(300);
  });

  it('say which is current where --limit leaves it out', async () => {
    const drawn = await drawSnapshotList({ ...list, snapshots: snapshots.slice(0, 3) }, terminal(80));
    expect(drawn).toContain(`\n… and 297 older ones, among them ${id(200)}, which is current\n`);
    const none = { ...list, snapshots: snapshots.slice(0, 3), current: null };
    expect(await drawSnapshotList(none, terminal(80))).toContain('\n… and 297 older ones\n');
  });

  it('say why something was published, in a few words at 80 columns and whole off a terminal', async () => {
    expect(await drawHistory(history, terminal(80))).toMatch(/0{15}2 +evil \\x1b\[31mred.*…\n/);
    expect(await drawHistory(history, pipe)).toContain('and on and on and on');
    expect(await drawHistory(history, terminal(80))).toContain('… and 260 earlier changes');
  });
});
