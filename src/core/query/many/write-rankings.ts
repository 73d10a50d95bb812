/**
 * Many rankings, block by block, to a file that appears whole or not at all, or to a stream. The next block is searched
 * while the last one is written; which blocks there are depends on what is asked for alone, so that a run that is
 * interrupted and one that goes on from there write the same bytes.
 */
import { existsSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Count, SnapshotId, StringColumn, TaskContext, Text } from '../../contracts.js';
import { abortError, AppError } from '../../errors.js';
import { fileWord } from '../../shell-word.js';
import type { LedgerMark } from '../../feedback/known-entries.js';
import {
  keyOfPartial,
  openPartialFile,
  type PartialFile,
  type WrittenBlock,
} from '../../files/partial-file.js';
import { sha256Hex } from '../../files/sha256.js';
import { catalogue } from '../../options/catalogue.js';
import { programOptions } from '../../options/catalogue/run-options.js';
import type { Operation } from '../../options/operation.js';
import { onSnapshot, selecting, writing } from '../../options/operation-parts.js';
import { pick, type Asked } from '../../options/option.js';
import type { RankedBatch } from '../../search/ranked-batch.js';
import { canonicalJson, type JsonValue } from '../../snapshot/canonical-json.js';
import { rankingFormats, type RankingEncoder, type RankingFormat } from '../../tables/ranking-encoder.js';

/** Without `out` the bytes go to `write`. */
export type RankingsOutput = Pick<Asked<typeof writing>, 'out' | 'format' | 'force' | 'write' | 'json'>;

/** What was written to a file. */
export interface WrittenRankings {
  readonly snapshot: SnapshotId;
  /** Rankings: one a user, or an item. */
  readonly subjects: number;
  /** Items in all of them. */
  readonly rows: Count;
  readonly out: Text;
  readonly format: RankingFormat;
  readonly bytes: Count;
  readonly seconds: number;
  /** Of the subjects, how many an earlier, interrupted run had written. */
  readonly resumed: Count;
}

export interface RankingsSource {
  readonly snapshot: string;
  readonly format: RankingFormat;
  readonly encoder: RankingEncoder;
  readonly numSubjects: number;
  /** Of a block; the last one may have fewer. */
  readonly subjectsAtOnce: number;
  ids(from: number, to: number): StringColumn;
  /** As `AnswersForUsers.blocksAhead`. */
  readonly blocksAhead?: (() => number) | undefined;
  /** Into memory that the next call leaves alone. */
  rank(from: number, to: number): Promise<RankedBatch>;
  /** Everything that the bytes depend on, beside the snapshot, the format and this version of segue. */
  readonly identity: Readonly<Record<string, JsonValue>>;
  /** As of which entry of a ledger, where one is obeyed. */
  readonly mark?: LedgerMark | undefined;
  /** How progress calls it: 'recommending', and 'users'. */
  readonly phase: string;
  readonly unit: string;
}

/** Rows of a block, about: a row group of a Parquet file, which readers want neither small nor large. */
const rowsAtOnce = 1 << 17;
const mostSubjectsAtOnce = 8192;

export function subjectsAtOnceOf(k: number): number {
  return Math.max(1, Math.min(mostSubjectsAtOnce, Math.floor(rowsAtOnce / k)));
}

const formatOfExtension: Readonly<Record<string, RankingFormat | undefined>> = {
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.arrow': 'arrow',
  '.feather': 'arrow',
  '.parquet': 'parquet',
  '.csv': 'csv',
};

/** As asked for, else by the file's extension, else NDJSON. AppError 'bad-usage' for a file whose extension says nothing. */
export function formatOf({ out, format }: RankingsOutput): RankingFormat {
  if (format !== undefined) return format;
  if (out === undefined) return 'ndjson';
  const found = formatOfExtension[extname(out).toLowerCase()];
  if (found !== undefined) return found;
  throw new AppError('bad-usage', `${out}: its name does not say which format to write`, {
    suggestions: [
      'name it .ndjson, .arrow, .parquet or .csv',
      `or say \`format\` ${rankingFormats.join(', `format` ')}`,
    ],
    details: { file: out },
  });
}

/** What an interrupted run left of a file, where it obeyed a ledger. */
export interface InterruptedRun {
  /** As of which it obeyed it. */
  readonly mark: LedgerMark;
  /** Whether it is the beginning of this. */
  readonly isOf: (source: RankingsSource) => boolean;
}

export function interruptedRun({ out }: RankingsOutput): InterruptedRun | undefined {
  const key = out === undefined ? undefined : keyOfPartial(out);
  const [, ledger, seq] = /@([0-9a-f]{16}):(\d{1,16})$/.exec(key ?? '') ?? [];
  if (ledger === undefined) return undefined;
  return { mark: { ledger, seq: Number(seq) }, isOf: (source) => keyOf(source) === key };
}

