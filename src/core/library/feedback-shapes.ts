/** What the library's functions about feedback take, and what is taken where nothing is given. */
import {
  anyFunction,
  choice,
  like,
  number,
  or,
  required,
  text,
  texts,
  wholeNumber,
  type OptionShape,
} from '../options/kinds.js';
import { optionValues } from '../options/values.js';
import type { AddFeedbackOptions } from '../tasks/feedback/add.js';
import type { CompactFeedbackOptions } from '../tasks/feedback/compact.js';
import type { ExportFeedbackOptions } from '../tasks/feedback/export.js';
import type { ForgetUserOptions } from '../tasks/feedback/forget.js';
import type { ImportFeedbackOptions } from '../tasks/feedback/import.js';
import type { ListFeedbackOptions } from '../tasks/feedback/list.js';
import type { UndoFeedbackOptions } from '../tasks/feedback/undo.js';
import type { VerifyFeedbackOptions } from '../tasks/feedback/verify.js';
import type { FollowEventsOptions } from '../tasks/follow-events.js';
import { k, off, onRoot, onSnapshot, out, stdin, texting } from './shape-parts.js';

export const addFeedback = {
  ...onSnapshot,
  user: required(text),
  item: required(text),
  type: required(choice(optionValues.feedbackType)),
  scope: choice(optionValues.feedbackScope),
  weight: text,
  time: text,
  source: text,
  id: text,
  answeredBy: text,
  answeredRecipe: text,
  answeredRank: wholeNumber(optionValues.answeredRank),
} satisfies OptionShape<AddFeedbackOptions>;

export const importFeedback = {
  ...onSnapshot,
  files: required(texts),
  ...texting,
  skipBadRows: off,
  source: text,
  stdin,
} satisfies OptionShape<ImportFeedbackOptions>;

export const listFeedback = { ...onSnapshot, user: text, k } satisfies OptionShape<ListFeedbackOptions>;

export const undoFeedback = {
  ...onSnapshot,
  entry: text,
  user: text,
  item: text,
} satisfies OptionShape<UndoFeedbackOptions>;

export const exportFeedback = {
  ...onRoot,
  out,
  format: choice(optionValues.feedbackFormat),
  force: off,
  answered: off,
} satisfies OptionShape<ExportFeedbackOptions>;

export const compactFeedback = onRoot satisfies OptionShape<CompactFeedbackOptions>;
export const verifyFeedback = onRoot satisfies OptionShape<VerifyFeedbackOptions>;
export const forgetUser = {
  ...onRoot,
  user: required(text),
  state: or(texts, []),
  unfinished: off,
  dryRun: off,
} satisfies OptionShape<ForgetUserOptions>;

export const followEvents = {
  ...onRoot,
  as: text,
  follow: text,
  addEvents: text,
  state: required(text),
  stream: text,
  once: off,
  ...texting,
  halfLife: text,
  asOf: text,
  since: text,
  itemCap: number(optionValues.itemCap),
  blend: text,
  every: text,
  dedupeFor: text,
  maxLag: text,
  out: text,
  force: off,
  write: like<NonNullable<FollowEventsOptions['write']>>('a function', anyFunction),
  json: like<NonNullable<FollowEventsOptions['json']>>('a function', anyFunction),
  stdin,
} satisfies OptionShape<FollowEventsOptions>;
