import { commandOf, examples } from '../cli/base-command.js';
import { completionScripts } from '../cli/completion/scripts.js';
import { requiredArg } from '../cli/flags/args.js';
import { completion as operation } from '../core/options/operations.js';

export interface CompletionScript {
  readonly shell: keyof typeof completionScripts;
  readonly script: string;
}

export default class Completion extends commandOf([operation], { shell: requiredArg('bash, zsh or fish') }) {
  static override summary = 'Print a completion script for bash, zsh or fish';
  static override description =
    'Completes commands, flags and their values: snapshots, tags, recipes, models, columns, items and users ' +
    'of the root, and files. For bash, put eval "$(segue completion bash)" into ~/.bashrc; for zsh, eval ' +
    '"$(segue completion zsh)" into ~/.zshrc; for fish, segue completion fish | source into ' +
    '~/.config/fish/config.fish.';
  static override examples = examples({
    'Turn it on in the bash that is open, until it is closed': 'eval "$(segue completion bash)"',
  });

  async run(): Promise<CompletionScript> {
    return this.show(
      ({ shell }) => ({ shell, script: completionScripts[shell] }),
      ({ script }) => script,
    );
  }
}
