import { requiredArg } from '../../../../dist/cli/args.js';
import { BaseCommand } from '../../../../dist/cli/base-command.js';

/** Answers with a lot of text, having decided on an exit code. */
export default class Flood extends BaseCommand {
  static args = { code: requiredArg('exit code') };

  async run() {
    const { args } = await this.parse(Flood);
    process.exitCode = Number(args.code);
    return this.answer({ line: 'x'.repeat(100) }, ({ line }) => `${line}\n`.repeat(50_000));
  }
}
