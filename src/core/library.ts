/// <reference types="node" preserve="true" />
/**
 * segue as a library: every command as a function of the same name, (options, context) → result, which prints nothing.
 * Options that a command has a default for may be left out, and so may the context: its signal stops a call, onProgress
 * is told how far it is. Failures are AppErrors, anything else thrown is a bug.
 *
 * What a function needs is loaded when it is called, so importing this is cheap. docs/reference/api.md is made from these files.
 */
export { AppError, exitCodes } from './errors.js';
export type { AppErrorOptions, ErrorCode } from './errors.js';
export type { ItemRecord, Progress } from './contracts.js';
export type { CallContext as TaskContext } from './library/library-function.js';
export * from './library/making.js';
export * from './library/asking.js';
export * from './library/keeping.js';
export * from './library/listing.js';
export * from './library/feedback.js';

// What results are made of.
export type { TrainPlan, TrainResult } from './tasks/train.js';
export type { Evaluated, EvaluateResult } from './tasks/evaluate.js';
export type { TunedModel, TunedTrial, TuneResult } from './tasks/tune.js';
export type { BuildIndexResult } from './tasks/build-index.js';
export type { UserVectorResult, UserVectorsResult } from './tasks/user-vector.js';
export type {
  AudienceResult,
  ListedItem,
  ListedUser,
  ListenerFacts,
  ListenerOfItem,
  ListItemsResult,
  ListUsersResult,
  NearItem,
  NearUser,
  RecipeItem,
  RecipeResult,
  RecipeRow,
  Recommendation,
  RecommendResult,
  ShownItem,
  SimilarItem,
  SimilarResult,
} from './tasks/ask.js';
export type { WrittenNeighbours } from './tasks/similar-all.js';
export type { WrittenRecommendations } from './tasks/recommend-all.js';
export type { Filtered, SelectionOptions } from './query/filters/selection.js';
export type { ImportPlan, ImportVectorsResult } from './tasks/import.js';
export type { ExportVectorsResult } from './tasks/export.js';
export type { Ingredient, PassedOverItem } from './query/recipes/ingredients.js';
export type { CheckedPart, CheckRecipeResult } from './tasks/recipe/check.js';
export type { ListedRecipe, RecipeList, ResolvedRecipe } from './query/recipes/list-recipes.js';
export type { PublishResult } from './tasks/publish.js';
export type { ReportResult } from './tasks/report.js';
export type { RollbackResult } from './tasks/rollback.js';
export type { SeenItem, ShownUser } from './tasks/users/show.js';
export type { AddFeedbackResult } from './tasks/feedback/add.js';
export type { CompactFeedbackResult } from './tasks/feedback/compact.js';
export type { ExportFeedbackResult } from './tasks/feedback/export.js';
export type { ForgetfulState, ForgetUserResult, HoldingSnapshot } from './tasks/feedback/forget.js';
export type { ImportFeedbackResult } from './tasks/feedback/import.js';
export type { ListedListener, ListFeedbackResult } from './tasks/feedback/list.js';
export type { ShownEntry } from './tasks/feedback/shown-entry.js';
export type { UndoFeedbackResult } from './tasks/feedback/undo.js';
export type { VerifyFeedbackResult } from './tasks/feedback/verify.js';
export type { FollowedEvents, FreshVector } from './tasks/follow.js';
export type { ListedSnapshot, SnapshotList } from './tasks/snapshots/list.js';
export type { DeleteSnapshotsResult } from './tasks/snapshots/delete.js';
export type { Publication, ShownSnapshot } from './tasks/snapshots/show.js';
export type { Damage, SnapshotVerdict, VerifySnapshotsResult } from './tasks/snapshots/verify.js';
export type { TagResult } from './tasks/snapshots/tag.js';
export type { UntagResult } from './tasks/snapshots/untag.js';
export type { HistoryResult } from './tasks/snapshots/history.js';
export type { HistoryChange } from './publishing/history-changes.js';
export type { GcResult, GcSnapshot } from './tasks/gc.js';
export type { BundleDiffResult, ComparedMember, Difference, DiffResult } from './tasks/diff-snapshots.js';
export type { BrowserItem, Neighbour, NeighbourSource, OpenBrowse } from './tasks/browse.js';
export type { Followable, Follower, Held } from './publishing/follow-current.js';
