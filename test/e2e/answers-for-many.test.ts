import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '#dist/core/errors.js';
import { recommendAll, similarAll, type RecommendAllOptions } from '#dist/core/library.js';
import type { Progress } from '#dist/core/contracts.js';
import { useCanaryHere } from '../helpers/canary-here.js';
import { runWithFault, traceChanges } from '../helpers/fault-injection.js';
import { describeInFullTest, inFullTest, isFullTest } from '../helpers/full-tests.js';
import { prepare } from '../helpers/prepared.js';
import { binPath, cleanEnv, runSegue } from '../helpers/run-segue.js';
import { mountTmpfs } from '../helpers/tmpfs.js';
import { smallRock } from '../helpers/small-rock.js';
import { classicRock, makeFolder, type Folder } from '../helpers/trained-root.js';
import { words as typed } from '../helpers/words.js';

useCanaryHere();

const rock = isFullTest() ? classicRock : smallRock;
const train = ['train', rock.plays, '--items', rock.items];
const station = 'KGLK/2014-06-16';
/** So long that a block holds only a part of the users. */
const longK = 2000;
/** Users of a block at that length, or of a recipe: what a few songs give by score is one block. */
const numInBlock = isFullTest() ? 65 : 128;

let folder: Folder;
let users: string[];
let numItems: number;
beforeAll(async () => {
  folder = makeFolder();
  await prepare(folder, [
    [...train, '--factors', '8', '--epochs', '3', '--tag', 'vectors'],
    [...train, '--model', 'popularity', '--tag', 'hits'],
    [...train, '--model', 'ease', '--tag', 'matrix'],
  ]);
  await folder.segue(['publish', 'vectors']);
  const [shown] = await folder.json(['snapshots', 'show']);
  numItems = shown!['inputs'].interactions.items;
  const all = await folder.json(['recommend', '--all', '-k', '1']);
  users = all.map(({ user }) => user as string);
});
afterAll(() => folder.remove());

const at = (name: string): string => join(folder.path, name);
const read = (name: string): Buffer => readFileSync(at(name));

/** What the command that answers one by one prints. */
async function oneByOne(args: readonly string[], whom: readonly string[]): Promise<string> {
  return (await folder.segue(['recommend', ...args, '--json', '--', ...whom])).stdout;
}

async function failure(args: readonly string[], code: number): Promise<Record<string, any>> {
  const [document] = await folder.json(args, code);
  return document!['error'] as Record<string, any>;
}

