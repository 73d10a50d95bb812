/** The tables of this folder in other configurations, which have the same answers. */
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import { listSnapshotIds } from '#dist/core/snapshot/resolve-reference.js';
import { writeWithLimits } from '../../scripts/make-golden-shards.mjs';
import { useCanaryHere } from '../helpers/canary-here.js';
import { declareTable, type Configuration } from './table.js';

useCanaryHere();

/** A root whose items are enough for an index. */
const isLarge = (root: string): boolean => root === 'recipes' || root === 'models';

const hasManyUsers = (root: string): boolean => isLarge(root) || root === 'bundle';
const hasLedger = (root: string): boolean => root === 'recipes' || root === 'heard';

const configurations: Readonly<Record<string, Configuration>> = {
  'one worker, and files': { everyInterface: true, ways: { threads: 1, inMemory: false } },
  'three workers': { from: 0, ways: { threads: 3 } },
  'without shared memory': { from: 1, ways: { threads: 3, withoutSharedMemory: true } },
  'an index': {
    from: 0,
    has: isLarge,
    async prepare({ folder }) {
      const [built] = await folder.json(['build-index', 'current', '--target-recall', '1']);
      await folder.segue(['publish', String(built!['snapshot'])]);
    },
  },
  'users in shards': {
    from: 0,
    async prepare({ folder }, name) {
      const root = join(folder.path, 'root');
      for (const id of listSnapshotIds(root)) {
        const { users } = JSON.parse(readFileSync(join(root, 'snapshots', id, 'manifest.json'), 'utf8')) as {
          users?: object | null;
        };
        if (users === undefined || users === null) continue;
        const written = join(folder.path, 'written');
        const limits = hasManyUsers(name) ? { idBytes: 500, pairs: 3000 } : { idBytes: 100, pairs: 100 };
        const { path } = await writeWithLimits(root, id, written, limits);
        rmSync(join(root, 'snapshots', id), { recursive: true });
        cpSync(path, join(root, 'snapshots', id), { recursive: true });
      }
    },
  },
  'a member of a bundle': {
    from: 1,
    ways: { as: 'asked' },
    has: (root) => root !== 'bundle',
    async prepare({ folder }) {
      await folder.segue(['publish', 'first=latest', 'asked=current']);
    },
    // Nothing that names another snapshot, or whose oracle does.
    holds: ({ options }, { expected }) =>
      options['snapshot'] === undefined &&
      !expected.some(({ text }) => /--snapshot|^(?:plays|constant|matrix)$/.test(text)),
  },
  'a compacted ledger': {
    from: 1,
    has: hasLedger,
    async prepare({ folder }) {
      await folder.segue(['feedback', 'compact']);
    },
  },
};

describe.each(Object.entries(configurations))('%s', (_, configuration) => {
  declareTable(configuration);
});
