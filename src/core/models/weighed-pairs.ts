import { openWorkspace } from '../compute/workspace.js';
import type { Pairs } from '../contracts.js';
import { AppError } from '../errors.js';
import type { SparseRows } from '../numeric/csr.js';
import { trainingRows } from '../numeric/training-rows.js';
import { confidenceFunction, parseConfidence, type Confidence } from '../numeric/weighting.js';

/** What --confidence says. AppError 'bad-usage'. */
export function givenConfidence(text: string): Confidence {
  const confidence = parseConfidence(text);
  if (confidence !== undefined) return confidence;
  throw new AppError('bad-usage', `--confidence "${text}": wanted log, binary or linear:α with α > 0`, {
    suggestions: ['for example --confidence log, or --confidence linear:40'],
  });
}

/** The pairs that are trained on, by user. AppError 'empty-input' where there are none. */
export function weighedPairs(pairs: Pairs, confidence: Confidence): SparseRows {
  const { ln } = openWorkspace(0).kernels;
  const rows = trainingRows(pairs, confidenceFunction(confidence, ln));
  if (rows.idx.length > 0) return rows;
  throw new AppError(
    'empty-input',
    'nothing to train on: every pair of user and item is a ban or weighs nothing',
  );
}
