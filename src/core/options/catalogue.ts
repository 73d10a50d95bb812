/** Every option that segue has, by the name that programs have for it. What it is called twice it is declared once more. */
import { eventOptions } from './catalogue/event-options.js';
import { feedbackOptions } from './catalogue/feedback-options.js';
import { modelOptions } from './catalogue/model-options.js';
import { queryOptions } from './catalogue/query-options.js';
import { releaseOptions } from './catalogue/release-options.js';
import { runOptions } from './catalogue/run-options.js';
import { serviceOptions } from './catalogue/service-options.js';
import { trainingOptions } from './catalogue/training-options.js';
import { vectorOptions } from './catalogue/vector-options.js';

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
