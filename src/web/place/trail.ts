/** The walk that led to a place: the items and listeners whose pages were left for a next one, oldest first. */
import { subjectOf, type Place } from './place.js';

export interface Step {
  readonly href: string;
  readonly name: string;
  readonly subject: string;
}

/** More than this nobody goes back by steps. */
const mostSteps = 30;

/** The trail after leaving `from` for `to`; a place that was on the walk already ends it there. */
export function followed(
  trail: readonly Step[],
  from: Place,
  step: Omit<Step, 'subject'>,
  to: Place,
): readonly Step[] {
  const [left, next] = [subjectOf(from), subjectOf(to)];
  if (left === next) return trail;
  if (!isStep(to)) return [];
  const at = trail.findIndex(({ subject }) => subject === next);
  if (at !== -1) return trail.slice(0, at);
  return isStep(from) ? [...trail, { ...step, subject: left }].slice(-mostSteps) : trail;
}

function isStep({ view }: Place): boolean {
  return view === 'entity' || view === 'listener';
}