describe('recommendations for everyone', () => {
  it('are the same in every format, at any number of threads, in a file or a stream', async () => {
    for (const format of isFullTest() ? ['ndjson', 'arrow', 'parquet'] : ['parquet']) {
      const name = (threads: string): string => `threads-${threads}.${format}`;
      for (const threads of isFullTest() ? ['1', '2', '3'] : ['1', '3']) {
        const [summary] = await folder.json(typed`recommend --all --out ${name(threads)} --threads
          ${threads}`);
        expect(summary).toEqual({
          snapshot: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
          users: users.length,
          rows: 10 * users.length,
          out: name(threads),
          format,
          bytes: read(name(threads)).length,
          seconds: expect.any(Number) as number,
          ...{ resumed: 0, repeated: 0, unknown: 0 },
        });
        expect(read(name(threads)).equals(read(name('1')))).toBe(true);
      }
      const args = ['recommend', '--all', '--format', format, '--root', at('root')];
      const { stdout } = spawnSync(process.execPath, [binPath, ...args], { env: cleanEnv() });
      expect(stdout.equals(read(name('1')))).toBe(true);
      if (format === 'ndjson') expect(stdout.toString().trimEnd().split('\n').length).toBe(users.length);
    }
  });

  it('take a list by name, from a file or stdin, each user once, blank lines and returns aside', async () => {
    const [a, b, c] = users as [string, string, string];
    const text = `\ufeff${c}\r\n\r\n  \n${a}\n${c}\n${b}`;
    writeFileSync(at('odd.txt'), text);
    const wanted = await oneByOne([], [c, a, b]);
    const fromFile = await folder.segue(['recommend', '--users-from', 'odd.txt']);
    expect(fromFile.stdout).toBe(wanted);
    expect(fromFile.stderr).toContain('1 of the list are repeated');
    const root = ['--root', at('root')];
    const fromStdin = await runSegue(['recommend', '-', ...root], { stdin: text });
    expect(fromStdin).toMatchObject({ code: 0, stdout: wanted });
    const named = await folder.segue(['recommend', c, a, b, '--format', 'ndjson']);
    expect(named.stdout).toBe(wanted);
  });

  it('name the line of a user that is not there, or leave such users out', async () => {
    writeFileSync(at('strangers.txt'), `${station}\n\nKGLK/2014-06-17x\nnobody at all\n`);
    const error = await failure(['recommend', '--users-from', 'strangers.txt'], 3);
    expect(error).toMatchObject({
      code: 'user-not-found',
      message: expect.stringMatching(
        /^strangers.txt line 3: no user "KGLK\/2014-06-17x".*, nor 1 more of the list$/,
      ),
      details: { file: 'strangers.txt', line: 3, user: 'KGLK/2014-06-17x', unknown: 2 },
    });
    expect(error['suggestions']).toContain('did you mean KGLK/2014-06-17?');
    const { stdout, stderr } = await folder.segue([
      ...['recommend', '--users-from', 'strangers.txt', '--skip-unknown'],
    ]);
    expect(stdout).toBe(await oneByOne([], [station]));
    expect(stderr).toContain('2 of the list are not in the snapshot');
    expect(await failure(['recommend', '--users-from', 'gone.txt'], 2)).toMatchObject({
      code: 'bad-input-file',
    });
  });

  it('as a recipe says are empty where it reads a history that holds no like, and are said to be', async () => {
    const plays = Array.from({ length: 60 }, (_, at) => `u${at % 9},i${(at * at) % 11},play`);
    writeFileSync(at('few.csv'), ['user,item,type', ...plays, 'grump,i1,dislike'].join('\n'));
    const root = ['--root', at('root-few')];
    await folder.segue(['train', 'few.csv', ...root]);
    writeFileSync(at('taste.yaml'), 'sources: user\nlength: 3\n');
    const args = ['--recipe', './taste.yaml', ...root];
    const { stdout, stderr } = await folder.segue(['recommend', '--all', ...args]);
    const answers = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, any>);
    expect(answers.find(({ user }) => user === 'grump')).toMatchObject({
      recipe: 'taste',
      recommendations: [],
    });
    expect(stderr).toMatch(/users without known likes: 1\./);
    const others = answers.map(({ user }) => user as string).filter((user) => user !== 'grump');
    expect(others.length).toBe(9);
    const rest = stdout.split('\n').filter((line) => !line.includes('"grump"'));
    expect(rest.join('\n')).toBe(await oneByOne(args, others));
    const everyone = ['--recipe', 'popular', '-k', '2', ...root];
    const popular = await folder.segue(['recommend', '--all', ...everyone]);
    // Popular items need no history.
    const grump = popular.stdout.split('\n').find((line) => line.includes('"grump"'))!;
    expect(JSON.parse(grump).recommendations).toHaveLength(2);
  });

  it('as a recipe says have the rows of their documents in a table', async () => {
    writeFileSync(at('some.txt'), users.slice(0, 30).join('\n'));
    const asked = ['--recipe', 'discover', '--where', 'released >= 1975', '-k', '4'];
    const args = ['recommend', '--users-from', 'some.txt', ...asked];
    const { stdout } = await folder.segue(args);
    const wanted = stdout
      .trimEnd()
      .split('\n')
      .flatMap((line) => {
        const { user, recommendations } = JSON.parse(line) as { user: string; recommendations: any[] };
        return recommendations.map(({ rank, id, score }) => [user, rank, id, Math.fround(score as number)]);
      });
    await folder.segue([...args, '--out', 'recipe.arrow']);
    const table = tableFromIPC(read('recipe.arrow'));
    expect(table.toArray().map((row) => Object.values(row.toJSON() as object))).toEqual(wanted);
    expect(table.schema.metadata.get('segue.recipe')).toBe('discover');
    expect(table.schema.metadata.get('segue.k')).toBe('4');
    expect(table.schema.metadata.get('segue.where')).toBe('released >= 1975');
    expect(table.schema.metadata.has('segue.left-out')).toBe(false);
  });

  it.each([
    ['by score', ['-k', '4']],
    ['as a recipe says', ['-k', '4', '--recipe', 'discover']],
    ['of artists', ['-k', '4', '--kind', 'artist']],
  ])('%s have the rows and names of their documents as CSV', async (_, more) => {
    writeFileSync(at('some.txt'), users.slice(0, 30).join('\n'));
    const args = ['recommend', '--users-from', 'some.txt', ...more];
    const found = more.includes('--kind') ? 'artist' : 'item';
    const documents = (await folder.segue(args)).stdout.trimEnd().split('\n');
    const quoted = (text: string): string => (/[,"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
    const wanted = documents.flatMap((line) => {
      const { user, recommendations } = JSON.parse(line) as { user: string; recommendations: any[] };
      return recommendations.map(({ rank, id, name, score }) =>
        [user, rank, id, name, Math.fround(score as number)].map((cell) => quoted(String(cell))).join(','),
      );
    });
    const { stdout } = await folder.segue([...args, '--format', 'csv']);
    expect(stdout).toBe(`${[`user,rank,${found},name,score`, ...wanted].join('\n')}\n`);
    const out = `answers-${more.length}-${found}.csv`;
    const [summary] = await folder.json([...args, '--out', out]);
    expect(summary).toMatchObject({ format: 'csv', rows: wanted.length });
    expect(read(out).toString()).toBe(stdout);
  });

  it('of nobody are a file without rows', async () => {
    writeFileSync(at('empty.txt'), '\n\n');
    for (const format of ['ndjson', 'arrow', 'parquet', 'csv']) {
      const out = `nobody.${format}`;
      const [summary] = await folder.json(['recommend', '--users-from', 'empty.txt', '--out', out]);
      expect(summary).toMatchObject({ users: 0, rows: 0, format });
      expect(existsSync(at(out))).toBe(true);
    }
    expect(read('nobody.ndjson').length).toBe(0);
  });

  it('refuse what cannot be meant, before the work', async () => {
    const messages: Record<string, string[]> = {
      'does not say which format': ['--all', '--out', 'x.txt'],
      '--format csv is not JSON': ['--all', '--format', 'csv'],
      'there is no directory': ['--all', '--out', 'gone/x.arrow'],
      '--json prints JSON': ['--all', '--format', 'arrow'],
      'the rows of a start page do not fit a table': typed`--all --recipe start-page --out rows.parquet`,
    };
    for (const [message, args] of Object.entries(messages)) {
      const error = await failure(['recommend', ...args], 2);
      expect(error['message']).toContain(message);
    }
    writeFileSync(at('mine.arrow'), 'mine');
    expect(await failure(['recommend', '--all', '--out', 'mine.arrow'], 2)).toMatchObject({
      message: 'mine.arrow is there already',
    });
    expect(read('mine.arrow').toString()).toBe('mine');
    await folder.segue(['recommend', '--all', '--out', 'mine.arrow', '--force']);
    expect(read('mine.arrow').length).toBeGreaterThan(1000);
  });

  inFullTest()('end quietly where nobody reads on', () => {
    const command = `"${process.execPath}" "${binPath}" recommend --all -k 1000 --root "${at('root')}" | head -n 1`;
    const { status, stdout, stderr } = spawnSync('sh', ['-c', command], { env: cleanEnv() });
    expect(stderr.toString()).toBe('');
    expect(status).toBe(0);
    expect(stdout.toString().trimEnd().split('\n').length).toBe(1);
  });
});

it('neighbours of every item are the same at any number of threads', async () => {
  for (const threads of isFullTest() ? ['1', '2', '3'] : ['1', '3']) {
    const out = `near-${threads}.parquet`;
    const [summary] = await folder.json(typed`similar --all -k 3 --out ${out} --threads ${threads}`);
    expect(summary).toMatchObject({ items: numItems, format: 'parquet', search: { method: 'exact' } });
    expect(read(out).equals(read('near-1.parquet'))).toBe(true);
  }
});

describe('a run that is interrupted', () => {
  const options = (out: string, more: Partial<RecommendAllOptions> = {}): RecommendAllOptions => ({
    ...{ root: at('root'), all: true, k: longK, threads: isFullTest() ? 2 : 1 },
    ...(isFullTest() ? {} : { recipe: at('long.yaml'), k: undefined, threads: undefined }),
    out: at(out),
    ...more,
  });
  beforeAll(() => writeFileSync(at('long.yaml'), 'sources: {source: user, take: 30}\nlength: 12\n'));
  const context = (signal: AbortSignal, each: (progress: Progress) => void = () => undefined) => ({
    signal,
    onProgress: each,
  });

  const formats = ['ndjson', 'arrow', 'parquet', 'csv'] as const;
  it.each(isFullTest() ? formats : (['ndjson', 'csv'] as const))(
    'goes on where it was and writes the same %s',
    async (format) => {
      const whole = `whole.${format}`;
      const quiet = context(new AbortController().signal);
      await recommendAll(options(whole), quiet);
      for (const stopAt of isFullTest() ? [1, 2] : [1]) {
        const controller = new AbortController();
        const out = `part-${stopAt}.${format}`;
        const said: string[] = [];
        let steps = 0;
        const stopping = context(controller.signal, (progress) => {
          if (progress.kind !== 'step') said.push(progress.message);
          else if (progress.phase === 'recommending' && progress.done > 0 && ++steps === stopAt)
            controller.abort(new AppError('interrupted', 'interrupted'));
        });
        await expect(recommendAll(options(out), stopping)).rejects.toMatchObject({ code: 'interrupted' });
        expect(existsSync(at(out))).toBe(false);
        expect(said).toEqual([
          `${at(out)}.partial has the results so far: the same command resumes from there`,
        ]);
        const notes: string[] = [];
        const summary = await recommendAll(
          options(out),
          context(quiet.signal, (progress) => {
            if (progress.kind === 'note') notes.push(progress.message);
          }),
        );
        expect(summary).toMatchObject({ users: users.length, resumed: stopAt * numInBlock });
        expect(notes).toEqual([
          expect.stringMatching(`resuming after ${stopAt * numInBlock} of ${users.length} users`),
        ]);
        expect(read(out).equals(read(whole))).toBe(true);
      }
    },
  );

  it('does not go on with a part of other options, another snapshot or another list', async () => {
    const quiet = context(new AbortController().signal);
    const controller = new AbortController();
    const stopping = context(controller.signal, (progress) => {
      if (progress.kind === 'step' && progress.done > 0) controller.abort();
    });
    await expect(recommendAll(options('begun.arrow'), stopping)).rejects.toMatchObject({
      code: 'interrupted',
    });
    for (const [name, more] of Object.entries<Partial<RecommendAllOptions>>({
      heard: { includeHeard: true },
      excluded: { exclude: ['Plush'] },
      snapshot: { snapshot: 'hits' },
      list: { all: false, users: users.slice(0, 150) },
    })) {
      const out = `${name}.arrow`;
      for (const part of ['.partial', '.partial.log'])
        copyFileSync(at(`begun.arrow${part}`), at(`${out}${part}`));
      const notes: string[] = [];
      const summary = await recommendAll(
        options(out, more),
        context(quiet.signal, (progress) => {
          if (progress.kind === 'note') notes.push(progress.message);
        }),
      );
      expect(summary!.resumed).toBe(0);
      expect(notes).toEqual([expect.stringContaining('starting over') as string]);
      if (name !== 'heard' && !isFullTest()) continue;
      await recommendAll(options(`${name}-whole.arrow`, more), quiet);
      expect(read(out).equals(read(`${name}-whole.arrow`))).toBe(true);
    }
  });

  it('goes on with a recipe where it was, and not with another one', async () => {
    const quiet = context(new AbortController().signal);
    writeFileSync(at('mine.yaml'), 'sources: {source: user, take: 9}\nlength: 3\n');
    const recipe = { recipe: at('mine.yaml'), k: undefined, threads: undefined };
    await recommendAll(options('cooked.ndjson', recipe), quiet);
    const stopped = async (out: string): Promise<void> => {
      const controller = new AbortController();
      const stopping = context(controller.signal, (progress) => {
        if (progress.kind === 'step' && progress.done > 0) controller.abort();
      });
      await expect(recommendAll(options(out, recipe), stopping)).rejects.toMatchObject({
        code: 'interrupted',
      });
    };
    await stopped('same.ndjson');
    // A comment, or another place, makes no other recipe.
    writeFileSync(at('mine.yaml'), '# mine\nsources: {source: user, take: 9}\nlength: 3\n');
    expect((await recommendAll(options('same.ndjson', recipe), quiet))!.resumed).toBe(128);
    expect(read('same.ndjson').equals(read('cooked.ndjson'))).toBe(true);
    await stopped('other.ndjson');
    writeFileSync(
      at('mine.yaml'),
      'sources: {source: user, take: 9}\nlength: 3\nrescore: { popularity-discount: 0.1 }\n',
    );
    expect((await recommendAll(options('other.ndjson', recipe), quiet))!.resumed).toBe(0);
    expect(read('other.ndjson').equals(read('cooked.ndjson'))).toBe(false);
  });

  it('keeps to the snapshot that it opened, whatever is published meanwhile', async () => {
    const quiet = context(new AbortController().signal);
    let published: Promise<unknown> | undefined;
    const summary = await recommendAll(
      options('published.ndjson'),
      context(quiet.signal, (progress) => {
        if (progress.kind === 'step' && progress.done > 0) published ??= folder.segue(['publish', 'hits']);
      }),
    );
    await published;
    expect(read('published.ndjson').equals(read('whole.ndjson'))).toBe(true);
    expect(summary!.snapshot).not.toBe(
      (await recommendAll(options('later.arrow', { k: 1 }), quiet))!.snapshot,
    );
    await folder.segue(['publish', 'vectors']);
  });

  it('writes neighbours the same', async () => {
    const near = (out: string) => ({
      ...{
        root: at('root'),
        all: true,
        items: [],
        kind: 'item',
        exact: true,
        force: false,
        k: 100,
        threads: 1,
      },
      out: at(out),
    });
    const quiet = context(new AbortController().signal);
    await similarAll(near('near-whole.arrow'), quiet);
    const controller = new AbortController();
    const stopping = context(controller.signal, (progress) => {
      if (progress.kind === 'step' && progress.done > 0) controller.abort();
    });
    await expect(similarAll(near('near-part.arrow'), stopping)).rejects.toMatchObject({
      code: 'interrupted',
    });
    expect((await similarAll(near('near-part.arrow'), quiet))!.resumed).toBeGreaterThan(0);
    expect(read('near-part.arrow').equals(read('near-whole.arrow'))).toBe(true);
  });
});

describeInFullTest()('a disk that fills up', { tags: ['mount'] }, () => {
  it('keeps what fitted, says how to go on, and the rest follows once there is room', async () => {
    const disk = at('disk');
    mkdirSync(disk);
    mountTmpfs(disk, 3 << 20);
    try {
      const args = ['recommend', '--all', '-k', String(longK), '--out', 'disk/full.arrow', '--threads', '1'];
      const error = await failure(args, 7);
      expect(error['code']).toBe('disk-full');
      expect(error['suggestions'][0]).toContain('run the same command again');
      expect(readdirSync(disk).sort()).toEqual(['full.arrow.partial', 'full.arrow.partial.log']);
      spawnSync('mount', ['-o', 'remount,size=16m', disk]);
      const [summary] = await folder.json(args);
      expect(summary!['resumed']).toBeGreaterThan(0);
      await folder.segue(['recommend', '--all', '-k', String(longK), '--out', 'roomy.arrow']);
      expect(read('disk/full.arrow').equals(read('roomy.arrow'))).toBe(true);
    } finally {
      spawnSync('umount', ['-l', disk]);
    }
  });
});

describeInFullTest()('a run that is killed', { tags: ['strace'] }, () => {
  it('leaves no file, and the same command writes the same bytes', async () => {
    const args = (out: string): string[] => typed`recommend --all -k ${String(longK)} --root
      ${at('root')} --threads 1 --out ${at(out)}`;
    mkdirSync(at('traced'));
    const calls = await traceChanges([binPath], args('traced/a.parquet'), at('traced'));
    const whole = read('traced/a.parquet');
    expect(calls.length).toBeGreaterThan(12);
    // The first and a later block, the last words of the file, and its name.
    const written = calls.filter(({ name, path }) => name === 'write' && path === 'a.parquet.partial');
    const renames = calls.filter(({ name }) => name === 'rename');
    const picked = [written[0]!, written[3]!, written.at(-1)!, ...renames];
    for (const [nth, call] of picked.entries()) {
      const place = `killed-${nth}`;
      mkdirSync(at(place));
      const out = `${place}/a.parquet`;
      const target = join(at(place), call.path);
      const run = await runWithFault([binPath], args(out), call, 'SIGKILL', target);
      expect(run.fired, call.text).toBe(true);
      const isThere = existsSync(at(out));
      if (isThere) expect(read(out).equals(whole)).toBe(true);
      await folder.segue(['recommend', '--all', '-k', String(longK), '--out', out, '--force']);
      expect(read(out).equals(whole), call.text).toBe(true);
      expect(readdirSync(at(place))).toEqual(['a.parquet']);
    }
  });
});
