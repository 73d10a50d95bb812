/**
 * segue as a library: every command as a function of the same name, (options, context) → result, which prints nothing.
 * The context's signal stops it, onProgress tells how far it is; failures are AppErrors, anything else thrown is a bug.
 *
 * What a function needs beyond its options is loaded when it is called, so importing this is cheap.
 */
export { AppError, exitCodes } from './errors.js';
export type { AppErrorOptions, ErrorCode } from './errors.js';
export type { ItemRecord, Progress, TaskContext } from './contracts.js';

export { train } from './tasks/train.js';
export type { TrainOptions, TrainPlan, TrainResult } from './tasks/train.js';
export { evaluate } from './tasks/evaluate.js';
export type { Evaluated, EvaluateOptions, EvaluateResult } from './tasks/evaluate.js';
export { tune } from './tasks/tune.js';
export type { TunedTrial, TuneOptions, TuneResult } from './tasks/tune.js';
export { buildIndex } from './tasks/build-index.js';
export type { BuildIndexOptions, BuildIndexResult } from './tasks/build-index.js';
export { userVector } from './tasks/user-vector.js';
export type { UserVectorOptions, UserVectorResult, UserVectorsResult } from './tasks/user-vector.js';
export { similar } from './tasks/similar.js';
export type { SimilarItem, SimilarOptions, SimilarResult } from './tasks/similar.js';
export { similarAll } from './tasks/similar-all.js';
export type { SimilarAllOptions, WrittenNeighbours } from './tasks/similar-all.js';
export { recommend } from './tasks/recommend.js';
export type { Recommendation, RecommendOptions, RecommendResult } from './tasks/recommend.js';
export { recommendAll } from './tasks/recommend-all.js';
export type { RecommendAllOptions, WrittenRecommendations } from './tasks/recommend-all.js';
export type { Filtered, SelectionOptions } from './query/filters/selection.js';
export { importVectors } from './tasks/import.js';
export type { ImportPlan, ImportVectorsOptions, ImportVectorsResult } from './tasks/import.js';
export { exportVectors } from './tasks/export.js';
export type { ExportVectorsOptions, ExportVectorsResult } from './tasks/export.js';
export { recommendByRecipe } from './tasks/recommend-by-recipe.js';
export type {
  RecipeItem,
  RecipeResult,
  RecipeRow,
  RecommendByRecipeOptions,
} from './tasks/recommend-by-recipe.js';
export type { Ingredient, PassedOverItem } from './query/recipes/ingredients.js';
export { listRecipes, resolveRecipe } from './query/recipes/list-recipes.js';
export type { ListedRecipe, RecipeList, ResolvedRecipe } from './query/recipes/list-recipes.js';
export { publish } from './tasks/publish.js';
export type { PublishOptions, PublishResult } from './tasks/publish.js';
export { rollback } from './tasks/rollback.js';
export type { RollbackOptions, RollbackResult } from './tasks/rollback.js';
export { listSnapshots } from './tasks/snapshots/list.js';
export type { ListedSnapshot, ListSnapshotsOptions, SnapshotList } from './tasks/snapshots/list.js';
export { deleteSnapshots } from './tasks/snapshots/delete.js';
export type { DeleteSnapshotsOptions, DeleteSnapshotsResult } from './tasks/snapshots/delete.js';
export { showSnapshot } from './tasks/snapshots/show.js';
export type { Publication, ShownSnapshot, ShowSnapshotOptions } from './tasks/snapshots/show.js';
export { verifySnapshots } from './tasks/snapshots/verify.js';
export type {
  Damage,
  SnapshotVerdict,
  VerifySnapshotsOptions,
  VerifySnapshotsResult,
} from './tasks/snapshots/verify.js';
export { tag } from './tasks/snapshots/tag.js';
export type { TagOptions, TagResult } from './tasks/snapshots/tag.js';
export { untag } from './tasks/snapshots/untag.js';
export type { UntagOptions, UntagResult } from './tasks/snapshots/untag.js';
export { history } from './tasks/snapshots/history.js';
export type { HistoryOptions, HistoryResult } from './tasks/snapshots/history.js';
export type { HistoryChange } from './publishing/history-changes.js';
export { gc } from './tasks/gc.js';
export type { GcOptions, GcResult, GcSnapshot } from './tasks/gc.js';
export { diffSnapshots } from './tasks/diff-snapshots.js';
export type { DiffOptions, DiffResult } from './tasks/diff-snapshots.js';
export { openNeighbourSource } from './tasks/browse.js';
export type { BrowseOptions, BrowserItem, Neighbour, NeighbourSource, OpenBrowse } from './tasks/browse.js';
export { openReader } from './query/reader.js';
export type { Reader, ReaderOptions, UserVectorQuestion } from './query/reader.js';
export type { SimilarQuestion } from './query/open-neighbours.js';
export type { RecommendQuestion } from './query/open-recommender.js';
export type { RecipeQuestion } from './query/recipes/recipe-answers.js';
export { followCurrent } from './publishing/follow-current.js';
export type { Followable, Follower, FollowOptions, Held } from './publishing/follow-current.js';
