/** How a snapshot of a blend scores: by both of its members, each opened as a scorer of its own, and kernels/blend.ts. */
import { Closers, handingOn } from '../../closers.js';
import { blendQueryBytes } from '../../compute/kernel-exports.js';
import { layoutOf, openWorkspace } from '../../compute/workspace.js';
import type { Pairs } from '../../contracts.js';
import type { Members } from '../../models/blend/rank-blend.js';
import { firstItemsOf } from '../../numeric/split-pairs.js';
import { scoreRankingLayout, type BestOfScores } from '../../search/best-of-scores.js';
import type { ExplainedScores, OpenScorer, Scorer } from './scorer.js';
import type { StoredBlend } from './stored-blend.js';

/** Takes over the members, and closes them. A vector that a history brings along is scored by the first one alone. */
export function scoreByBlend(stored: StoredBlend, members: Members<OpenScorer>): OpenScorer {
  const opened = new Closers();
  opened.keep(members.first);
  opened.keep(members.second);
  /** What the second member knows of a history. */
  const known = (history: Pairs): Pairs => firstItemsOf(history, stored.numTrained);
  const scoring = opened.lazy(() => ({ ...openBlending(stored), close: () => undefined }));
  const scoreBy = ({ first, second }: Members<Scorer>): Scorer => ({
    best(history, ...limits) {
      if (history.vector !== undefined) return first.best(history, ...limits);
      scoring().blend(first.explain(history), second.explain(known(history)));
      return scoring().best(...limits);
    },
    isColdStart: (history) =>
      first.isColdStart(history) && (history.vector !== undefined || second.isColdStart(known(history))),
    explain: (history) =>
      explained(stored, scoring().blend, first.explain(history), second.explain(known(history))),
  });
  const openRanker: OpenScorer['openRanker'] = async (threads, context) => {
    const { openBlendRanker } = await import('../../models/blend/rank-blend.js');
    return handingOn(await members.first.openRanker(threads, context), async (first) =>
      handingOn(await members.second.openRanker(threads, context), (second) =>
        openBlendRanker({ first, second }, stored.weight, threads, context),
      ),
    );
  };
  return {
    ...scoreBy(members),
    aged: (decay) => scoreBy({ first: members.first.aged(decay), second: members.second.aged(decay) }),
    async openBlocks(question, context) {
      const { suitsRanker, scoreByRanker, scoreByScores } = await import('../many/score-blocks.js');
      const ranker = await openRanker(question.threads, context);
      return suitsRanker(question) ? scoreByRanker(ranker, question) : scoreByScores(ranker, question);
    },
    openRanker,
    close: () => opened.close(),
  };
}

/** What a blend's scores of a history are made by: mean and factor of each member. */
type Blended = Readonly<Record<'meanOfFirst' | 'byFirst' | 'meanOfSecond' | 'bySecond', number>> & {
  /** [numItems] overwritten by the next one. */
  readonly scores: Float32Array;
};

type Blend = (first: ExplainedScores, second: ExplainedScores) => Blended;

function openBlending({ numItems, numTrained, weight }: StoredBlend): {
  readonly blend: Blend;
  /** Of the scores that were blended last. */
  readonly best: BestOfScores;
} {
  const ranking = scoreRankingLayout(numItems, Infinity);
  const layout = layoutOf({ first: ranking, second: 4 * numItems, means: blendQueryBytes });
  const workspace = openWorkspace(layout.bytes);
  const { kernels } = workspace;
  const { first, second: b, means } = layout.allocate(workspace);
  const { scores: a, best } = first;
  const fill = (address: number, { visit }: ExplainedScores): void => {
    const values = workspace.f32(address, numItems);
    values.fill(0, numTrained);
    visit((from, scores) => {
      values.set(scores, from);
    });
  };
  return {
    blend(ofFirst, ofSecond) {
      fill(a, ofFirst);
      fill(b, ofSecond);
      kernels.blendScores(0, 1, a, b, numItems, numTrained, weight, means, a);
      const [meanOfFirst = 0, byFirst = 0, meanOfSecond = 0, bySecond = 0] = workspace.f64(means, 4);
      return { meanOfFirst, byFirst, meanOfSecond, bySecond, scores: workspace.f32(a, numItems) };
    },
    best,
  };
}

/** With z = (s − mean) · factor, each part of a member's score counts factor times, and both means once for all. */
function explained(
  { names, numTrained }: StoredBlend,
  blend: Blend,
  first: ExplainedScores,
  second: ExplainedScores,
): ExplainedScores {
  let kept: Blended | undefined;
  const blended = (): Blended => {
    if (kept === undefined) {
      const made = blend(first, second);
      kept = { ...made, scores: made.scores.slice() };
    }
    return kept;
  };
  return {
    // What columns add to the score of an item that was added is of the first member.
    get vector() {
      const { byFirst } = blended();
      return first.vector!.map((x) => x * byFirst);
    },
    visit: (each) => {
      each(0, blended().scores);
    },
    parts() {
      const { meanOfFirst, byFirst, meanOfSecond, bySecond } = blended();
      const known = [
        { name: names.first, by: byFirst, mean: meanOfFirst, parts: first.parts() },
        { name: names.second, by: bySecond, mean: meanOfSecond, parts: upTo(numTrained, second.parts()) },
      ].filter(({ by }) => by !== 0);
      const items = known.flatMap(({ parts }) => [...(parts?.items ?? [])]);
      return {
        items: Uint32Array.from(items),
        members: known.flatMap(({ name, parts }) => Array.from(parts?.items ?? [], () => name)),
        baseline: known.reduce((sum, { by, mean }) => sum - by * mean, 0),
        of: (row) =>
          Float64Array.from(
            known.flatMap(({ by, parts }) => Array.from(parts?.of(row) ?? [], (part) => by * part)),
          ),
      };
    },
  };
}

/** Parts that are 0 for the rows from `end` on. */
function upTo(end: number, parts: ReturnType<ExplainedScores['parts']>): typeof parts {
  if (parts === undefined) return undefined;
  return { ...parts, of: (row) => (row < end ? parts.of(row) : new Float64Array(parts.items.length)) };
}
