import { mkdtempSync, readFileSync, rmSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openItemSearch } from '#dist/core/query/open-item-search.js';
import { checkContents } from '#dist/core/snapshot/check-contents.js';
import { snapshotFile } from '#dist/core/snapshot/layout.js';
import { bundleVersion, largeVersion } from '#dist/core/snapshot/manifest.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { readManifest } from '#dist/core/snapshot/read-manifest.js';
import { listSnapshotIds } from '#dist/core/snapshot/resolve-reference.js';
import { verifyFiles } from '#dist/core/snapshot/verify.js';
import { useCanaryHere } from '../helpers/canary-here.js';
import { copyGoldenRoot, goldenPath } from '../helpers/golden-root.js';
import { runHere } from '../helpers/run-here.js';
import { listening } from '../helpers/snapshots.js';

useCanaryHere();

/**
 * What earlier segues wrote is read as it always was. A failure here is answered by mending the reader, never by making
 * the golden files anew: test/golden/README.md.
 */
interface Golden {
  /** Ids by tag. */
  readonly made: Readonly<Record<string, string>>;
  /** Near ones of each of the first rows, by the index of that version. */
  readonly nearestByIndex: readonly (readonly { readonly row: number; readonly score: number }[])[];
  /** In order: the last of them publish. */
  readonly questions: readonly Question[];
}

interface Question {
  readonly args: readonly string[];
  readonly code: number;
  /** Of each line; later versions may say more, never less. */
  readonly answers: readonly object[];
}

it('there is a golden root of every version of the format', () => {
  const versions = readdirSync(goldenPath).filter((name) => /^v\d/.test(name));
  // A bundle holds nothing but a manifest: test/core/snapshot/bundle.test.ts has what those say.
  const ofSnapshots = Array.from({ length: largeVersion }, (_, at) => at + 1).filter(
    (one) => one !== bundleVersion,
  );
  expect(versions.sort()).toEqual(ofSnapshots.map((one) => `v${one}`));
});

describe.each(['v1', 'v3'])('of format %s', (version) => {
  const golden = JSON.parse(readFileSync(join(goldenPath, version, 'answers.json'), 'utf8')) as Golden;
  let folder: string;
  let root: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'segue-golden-'));
    root = join(folder, 'root');
    copyGoldenRoot(version, root);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('every snapshot has its bytes, and opens', async () => {
    const ids = listSnapshotIds(root);
    expect(ids).toEqual(Object.values(golden.made).sort());
    for (const id of ids) {
      const path = join(root, 'snapshots', id);
      const manifest = readManifest(join(path, snapshotFile.manifest));
      // Without users there is nothing that could be in shards.
      expect(`v${manifest.formatVersion}`).toBe(manifest.users === null ? 'v1' : version);
      await verifyFiles(path, manifest, listening());
      await checkContents(path, manifest);
    }
  });

  it('what its index found is where the exact search has it, to the bit', async () => {
    const snapshot = await openForReading(root, golden.made['indexed'], listening());
    const options = { maxK: Infinity, exact: false, inMemory: false };
    const { search, searched } = await openItemSearch(snapshot, options);
    try {
      expect(searched(3)).toEqual({ method: 'exact' });
      golden.nearestByIndex.forEach((found, row) => {
        const ranked = search.best(search.vectorOf(row), search.numRows, [row]);
        expect(ranked.filter((entry) => found.some((one) => one.row === entry.row))).toEqual(found);
      });
    } finally {
      search.close();
      snapshot.close();
    }
  });

  it('every question has the answer that it had', async () => {
    const publishes = golden.questions.filter(({ args }) => args[0] === 'publish');
    const reads = golden.questions.filter((question) => !publishes.includes(question));
    expect([reads.length, publishes.length]).toEqual([51, 7]);
    await askAll(reads);
    await askAll(publishes);
  });

  async function askAll(questions: readonly Question[]): Promise<void> {
    for (const { args, code, answers } of questions) {
      const result = await runHere([...args, '--json'], { env: { SEGUE_ROOT: root } });
      const what = args.join(' ');
      expect(result.code, `${what}: ${result.stderr}`).toBe(code);
      const got = result.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as object);
      expect(got, what).toHaveLength(answers.length);
      answers.forEach((answer, at) => expect(got[at], what).toMatchObject(answer));
    }
  }
});
