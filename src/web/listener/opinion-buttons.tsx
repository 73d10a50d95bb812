import type { ComponentChild } from 'preact';
import { shortText } from '../parts/name.js';
import { usePage } from '../place/page-context.js';
import { OpinionSign } from './opinion-sign.js';
import type { TrialPlace } from '../place/place.js';
import { opinionOf, opinions, withoutItem, withOpinion, type Opinion } from './trial.js';

export const opinionWords = {
  like: { verb: 'Like', done: 'liked' },
  dislike: { verb: 'Dislike', done: 'disliked' },
  ban: { verb: 'Ban', done: 'banned' },
} as const;

interface OpinionButtonsProps {
  readonly place: TrialPlace;
  readonly id: string;
  readonly name: string;
}

/** Tries an opinion of an item: the list is asked for again at once. */
export function OpinionButtons({ place, id, name }: OpinionButtonsProps): ComponentChild {
  const { go, say } = usePage();
  const current = opinionOf(place.trial, id);
  const choose = (opinion: Opinion): void => {
    const isTaken = opinion === current;
    const trial = isTaken ? withoutItem(place.trial, id) : withOpinion(place.trial, opinion, id);
    say(`${shortText(name)} ${isTaken ? 'no longer ' : ''}${opinionWords[opinion].done}, as a trial`);
    go({ ...place, trial });
  };
  return opinions.map((opinion) => (
    <button
      key={opinion}
      type="button"
      class={`opinion ${opinion}`}
      data-opinion={opinion}
      aria-label={`${opinionWords[opinion].verb} ${shortText(name)}`}
      aria-pressed={opinion === current}
      title={opinionWords[opinion].verb}
      onClick={() => choose(opinion)}
    >
      <OpinionSign opinion={opinion} />
    </button>
  ));
}
