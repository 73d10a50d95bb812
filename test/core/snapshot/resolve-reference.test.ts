import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '#dist/core/errors.js';
import { appendHistory } from '#dist/core/snapshot/publication-log.js';
import { tagSnapshot } from '#dist/core/snapshot/links.js';
import {
  defaultForReading,
  listSnapshotIds,
  readCurrent,
  resolveReference,
} from '#dist/core/snapshot/resolve-reference.js';
import { idA, idB } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();
let root: string;

beforeEach(() => {
  root = temporaryDirectory();
  for (const id of [idA, idB]) mkdirSync(join(root, 'snapshots', id), { recursive: true });
});

function failure(run: () => unknown): AppError {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('resolveReference', () => {
  it('takes an id, and the beginning of one from four digits on', () => {
    expect(resolveReference(root, idA)).toBe(idA);
    expect(resolveReference(root, 'bbbb')).toBe(idB);
    expect(failure(() => resolveReference(root, 'bbb')).code).toBe('snapshot-not-found');
  });

  it('lists the candidates of a beginning that several ids share', () => {
    const other = 'aaaaaaaaaaaaaaab';
    mkdirSync(join(root, 'snapshots', other));
    const error = failure(() => resolveReference(root, 'aaaa'));
    expect(error.code).toBe('snapshot-not-found');
    expect(error.details).toEqual({ candidates: [idA, other] });
  });

  it('says what exists where a name does not', () => {
    tagSnapshot(root, idB, 'best');
    const error = failure(() => resolveReference(root, 'cccc'));
    expect(error.message).toContain(
      `no snapshot in ${root} begins with cccc; there are: ${idA}, ${idB}, best`,
    );
    expect(error.details).toEqual({ snapshots: [idA, idB], tags: ['best'] });
    expect(failure(() => resolveReference(root, 'good')).message).toContain('tagged "good"');
  });

  it('follows current, latest and tags to the id in their text', () => {
    symlinkSync(`snapshots/${idA}`, join(root, 'current'));
    symlinkSync(`snapshots/${idB}`, join(root, 'latest'));
    tagSnapshot(root, idA, 'best');
    expect(resolveReference(root, 'current')).toBe(idA);
    expect(resolveReference(root, 'latest')).toBe(idB);
    expect(resolveReference(root, 'best')).toBe(idA);
    tagSnapshot(root, idB, 'best');
    expect(resolveReference(root, 'best')).toBe(idB);
  });

  it('takes previous from the history: the commit before the last', () => {
    const change = { op: 'publish', time: '2026-01-01T00:00:00.000Z', who: 'me@here', why: null } as const;
    expect(failure(() => resolveReference(root, 'previous')).message).toContain('nothing is published in');
    symlinkSync(`snapshots/${idB}`, join(root, 'current'));
    expect(failure(() => resolveReference(root, 'previous')).message).toContain('before what is current');
    rmSync(join(root, 'current'));
    symlinkSync(`snapshots/${idA}`, join(root, 'current'));
    appendHistory(root, { seq: 1, phase: 'commit', from: null, to: idA, ...change });
    expect(failure(() => resolveReference(root, 'previous')).code).toBe('snapshot-not-found');
    rmSync(join(root, 'current'));
    symlinkSync(`snapshots/${idB}`, join(root, 'current'));
    appendHistory(root, { seq: 2, phase: 'commit', from: idA, to: idB, ...change });
    expect(resolveReference(root, 'previous')).toBe(idA);
    rmSync(join(root, 'snapshots', idA), { recursive: true });
    expect(failure(() => resolveReference(root, 'previous'))).toMatchObject({
      code: 'snapshot-not-found',
      message: expect.stringContaining(`the snapshot ${idA}, which was current before, is not in`) as string,
    });
  });

  it.each([
    ...[
      '',
      '../x',
      '/etc',
      'snapshots/aaaaaaaaaaaaaaaa',
      '.tmp-x',
      'a'.repeat(300),
      'a\0',
      'AAAAAAAAAAAAAAAA',
    ],
    ...['а'.repeat(16), 'none', '-x', 'a b', '\u202Eabcd', '__proto__'],
  ])('refuses %j before it looks at the disk', (reference) => {
    const error = failure(() => resolveReference('/nowhere', reference));
    expect(error.code).toBe('bad-usage');
    expect(error.message).toContain('cannot name a snapshot');
  });

  it('never leaves the root, whatever it is given', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[./a-f0-9-]{0,20}$/)), (reference) => {
        let id: string;
        try {
          id = resolveReference(root, reference);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
          return;
        }
        expect([idA, idB]).toContain(id);
      }),
    );
  });
});

