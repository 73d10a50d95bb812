import { BaseCommand } from '../cli/base-command.js';
import { flagsNamed } from '../cli/flags/flags.js';
import { optionsOf } from '../cli/flags/options-of.js';
import { givenRoots, rootsFlag, serveFlags } from '../cli/flags/serve-flags.js';
import { drawServing } from '../cli/views/serving.js';
import type { Serving } from '../core/serve/serve.js';

export type { Serving };

export default class Serve extends BaseCommand {
  static override summary = 'Answer over HTTP: neighbours, recommendations, users, feedback';
  static override description =
    'Answers from the current snapshot, and goes over to the next one when it is published. The routes are those of ' +
    '/openapi.json: their parameters are the flags of the commands, and their answers the documents of --json. ' +
    'Whatever writes needs a token; reading needs one where --host is not a loopback address. docs/serve.md has more.';
  static override examples = [
    { description: 'On this machine', command: 'segue serve' },
    {
      description: 'In a network, where everything needs the token that is printed',
      command: 'segue serve --host 0.0.0.0 --allow-host music.internal',
    },
    {
      description: 'Two roots, at /v1/rock/… and /v1/jazz/…',
      command: 'segue serve --root rock=roots/rock --root jazz=roots/jazz',
    },
  ];
  static override flags = { ...rootsFlag, ...serveFlags, ...flagsNamed('as') };

  async run(): Promise<void> {
    const { flags } = await this.parse(Serve);
    const { serve } = await import('../core/serve/serve.js');
    const onReady = (serving: Serving): Promise<Serving> => this.answer(serving, drawServing);
    const options = { ...optionsOf(flags, Serve.flags), roots: givenRoots(flags.root), onReady };
    await this.perform((context, { onHangUp }) => serve({ ...options, onHangUp }, context));
  }
}
