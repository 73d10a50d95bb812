/** What `recommend` adds to an answer where it is asked why: what explains its scores, and why items are not in it. */
import { AppError } from '../errors.js';
import { partsOfAdded, type AddedFeatures, type FeaturePart } from '../snapshot/added-features.js';
import { findItemRows } from './find-items.js';
import type { Listener } from './find-listeners.js';
import { findEntity } from './find-entities.js';
import { catalogue as declared } from '../options/catalogue.js';
import type { Asked } from '../options/option.js';
import type { recommendQuery } from '../options/queries.js';
import type { FoundKind } from '../snapshot/kinds.js';
import { scoresAlike } from './open-scorer.js';
import { trainedKind } from '../snapshot/layout.js';
import { numTrained } from '../snapshot/manifest.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import type { PopularItems } from './popular-items.js';
import type { RankedKind } from './ranked-kind.js';
import type { Catalogue } from '../store/catalogue.js';
import { explanationsOf, type Explanation, type ScoredBy } from './explain-recommendations.js';
import { whyNot, type Answered, type WhyNot } from './why-not.js';

export type WhyOptions = Partial<
  Pick<Asked<typeof recommendQuery.options>, 'explain' | 'reasons' | 'whyNot'>
>;

/** An answer to explain. */
export interface AnsweredListener extends Omit<
  Answered,
  'history' | 'liked' | 'kind' | 'exclusions' | 'numItems'
> {
  readonly listener: Listener;
  /** What was there instead of the model's scores. */
  readonly popular: PopularItems | undefined;
}

export interface Whys {
  readonly scoredBy?: ScoredBy;
  readonly baseline?: number;
  /** By place in the ranking; undefined where scores are the same for everyone. */
  readonly explanations?: readonly Explanation[] | undefined;
  readonly whyNot?: readonly (WhyNot & Partial<Explanation>)[];
}

export interface Why {
  about(answered: AnsweredListener): Whys;
}

/**
 * Of answers of a kind. AppErrors as findEntity's, for what is not known; 'bad-usage' for something of another kind.
 * @param options with `like`: what the question says they like
 */
export function openWhy(
  { snapshot, files, name: kind, numRows: numItems, exclusions, scorer }: RankedKind,
  catalogue: Catalogue,
  options: WhyOptions & { readonly like: readonly string[] },
  added: AddedFeatures | undefined,
): Why {
  const { explain = false, reasons = declared.reasons.fallback() } = options;
  const asked = (options.whyNot ?? []).map((query) => askedRow(snapshot, catalogue, files, query));
  const liked = findItemRows(catalogue, options.like, snapshot.manifest.inputs.interactions.items);
  const first = numTrained(snapshot.manifest);
  const ofColumns = (row: number, user: Float32Array): readonly FeaturePart[] | undefined =>
    added === undefined || kind !== trainedKind || row < first
      ? undefined
      : partsOfAdded(added, row - first, user, snapshot.manifest.model.dim);
  return {
    about({ listener, popular, ...answered }) {
      const { history } = listener;
      const scores = popular === undefined ? scorer.explain(history) : scoresAlike(popular.events);
      const explained = { history, liked };
      const of = { kind, exclusions, numItems };
      const explainRows = (rows: Answered['ranked']): Explanation[] | undefined =>
        explanationsOf(scores, rows, explained, reasons, catalogue, ofColumns);
      const absent = whyNot(asked, { ...answered, ...explained, ...of }, scores, catalogue);
      const ofAbsent = (): (Explanation | undefined)[] => {
        const scored = asked.flatMap((row, at) => {
          const score = absent[at]?.score ?? null;
          return score === null ? [] : [{ row, score, at }];
        });
        const found = explainRows(scored) ?? [];
        return asked.map((_, at) => found[scored.findIndex((one) => one.at === at)]);
      };
      const explanations = explain ? explainRows(answered.ranked) : undefined;
      const baseline = explain ? scores.parts()?.baseline : undefined;
      const absentWhys = explain && asked.length > 0 ? ofAbsent() : [];
      return {
        ...(explain ? { scoredBy: explanations === undefined ? 'popularity' : 'own-items' } : {}),
        ...(explain && baseline !== undefined ? { baseline } : {}),
        explanations,
        ...(asked.length > 0 ? { whyNot: absent.map((one, at) => ({ ...one, ...absentWhys[at] })) } : {}),
      };
    },
  };
}

function askedRow(snapshot: OpenSnapshot, catalogue: Catalogue, kind: FoundKind, query: string): number {
  const entity = findEntity(snapshot, catalogue, query, kind.name);
  if (entity.kind === kind.name) return entity.row;
  const { name } = catalogue.record(entity.kind, entity.row);
  const [is, wanted] = [entity.kind, kind.name].map((one) => `${/^[ai]/.test(one) ? 'an' : 'a'} ${one}`);
  throw new AppError(
    'bad-usage',
    `\`whyNot\` ${JSON.stringify(query)}: ${JSON.stringify(name)} is ${is}, and what is recommended are ${kind.name}s`,
    {
      suggestions: [`name ${wanted}`, `or ask for ${entity.kind}s: \`kind\` ${entity.kind}`],
      details: { name: query, kind: entity.kind, wanted: kind.name },
    },
  );
}
