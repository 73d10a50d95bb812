import { string } from '@oclif/core/args';
import { BaseCommand } from '../../../../dist/cli/base-command.js';

/** Answers with a lot of text, having decided on an exit code. */
export default class Flood extends BaseCommand {
  static args = { code: string({ description: 'exit code', required: true }) };

  async run() {
    const { args } = await this.parse(Flood);
    process.exitCode = Number(args.code);
    return this.answer({ line: 'x'.repeat(100) }, ({ line }) => `${line}\n`.repeat(50_000));
  }
}
