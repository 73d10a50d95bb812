/** Answers made naively, in f64, of what the files of a snapshot say. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { readNpy } from '#dist/core/files/npy.js';
import { readItemTable } from '#dist/core/tables/snapshot-tables.js';
import { idsIn } from './expectations.js';
import type { Asked } from './operations.js';
import { readVectors, type Vectors } from './roots.js';

export interface Told {
  readonly root: string;
  readonly asked: Asked;
  readonly answers: readonly any[];
  /** What another command line is answered with. */
  ask(words: readonly string[]): Promise<readonly any[]>;
}

type Vector = readonly number[];
const dot = (a: Vector, b: Vector): number => a.reduce((sum, x, f) => sum + x * b[f]!, 0);
const unit = (a: Vector): Vector => a.map((x) => x / Math.sqrt(dot(a, a)));
const listed = (value: unknown): readonly string[] => (value ?? []) as readonly string[];

interface Scored {
  readonly id: string;
  readonly score: number;
}

/** Everything with a vector, best first; ties by row. */
function ranked(of: Vectors, scoreOf: (vector: Vector) => number): Scored[] {
  return [...of.vectors]
    .map(([id, vector], row) => ({ id, score: scoreOf(vector), row }))
    .sort((a, b) => b.score - a.score || a.row - b.row);
}

/** The walk down a ranking that passes over what an artist has enough of; what has no artist is not capped. */
function capped(ranking: readonly Scored[], of: Vectors, most: unknown): Scored[] {
  const counts = new Map<unknown, number>();
  return ranking.filter(({ id }) => {
    const artist = of.cell(id, 'artist') ?? '';
    counts.set(artist, (counts.get(artist) ?? 0) + 1);
    return most === undefined || artist === '' || counts.get(artist)! <= Number(most);
  });
}

function requireRanking({ asked, answers }: Told, wanted: readonly Scored[], score: string): void {
  const k = Number(asked.options['k'] ?? 10);
  const found = answers[0][asked.operation.list!] as Record<string, any>[];
  expect(idsIn(answers[0], asked.operation)).toEqual(wanted.slice(0, k).map(({ id }) => id));
  found.forEach((one, at) => {
    expect(one['rank']).toBe(at + 1);
    expect(one[score]).toBeCloseTo(wanted[at]!.score, 5);
  });
}

