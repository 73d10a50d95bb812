import { commandOf, examples } from '../../cli/base-command.js';
import { requiredArgs } from '../../cli/flags/args.js';
import { drawImportedFeedback } from '../../cli/views/feedback.js';
import { importFeedback as operation } from '../../core/options/operations.js';

export default class FeedbackImport extends commandOf([operation], {
  files: requiredArgs('files of events, folders, archives, globs, or - for stdin'),
}) {
  static override summary = 'Keep what users did or said, from files of events';
  static override description =
    'Files as segue train reads them: CSV, TSV, JSON Lines or Parquet. A column type says what a row is: play, like, ' +
    'dislike, skip, ban or unban; columns id, scope and source are taken where there are any. Items are ids. The same ' +
    'file again adds nothing, and one that grew adds what is new: a row without an id has that of its file up to there.';
  static override examples = examples({
    'A day of feedback': 'segue feedback import examples/classic-rock/feedback.csv',
    'From another program, as JSON Lines':
      'echo \'{"user":"ann","item":"pearl-jam-black","type":"like"}\' | segue feedback import - --source app',
  });

  run = this.shows(
    async () => (await import('../../core/tasks/feedback/import.js')).importFeedback,
    drawImportedFeedback,
  );
}
