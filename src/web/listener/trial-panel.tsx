import type { ComponentChild } from 'preact';
import { useState } from 'preact/hooks';
import { facts, query } from '../api/queries.js';
import { useService } from '../api/service-context.js';
import { problemOf, type Problem } from '../api/service.js';
import { useAnswer } from '../api/use-answer.js';
import { Name, shortText } from '../parts/name.js';
import { plural } from '../parts/numbers.js';
import { ProblemNote } from '../parts/problem-note.js';
import { usePage } from '../place/page-context.js';
import { SearchBox } from '../search/search-box.js';
import { opinionWords } from './opinion-buttons.js';
import { OpinionSign } from './opinion-sign.js';
import type { TrialPlace } from '../place/place.js';
import {
  entriesOf,
  noTrial,
  numOpinions,
  opinions,
  withOpinion,
  withoutItem,
  withoutSeed,
  withSeed,
} from './trial.js';

interface TrialPanelProps {
  readonly place: TrialPlace;
  readonly user: string | null;
}

/** What is being tried, as chips that can be taken away; more can be added, and where the service allows it, kept. */
export function TrialPanel({ place, user }: TrialPanelProps): ComponentChild {
  const { go } = usePage();
  const { trial } = place;
  const takesSeeds = trial.recipe !== undefined;
  const isEmpty = numOpinions(trial) + trial.seeds.length === 0;
  return (
    <div class="trial" role="group" aria-label="Trial">
      <div class="add">
        <SearchBox
          id="add-like"
          label={user === null ? 'Add something they like' : 'Try: they also like'}
          placeholder={user === null ? 'Add something they like …' : 'Try: they also like …'}
          among="items"
          onPick={({ id }) => go({ ...place, trial: withOpinion(trial, 'like', id) })}
        />
        {takesSeeds && (
          <SearchBox
            id="add-seed"
            label="Begin from an item"
            placeholder="Begin from …"
            among="items"
            onPick={({ id }) => go({ ...place, trial: withSeed(trial, id) })}
          />
        )}
      </div>
      {!isEmpty && (
        <ul class="chips" aria-label="Being tried">
          {opinions.flatMap((opinion) =>
            trial[opinion].map((id) => (
              <Chip
                key={`${opinion} ${id}`}
                id={id}
                class={opinion}
                done={opinionWords[opinion].done}
                sign={<OpinionSign opinion={opinion} />}
                onRemove={() => go({ ...place, trial: withoutItem(trial, id) })}
              />
            )),
          )}
          {trial.seeds.map((id) => (
            <Chip
              key={`seed ${id}`}
              id={id}
              class="seed"
              done="from"
              sign={<span aria-hidden="true">▸</span>}
              onRemove={() => go({ ...place, trial: withoutSeed(trial, id) })}
            />
          ))}
        </ul>
      )}
      {!isEmpty && (
        <p class="trial-end">
          <span class="quiet">A trial: nothing of it is kept.</span>
          <button type="button" onClick={() => go({ ...place, trial: { ...noTrial, recipe: trial.recipe } })}>
            Start over
          </button>
          {user !== null && numOpinions(trial) > 0 && <KeepButton place={place} user={user} />}
        </p>
      )}
    </div>
  );
}

interface ChipProps {
  readonly id: string;
  readonly class: string;
  readonly done: string;
  readonly sign: ComponentChild;
  readonly onRemove: () => void;
}

function Chip({ id, class: kind, done, sign, onRemove }: ChipProps): ComponentChild {
  const { place } = usePage();
  const { value } = useAnswer(facts('item', id, place.snapshot), id);
  const name = value?.item.name ?? id;
  return (
    <li class={`chip ${kind}`}>
      {sign}
      <span class="unseen">{done}: </span>
      <span class="chip-name">
        <Name text={name} />
      </span>
      <button type="button" aria-label={`Remove ${shortText(name)}`} onClick={onRemove}>
        ×
      </button>
    </li>
  );
}

/** Keeps the likes, dislikes and bans for the listener, by the service's ledger; then nothing is tried any more. */
function KeepButton({ place, user }: { readonly place: TrialPlace; readonly user: string }): ComponentChild {
  const { go, say } = usePage();
  const { service, root, canKeep, refresh } = useService();
  const [problem, setProblem] = useState<Problem>();
  const [isKeeping, setKeeping] = useState(false);
  if (!canKeep) return null;
  const { trial } = place;
  const run = (): void => {
    setKeeping(true);
    service
      .ask({ ...query('feedback', { feedback: entriesOf(trial, user) }), root }, new AbortController().signal)
      .then(
        () => {
          setProblem(undefined);
          say(`kept ${plural(numOpinions(trial), 'opinion')} for ${shortText(user)}`);
          refresh();
          go({ ...place, trial: { ...noTrial, recipe: trial.recipe } });
        },
        (error: unknown) => setProblem(problemOf(error)),
      )
      .finally(() => setKeeping(false));
  };
  return (
    <>
      <button type="button" class="primary" disabled={isKeeping} onClick={run}>
        Keep for this listener
      </button>
      {problem !== undefined && <ProblemNote problem={problem} retry={run} />}
    </>
  );
}
