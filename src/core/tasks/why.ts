/** What `recommend` tells of an answer where it is asked why: what explains its scores, and why items are not in it. */
import { findItemRows } from '../snapshot/find-items.js';
import type { Listener } from '../snapshot/find-listeners.js';
import { trainedKind } from '../snapshot/layout.js';
import { openExplainer, type ExplainedScores } from '../snapshot/open-explainer.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import type { PopularItems } from '../snapshot/popular-items.js';
import type { Catalogue } from '../store/catalogue.js';
import { explanationsOf, type Explanation, type ScoredBy } from './explain-recommendations.js';
import { whyNot, type Answered, type WhyNot } from './why-not.js';

export interface WhyQuestions {
  /** What of their own items made each score? */
  readonly explain?: boolean | undefined;
  /** How many of them to name, of the largest contributions; 3 by default. */
  readonly reasons?: number | undefined;
  /** Items to tell of why they are not there. */
  readonly whyNot?: readonly string[] | undefined;
}

/** An answer to explain. */
export interface AnsweredListener extends Omit<Answered, 'history' | 'liked'> {
  readonly listener: Listener;
  /** What was there instead of the model's scores. */
  readonly popular: PopularItems | undefined;
}

export interface Whys {
  readonly scoredBy?: ScoredBy;
  /** By place in the ranking; undefined where scores are the same for everyone. */
  readonly explanations?: readonly Explanation[] | undefined;
  readonly whyNot?: readonly (WhyNot & Partial<Explanation>)[];
}

export interface Why {
  about(answered: AnsweredListener): Whys;
  close(): void;
}

const usualReasons = 3;

/** @param like what the question says they like. AppErrors as Catalogue.find's, for an item that is not known. */
export function openWhy(
  snapshot: OpenSnapshot,
  questions: WhyQuestions & { readonly like: readonly string[] },
  catalogue: Catalogue,
  numItems: number,
): Why {
  const { explain = false, reasons = usualReasons } = questions;
  const asked = (questions.whyNot ?? []).map((query) => catalogue.find(trainedKind, query));
  const liked = findItemRows(catalogue, questions.like, numItems);
  const explainer = openExplainer(snapshot);
  return {
    about({ listener, popular, ...answered }) {
      const { history } = listener;
      const scores = popular === undefined ? explainer.of(history) : scoresOf(popular);
      const explained = { history, liked };
      const explainRows = (rows: Answered['ranked']): Explanation[] | undefined =>
        explanationsOf(scores, rows, explained, reasons, catalogue);
      const absent = whyNot(asked, { ...answered, ...explained }, scores, catalogue);
      const ofAbsent = (): (Explanation | undefined)[] => {
        const scored = asked.flatMap((row, at) => {
          const score = absent[at]?.score ?? null;
          return score === null ? [] : [{ row, score, at }];
        });
        const found = explainRows(scored) ?? [];
        return asked.map((_, at) => found[scored.findIndex((one) => one.at === at)]);
      };
      const explanations = explain ? explainRows(answered.ranked) : undefined;
      const absentWhys = explain && asked.length > 0 ? ofAbsent() : [];
      return {
        ...(explain ? { scoredBy: explanations === undefined ? 'popularity' : 'own-items' } : {}),
        explanations,
        ...(asked.length > 0 ? { whyNot: absent.map((one, at) => ({ ...one, ...absentWhys[at] })) } : {}),
      };
    },
    close: () => explainer.close(),
  };
}

/** Scores that are the same for everyone. */
function scoresOf({ events }: PopularItems): ExplainedScores {
  return {
    visit: (each) => {
      each(0, events);
    },
    parts: () => undefined,
  };
}