/** undefined where the bytes went to `write`. */
export async function writeRankings(
  source: RankingsSource,
  output: RankingsOutput,
  context: TaskContext,
): Promise<WrittenRankings | undefined> {
  const started = performance.now();
  const { out, force, write } = output;
  const { snapshot, format, encoder, numSubjects } = source;
  if (out === undefined) {
    if (write === undefined)
      throw new AppError('bad-usage', 'neither a file nor a stream to write to is given');
    const written: WrittenBlock[] = [];
    await writeBlocks(
      source,
      written,
      async (chunks, note) => {
        let bytes = 0;
        for (const chunk of chunks) {
          await write(chunk);
          bytes += chunk.length;
        }
        written.push({ bytes, note });
      },
      context,
    );
    for (const chunk of encoder.end(written)) await write(chunk);
    return undefined;
  }
  const file = openPartialFile(out, { force, key: keyOf(source) });
  const written = [...file.found];
  try {
    const resumed = subjectsIn(written, source);
    sayWhatWasFound(file, resumed, source, context);
    await writeBlocks(
      source,
      written,
      (chunks, note) => {
        written.push(file.append(chunks, note));
        return Promise.resolve();
      },
      context,
    );
    const bytes = file.commit(encoder.end(written));
    const rows = written.reduce((sum, { note }) => sum + Number(note['rows'] ?? 0), 0);
    const seconds = (performance.now() - started) / 1000;
    return { snapshot, subjects: numSubjects, rows, out, format, bytes, seconds, resumed };
  } catch (error) {
    if (subjectsIn(written, source) === 0) file.discard();
    else if (context.signal.aborted) {
      const message = `${file.partialPath} has the results so far: the same command resumes from there`;
      context.onProgress({ kind: 'note', message });
    }
    throw withWayOn(error, file);
  } finally {
    file.close();
  }
}

/** Calls `take` for the beginning, if it is not there, and each block that is not. */
async function writeBlocks(
  source: RankingsSource,
  written: readonly WrittenBlock[],
  take: (chunks: Iterable<Uint8Array>, note: WrittenBlock['note']) => Promise<void>,
  context: TaskContext,
): Promise<void> {
  const { encoder, numSubjects, subjectsAtOnce, phase, unit, blocksAhead = () => 1 } = source;
  const { signal } = context;
  if (written.length === 0) {
    const { chunks, note } = encoder.begin();
    await take(chunks, note);
  }
  const start = subjectsIn(written, source);
  const total = numSubjects - start;
  context.onProgress({ kind: 'step', phase, done: 0, total, unit });
  const underWay: Promise<RankedBatch>[] = [];
  let asked = start;
  const askForMore = (): void => {
    while (asked < numSubjects && underWay.length < blocksAhead()) {
      const ranking = source.rank(asked, Math.min(numSubjects, asked + subjectsAtOnce));
      // Whoever fails meanwhile leaves it to be waited for below.
      ranking.catch(() => undefined);
      underWay.push(ranking);
      asked += subjectsAtOnce;
    }
  };
  try {
    askForMore();
    for (let from = start; from < numSubjects; from += subjectsAtOnce) {
      const to = Math.min(numSubjects, from + subjectsAtOnce);
      const ranked = await underWay.shift();
      if (ranked === undefined) break;
      askForMore();
      const { chunks, note } = encoder.block({ from, subjects: source.ids(from, to), ranked });
      await take(chunks, note);
      context.onProgress({ kind: 'step', phase, done: to - start, total, unit });
      if (signal.aborted) throw abortError(signal);
    }
  } finally {
    await Promise.allSettled(underWay);
  }
}

/** What stands before the first block is one of those that were written, if it was. */
function subjectsIn(
  written: readonly WrittenBlock[],
  { numSubjects, subjectsAtOnce }: RankingsSource,
): number {
  return Math.min(numSubjects, Math.max(0, written.length - 1) * subjectsAtOnce);
}

function sayWhatWasFound(
  { partialPath, startedOver }: PartialFile,
  resumed: number,
  { numSubjects, unit }: RankingsSource,
  { onProgress }: TaskContext,
): void {
  if (resumed > 0) {
    const message = `resuming after ${resumed} of ${numSubjects} ${unit}, from ${partialPath}`;
    onProgress({ kind: 'note', message });
  }
  if (startedOver) {
    const why = 'was of another snapshot, other options, other feedback or another version of segue';
    onProgress({ kind: 'note', message: `${partialPath} ${why}: starting over` });
  }
}

function withWayOn(error: unknown, { partialPath }: PartialFile): unknown {
  if (!(error instanceof AppError) || (error.code !== 'disk-full' && error.code !== 'io-error')) return error;
  const again = `${error.code === 'disk-full' ? 'free some space and ' : ''}run the same command again`;
  return new AppError(error.code, error.message, {
    suggestions: existsSync(partialPath)
      ? [
          `${again}: it resumes from ${partialPath}`,
          `or remove ${fileWord(partialPath)} and ${fileWord(`${partialPath}.log`)}`,
        ]
      : [again],
    details: error.details,
    cause: error,
  });
}

function keyOf(source: RankingsSource): string {
  const { snapshot, format, identity, numSubjects, subjectsAtOnce, mark } = source;
  const { version } = JSON.parse(
    readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8'),
  ) as {
    version: string;
  };
  const key = sha256Hex(canonicalJson({ snapshot, format, identity, numSubjects, subjectsAtOnce, version }));
  // In words: whoever goes on reads it there.
  return mark === undefined ? key : `${key}@${mark.ledger}:${mark.seq}`;
}

/** Where the answers go and how they are made: none of it changes them. */
const elsewhere = { ...onSnapshot, ...writing, ...pick(programOptions, 'stdin') };
/** Of these the identity has what they come to: rows, whatever a file is called. */
const byEffect = {
  ...selecting,
  ...pick(catalogue, 'all', 'users', 'usersFrom', 'feedback', 'minEvents', 'exact'),
};

/** What was asked for, in an identity: every option of the operation, but for those that it has by what they come to. */
export function askedIdentity<S extends object>(
  { name, options }: Operation<S>,
  asked: Asked<S>,
  alsoByEffect: readonly (keyof S)[],
): Readonly<Record<string, JsonValue>> {
  const left: object = { ...elsewhere, ...byEffect };
  const names = Object.keys(options).filter(
    (each) => !Object.hasOwn(left, each) && !alsoByEffect.some((other) => other === each),
  );
  const values = asked as Readonly<Record<string, JsonValue | undefined>>;
  return { command: name, ...Object.fromEntries(names.map((each) => [each, values[each] ?? null])) };
}