const oracles: Readonly<Record<string, (told: Told) => Promise<void>>> = {
  /** similar: the cosine with the weighted sum of what is named, each of length 1; whatever is named is left out. */
  async cosines(told) {
    const { root, asked, answers } = told;
    const { items, minus, weights = [], kind = 'item', maxPerArtist, exclude } = asked.options;
    const { snapshot, query, minus: taken } = answers[0];
    const of = await readVectors(root, snapshot, String(kind));
    const named = [...query, ...taken] as { id: string; kind?: string }[];
    const signs = [...listed(items).map(() => 1), ...listed(minus).map(() => -1)];
    let sum: number[] = [];
    for (const [at, one] of named.entries()) {
      const from = one.kind ?? 'item';
      const vector = unit((await readVectors(root, snapshot, from)).vectors.get(one.id)!);
      const weight = signs[at]! * ((weights as number[])[at] ?? 1);
      sum = vector.map((x, f) => (sum[f] ?? 0) + weight * x);
    }
    const out = [
      ...named.filter((one) => (one.kind ?? 'item') === kind).map(({ id }) => id),
      ...listed(exclude),
    ];
    const ranking = ranked(of, (vector) => dot(unit(vector), unit(sum))).filter(
      ({ id }) => !out.includes(id),
    );
    requireRanking(told, capped(ranking, of, maxPerArtist), 'similarity');
  },
  /** recommend: the inner product with the user's vector, without what `users show` has of them; or of somebody new, by opinions. */
  async scores(question) {
    const { root, asked, answers, ask } = question;
    const { users, kind = 'item', maxPerArtist, includeHeard, exclude, like, dislike } = asked.options;
    const [user] = listed(users);
    const opinions = [like, dislike].flatMap((ids, at) =>
      listed(ids).flatMap((id) => [['--like', '--dislike'][at]!, id]),
    );
    const of = await readVectors(root, answers[0].snapshot, String(kind));
    const who = user === undefined ? opinions : [user];
    const { snapshot: ref } = asked.options as { readonly snapshot?: string };
    const at = ref === undefined ? [] : ['--snapshot', ref];
    const [folded] = await ask(['user-vector', ...who, ...at]);
    const told = [...listed(like), ...listed(dislike)].map((id) => ({ id }));
    const [shown] = user === undefined ? [{ items: told }] : await ask(['users', 'show', user, '-k', '1000']);
    const items = await readVectors(root, answers[0].snapshot, 'item');
    const heard = (shown.items as { id: string }[]).map(({ id }) =>
      kind === 'item' ? id : ((items.cell(id, String(kind)) as string | null) ?? ''),
    );
    const out = [...(includeHeard === true ? [] : heard), ...listed(exclude)];
    const ranking = ranked(of, (vector) => dot(vector, folded.vector)).filter(({ id }) => !out.includes(id));
    requireRanking(question, capped(ranking, of, maxPerArtist), 'score');
  },
  /** A model of constant scores: what is played most, without what they have heard. */
  async plays(told) {
    const { asked, answers, ask } = told;
    const [all] = await ask(['items', '-k', '100000', '--snapshot', answers[0].snapshot]);
    const [user] = listed(asked.options['users']);
    const [shown] = user === undefined ? [{ items: [] }] : await ask(['users', 'show', user, '-k', '100000']);
    const out = (shown.items as { id: string }[]).map(({ id }) => id);
    const wanted = (all.items as { id: string }[]).map(({ id }) => id).filter((id) => !out.includes(id));
    const ids = idsIn(answers[0], asked.operation);
    expect(ids).toEqual(wanted.slice(0, ids.length));
    expect(ids.length).toBeGreaterThan(0);
  },
  /** Answers for many: to the byte what each gets alone. */
  async 'each alone'({ asked, answers, ask }) {
    const isNamed = new Set([...listed(asked.options['users']), '--all', '--format', 'ndjson']);
    const [command = '', ...more] = asked.words.filter((word) => !isNamed.has(word));
    expect(answers.length).toBeGreaterThan(1);
    if (asked.options['all'] === true && command === 'recommend') {
      const users = answers.map(({ user }) => user as string);
      const alone = await ask([command, ...users, ...more]);
      // To the byte.
      expect(answers.map((answer) => JSON.stringify(answer))).toEqual(
        alone.map((one) => JSON.stringify(one)),
      );
      return;
    }
    // Of artists in bulk nothing says that they are.
    const { kind = 'item' } = asked.options;
    const every = Math.ceil(answers.length / 25);
    for (const { user, query, ...rest } of answers.filter((_, at) => at % every === 0)) {
      const [about] = (query ?? []) as { id: string }[];
      const subject = about === undefined ? String(user) : `${String(kind)}:id:${about.id}`;
      const [alone] = await ask([command, subject, ...more]);
      expect(alone).toMatchObject({ ...rest });
    }
  },
  /** Of popularity: the scores that the model has. */
  async constant(told) {
    const { root, asked, answers, ask } = told;
    const { snapshot } = answers[0];
    const model = join(root, 'snapshots', snapshot, 'model');
    const { ids } = await readItemTable(join(model, 'item.arrow'));
    const { data } = readNpy(join(model, 'score.npy'), { dtype: '<f4', shape: [undefined] });
    const [user] = listed(asked.options['users']);
    const [shown] = user === undefined ? [{ items: [] }] : await ask(['users', 'show', user, '-k', '100000']);
    const heard = new Set((shown.items as { id: string }[]).map(({ id }) => id));
    const all = Array.from(data, (score, row) => ({ id: ids.at(row), score, row }));
    const isOut = ({ id }: Scored): boolean => heard.has(id) && asked.options['includeHeard'] !== true;
    requireRanking(
      told,
      all.filter((one) => !isOut(one)).sort((a, b) => b.score - a.score || a.row - b.row),
      'score',
    );
  },
  /** Of ease or slim to a new user: what is liked times the matrix, less what is disliked. */
  async matrix(told) {
    const { root, asked, answers } = told;
    const model = join(root, 'snapshots', answers[0].snapshot, 'model');
    const { ids } = await readItemTable(join(model, 'item.arrow'));
    const [n, entryAt] = matrixIn(model);
    const rows = new Map(Array.from({ length: n }, (_, row) => [ids.at(row), row]));
    const [named] = await told.ask([
      'similar',
      ...listed(asked.options['like']),
      '--snapshot',
      answers[0].snapshot,
    ]);
    const liked = (named.query as { id: string }[]).map(({ id }) => rows.get(id)!);
    const disliked = asked.options['dislike'] === undefined ? [] : [rows.get('eagles-hotel-california')!];
    const list = answers[0].recommendations as Scored[];
    const ofRow = (row: number) => (sum: number, other: number) => sum + entryAt(other, row);
    for (const { id, score } of list) {
      const row = rows.get(id)!;
      expect(score).toBeCloseTo(liked.reduce(ofRow(row), 0) - disliked.reduce(ofRow(row), 0), 6);
    }
    const scores = list.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    if (Number(asked.options['k']) > n) expect(list).toHaveLength(n - liked.length - disliked.length);
  },
  /** Of als+ease to a new user: their vector's scores, and the liked rows of the matrix, each standardised over all items. */
  async blend(told) {
    const { root, asked, answers, ask } = told;
    const { snapshot } = answers[0];
    const model = join(root, 'snapshots', snapshot, 'model');
    const likes = listed(asked.options['like']).flatMap((id) => ['--like', id]);
    const [{ vector }] = await ask(['user-vector', ...likes, '--snapshot', snapshot]);
    const [{ query }] = await ask(['similar', ...listed(asked.options['like']), '--snapshot', snapshot]);
    const { model: about } = JSON.parse(
      readFileSync(join(root, 'snapshots', snapshot, 'manifest.json'), 'utf8'),
    ) as { model: { parameters: Record<string, number> } };
    const of = await readVectors(root, snapshot);
    const n = of.vectors.size;
    const { data } = readNpy(join(model, 'similarity.npy'), { dtype: '<f4', shape: [n, n] });
    const liked = (query as { id: string }[]).map(({ id }) => of.ids.indexOf(id));
    const sums = Array.from({ length: n }, (_, row) =>
      liked.reduce((sum, other) => sum + data[other * n + row]!, 0),
    );
    const standardised = (scores: readonly number[]): number[] => {
      const mean = scores.reduce((sum, score) => sum + score, 0) / n;
      const std = Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / n);
      return scores.map((score) => (score - mean) / std);
    };
    const first = standardised([...of.vectors.values()].map((item) => dot(item, vector)));
    const second = standardised(sums);
    const share = Number(about.parameters['blend-weight']);
    const all = first.map((z, row) => ({
      id: of.ids[row]!,
      score: (1 - share) * z + share * second[row]!,
      row,
    }));
    requireRanking(
      told,
      all.filter(({ row }) => !liked.includes(row)).sort((a, b) => b.score - a.score || a.row - b.row),
      'score',
    );
  },
  /** With the baseline of a blend, and of every item what explains it, contributions add up to scores, of both members. */
  explained({ answers }) {
    const [{ baseline = 0, recommendations }] = answers;
    const members = new Set<unknown>();
    for (const { score, because, rest } of recommendations) {
      const parts = [...because, rest] as { contribution: number; share: number; member?: string }[];
      const sumOf = (value: 'contribution' | 'share'): number =>
        parts.reduce((sum, part) => sum + part[value], 0);
      expect(sumOf('contribution') + baseline).toBeCloseTo(score, 4);
      if (score > baseline) expect(sumOf('share')).toBeCloseTo(1, 4);
      for (const { member } of because) members.add(member);
    }
    expect(members.size).toBe(baseline === 0 ? 1 : 2);
    return Promise.resolve();
  },
  /** What the user has not heard. */
  async unheard({ asked, answers, ask }) {
    const [user = ''] = listed(asked.options['users']);
    const [shown] = await ask(['users', 'show', user, '-k', '100000']);
    const out = new Set((shown.items as { id: string }[]).map(({ id }) => id));
    const ids = idsIn(answers[0], asked.operation);
    expect(ids.length).toBeGreaterThan(0);
    expect(ids.filter((id) => out.has(id))).toEqual([]);
  },
  /** By a recipe: pages have no item of another, and are together the longer answer, to the byte. */
  async pages({ asked, answers, ask }) {
    const k = Number(asked.options['k']);
    const words = asked.words.filter((word, at) => word !== '-k' && asked.words[at - 1] !== '-k');
    const [whole] = await ask([...words, '-k', String(4 * k)]);
    const parts: unknown[] = [];
    for (const page of [1, 2, 3, 4]) {
      const [answer] = await ask([...words, '-k', String(k), '--page', String(page)]);
      expect(answer.recommendations).toHaveLength(k);
      if (page === 1) expect(answer).toEqual({ ...answers[0], page: 1 });
      parts.push(...(answer.recommendations as unknown[]));
    }
    expect(JSON.stringify(parts)).toBe(JSON.stringify(whole.recommendations));
  },
  /** With --explain: shares times factors are the score. */
  async ingredients({ answers }) {
    for (const { score, ingredients } of answers[0].recommendations) {
      let [sum, product] = [0, 1];
      for (const one of ingredients as Record<string, any>[]) {
        if (one['ingredient'] === 'source') sum += one['share'] as number;
        if (one['ingredient'] === 'factor') product *= one['factor'] as number;
      }
      expect(sum * product).toBeCloseTo(score as number, 10);
    }
    return Promise.resolve();
  },
  /** The recipe `steps`: two sources blended, popular ones discounted, then chosen one by one as unlike the others. */
  async steps({ root, asked, answers, ask }) {
    const [user = ''] = listed(asked.options['users']);
    const of = await readVectors(root, answers[0].snapshot);
    const playsOf = new Map(of.ids.map((id, row) => [id, of.counts[row]!]));
    const cosine = (a: string, b: string): number => dot(unit(of.vectors.get(a)!), unit(of.vectors.get(b)!));
    const [plain] = await ask(['recommend', user, '-k', '60']);
    const [shown] = await ask(['users', 'show', user, '-k', '100000']);
    const heard = new Set((shown.items as { id: string }[]).map(({ id }) => id));
    const found = plain.recommendations as Scored[];
    const relevance = new Map(
      found.map(({ id, score }) => [id, (2 / 3) * Math.max(0, score / found[0]!.score)]),
    );
    const popular = [...of.vectors.keys()].filter((id) => !heard.has(id));
    popular.sort((a, b) => playsOf.get(b)! - playsOf.get(a)!);
    for (const id of popular.slice(0, 40)) {
      const share = (1 / 3) * (playsOf.get(id)! / playsOf.get(popular[0]!)!);
      relevance.set(id, (relevance.get(id) ?? 0) + share);
    }
    const counts = [...of.vectors.keys()].map((id) => playsOf.get(id)!);
    const mean = counts.reduce((sum, n) => sum + n, 0) / counts.length;
    const scored = [...relevance]
      .map(([id, value]) => ({ id, score: value * (playsOf.get(id)! / mean) ** -0.5 }))
      .sort((a, b) => b.score - a.score);
    const chosen: string[] = [];
    const value = ({ id, score }: Scored): number =>
      (0.6 * score) / scored[0]!.score - 0.4 * Math.max(0, ...chosen.map((one) => cosine(one, id)));
    while (chosen.length < 15) {
      const isOpen = ({ id }: Scored): boolean =>
        !chosen.includes(id) &&
        chosen.filter((one) => of.cell(one, 'artist') === of.cell(id, 'artist')).length < 2;
      const open = scored.filter(isOpen);
      const highest = Math.max(...open.map(value));
      chosen.push(open.find((one) => value(one) === highest)!.id);
    }
    expect(idsIn(answers[0], asked.operation)).toEqual(chosen);
  },
};