describe('a root in which something is wrong with current', () => {
  const cases: [string, (link: string) => void, string, string][] = [
    ['missing', () => undefined, 'snapshot-not-found', 'nothing is published in'],
    [
      'dangling',
      (link) => {
        symlinkSync('snapshots/cccccccccccccccc', link);
      },
      'damaged-root',
      'names the snapshot cccccccccccccccc, which is not there',
    ],
    [
      'a loop',
      (link) => {
        symlinkSync('current', link);
      },
      'damaged-root',
      'is a loop',
    ],
    [
      'a regular file',
      (link) => {
        writeFileSync(link, idA);
      },
      'damaged-root',
      'is a regular file where segue keeps a symbolic link',
    ],
    [
      'a real directory',
      (link) => {
        mkdirSync(link);
      },
      'damaged-root',
      'is a directory where segue keeps a symbolic link',
    ],
    [
      'a link to an absolute path',
      (link) => {
        symlinkSync('/etc', link);
      },
      'damaged-root',
      'points outside of the snapshots, to "/etc"',
    ],
    [
      'a link that climbs out',
      (link) => {
        symlinkSync(`snapshots/../../${idA}`, link);
      },
      'damaged-root',
      'points outside of the snapshots',
    ],
    [
      'a link to a draft',
      (link) => {
        symlinkSync('snapshots/.tmp-x', link);
      },
      'damaged-root',
      'points outside of the snapshots',
    ],
  ];

  it.each(cases)('says so: %s', (_what, plant, code, message) => {
    plant(join(root, 'current'));
    const before = readdirSync(root);
    const error = failure(() => resolveReference(root, 'current'));
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
    expect(readdirSync(root)).toEqual(before);
  });

  it('gives every case its own words', () => {
    const messages = cases.map(([, plant]) => {
      const other = mkdtempSync(join(temporaryDirectory(), 'root-'));
      mkdirSync(join(other, 'snapshots'));
      plant(join(other, 'current'));
      return failure(() => resolveReference(other, 'current')).message.replaceAll(other, '');
    });
    expect(new Set(messages).size).toBe(cases.length);
  });
});

describe('what stands at the place of a snapshot', () => {
  it('is refused where it is a link, even to a sound snapshot', () => {
    const outside = temporaryDirectory();
    symlinkSync(outside, join(root, 'snapshots', 'cccccccccccccccc'));
    expect(failure(() => resolveReference(root, 'cccccccccccccccc')).message).toContain('is a symbolic link');
  });

  it('is refused where it is a file', () => {
    writeFileSync(join(root, 'snapshots', 'cccccccccccccccc'), '');
    expect(failure(() => resolveReference(root, 'cccc')).message).toContain('is a regular file');
  });

  it('is refused where snapshots/ is a link to elsewhere', () => {
    const outside = temporaryDirectory();
    renameSync(join(root, 'snapshots'), join(outside, 'snapshots'));
    symlinkSync(join(outside, 'snapshots'), join(root, 'snapshots'));
    expect(failure(() => resolveReference(root, idA)).message).toContain('lies outside of');
  });

  it('may be reached through a link to the root itself', () => {
    const link = join(temporaryDirectory(), 'root');
    symlinkSync(root, link);
    expect(resolveReference(link, idA)).toBe(idA);
  });
});

describe('without a reference', () => {
  it('readers take current', () => {
    symlinkSync(`snapshots/${idA}`, join(root, 'current'));
    symlinkSync(`snapshots/${idB}`, join(root, 'latest'));
    expect(defaultForReading(root)).toEqual({ reference: 'current' });
    expect(readCurrent(root)).toBe(idA);
  });

  it('readers take latest while nothing is published, and are told', () => {
    symlinkSync(`snapshots/${idB}`, join(root, 'latest'));
    expect(defaultForReading(root)).toEqual({
      reference: 'latest',
      note: `nothing is published yet: this is the latest snapshot, ${idB}`,
    });
  });

  it('an empty or missing root says what to do first', () => {
    expect(failure(() => defaultForReading(root)).suggestions).toEqual(['segue publish']);
    const error = failure(() => defaultForReading(join(root, 'missing')));
    expect(error.code).toBe('snapshot-not-found');
    expect(error.suggestions).toEqual(['segue train EVENTS']);
    expect(listSnapshotIds(join(root, 'missing'))).toEqual([]);
  });
});
