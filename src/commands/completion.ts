import { requiredArg } from '../cli/flags/args.js';
import { BaseCommand } from '../cli/base-command.js';
import { completionScripts, shells } from '../cli/completion/scripts.js';
import { AppError } from '../core/errors.js';

export default class Completion extends BaseCommand {
  static override summary = 'Print a completion script for bash, zsh or fish';
  static override description =
    'Completes commands, flags and their values: snapshots, tags, recipes, models, columns, items and users ' +
    'of the root, and files. For bash, put eval "$(segue completion bash)" into ~/.bashrc; for zsh, eval ' +
    '"$(segue completion zsh)" into ~/.zshrc; for fish, segue completion fish | source into ' +
    '~/.config/fish/config.fish.';
  static override examples = [
    {
      description: 'Turn it on in the bash that is open, until it is closed',
      command: 'eval "$(segue completion bash)"',
    },
  ];
  static override args = { shell: requiredArg('bash, zsh or fish') };

  async run(): Promise<{ readonly shell: string; readonly script: string }> {
    const { args } = await this.parse(Completion);
    const shell = shells.find((each) => each === args.shell);
    if (shell === undefined) {
      throw new AppError('bad-usage', `SHELL ${JSON.stringify(args.shell)}: wanted ${shells.join(', ')}`);
    }
    const script = completionScripts[shell];
    return this.answer({ shell, script }, () => script);
  }
}
