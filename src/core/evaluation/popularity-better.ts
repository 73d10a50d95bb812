/** The rule by which train, tune and evaluate say that a model is not worth its training: the most popular items do better. */
import type { TaskContext } from '../contracts.js';
import { pairedInterval } from '../numeric/paired-interval.js';

/** @param model of users, or of groups of them, by the metric; [n] @param popularity of the same ones */
export function warnOfPopularity(
  name: string,
  metric: string,
  model: Float64Array,
  popularity: Float64Array,
  { onProgress }: Pick<TaskContext, 'onProgress'>,
): void {
  if (model.length < 2 || !(pairedInterval(popularity, model).low > 0)) return;
  const [own, ofPopularity] = [model, popularity].map((of) => of.reduce((sum, x) => sum + x, 0) / of.length);
  const message = `popularity does better here than ${name}: ${metric} ${ofPopularity!.toFixed(4)}, not ${own!.toFixed(4)}`;
  onProgress({ kind: 'warning', message, suggestions: ['segue train EVENTS --model popularity'] });
}
