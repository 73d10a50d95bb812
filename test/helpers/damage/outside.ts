/** A directory beside a root that nothing of segue may read, change or remove. */
import { lstatSync, mkdirSync, readFileSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { words } from '../words.js';

export interface Outside {
  readonly path: string;
  /** What is there: names, contents, modes, times of change, and whether anyone read it. */
  state(): unknown;
  /** Whether this file system notes when a file is read; some do not. */
  readonly notesReads: boolean;
}

/** Read long ago, so that any read since is noted even where a file system notes only the first after a change. */
const longAgo = 1_000_000_000;

export function makeOutside(parent: string): Outside {
  const path = join(parent, 'outside');
  for (const directory of ['', 'model', 'users', 'snapshots'])
    mkdirSync(join(path, directory), { recursive: true });
  // Names that segue itself would give, and remove: of a lock, a stamp, a dead process's link, something in the trash.
  const names = words`secret publish aaaaaaaaaaaaaaaa .latest.1.0123456789ab
    aaaaaaaaaaaaaaaa.0123456789ab`;
  for (const name of [...names, 'model/item.npy', 'model/store.mdb', 'users/users.npy']) {
    writeFileSync(join(path, name), `not segue's: ${name}`);
  }
  const rest = (): void => {
    for (const name of readdirSync(path, { recursive: true, encoding: 'utf8' })) {
      utimesSync(join(path, name), longAgo, longAgo);
    }
  };
  rest();
  readFileSync(join(path, 'secret'));
  const notesReads = lstatSync(join(path, 'secret')).atimeMs !== longAgo * 1000;
  rest();
  return {
    path,
    notesReads,
    state() {
      const seen = readdirSync(path, { recursive: true, encoding: 'utf8' }).sort();
      const stats = seen.map((name) => ({ name, stat: lstatSync(join(path, name)) }));
      const noted = stats.map(({ name, stat }) => {
        // Listing the directories, as this does, is a read of them.
        const wasRead = stat.isFile() && stat.atimeMs !== longAgo * 1000;
        return [name, stat.mode, stat.mtimeMs, wasRead];
      });
      const contents = stats
        .filter(({ stat }) => stat.isFile())
        .map(({ name }) => readFileSync(join(path, name), 'utf8'));
      rest();
      return [noted, contents];
    },
  };
}