export async function askOracle(name: string, told: Told): Promise<void> {
  const oracle = oracles[name];
  if (oracle === undefined) throw new Error(`there is no oracle ${name}`);
  await oracle(told);
}

/** How many items an item × item matrix has, and what one gives to another. */
function matrixIn(model: string): [numItems: number, entryAt: (row: number, column: number) => number] {
  if (existsSync(join(model, 'similarity.npy'))) {
    const { data, shape } = readNpy(join(model, 'similarity.npy'), {
      ...{ dtype: '<f4', shape: [undefined, undefined] },
    });
    const [n = 0] = shape;
    return [n, (row, column) => data[row * n + column]!];
  }
  const indptr = readNpy(join(model, 'similarity.indptr.npy'), { dtype: '<u4', shape: [undefined] }).data;
  const idx = readNpy(join(model, 'similarity.idx.npy'), { dtype: '<u4', shape: [undefined] }).data;
  const weight = readNpy(join(model, 'similarity.weight.npy'), { dtype: '<f4', shape: [undefined] }).data;
  return [
    indptr.length - 1,
    (row, column) => {
      const at = idx.subarray(indptr[row], indptr[row + 1]).indexOf(column);
      return at === -1 ? 0 : weight[indptr[row]! + at]!;
    },
  ];
}
