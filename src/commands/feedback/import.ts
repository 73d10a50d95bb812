import { requiredArgs } from '../../cli/flags/args.js';
import { BaseCommand } from '../../cli/base-command.js';
import { sourceFlag } from '../../cli/flags/feedback-flags.js';
import { named } from '../../cli/flags/flag-kinds.js';
import { flagsNamed } from '../../cli/flags/flags.js';
import { optionsOf } from '../../cli/flags/options-of.js';
import { readingFlags, textFlags } from '../../cli/flags/reading-flags.js';
import { drawImportedFeedback } from '../../cli/views/feedback.js';
import type { ImportFeedbackResult } from '../../core/tasks/feedback/import.js';

export type { ImportFeedbackResult };

export default class FeedbackImport extends BaseCommand {
  static override summary = 'Keep what users did or said, from files of events';
  static override description =
    'Files as segue train reads them: CSV, TSV, JSON Lines or Parquet. A column type says what a row is: play, like, ' +
    'dislike, skip, ban or unban; columns id, scope and source are taken where there are any. Items are ids. The same ' +
    'file again adds nothing, and one that grew adds what is new: a row without an id has that of its file up to there.';
  static override examples = [
    { description: 'A day of feedback', command: 'segue feedback import examples/classic-rock/feedback.csv' },
    {
      description: 'From another program, as JSON Lines',
      command:
        'echo \'{"user":"ann","item":"pearl-jam-black","type":"like"}\' | segue feedback import - --source app',
    },
  ];
  static override args = { files: requiredArgs('files of events, globs, or - for stdin') };
  static override flags = {
    ...named(readingFlags, 'skip-bad-rows'),
    ...textFlags,
    ...sourceFlag,
    ...flagsNamed('snapshot', 'as'),
  };

  async run(): Promise<ImportFeedbackResult> {
    const { args, flags } = await this.parse(FeedbackImport);
    const { importFeedback } = await import('../../core/tasks/feedback/import.js');
    const options = { ...optionsOf(flags, FeedbackImport.flags), files: args.files };
    return this.answer(
      await this.perform((context) => importFeedback(options, context)),
      drawImportedFeedback,
    );
  }
}
