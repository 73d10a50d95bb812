/** Every option that segue has, by the name that programs have for it. What it is called twice it is declared once more. */
import { eventOptions, feedbackOptions, vectorOptions } from './catalogue/event-options.js';
import { modelOptions, trainingOptions } from './catalogue/model-options.js';
import { queryOptions } from './catalogue/query-options.js';
import { releaseOptions, runOptions, serviceOptions } from './catalogue/run-options.js';

export const catalogue = {
  ...queryOptions,
  ...runOptions,
  ...eventOptions,
  ...modelOptions,
  ...trainingOptions,
  ...vectorOptions,
  ...releaseOptions,
  ...feedbackOptions,
  ...serviceOptions,
};
