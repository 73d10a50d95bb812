import { commandOf, examples } from '../cli/base-command.js';
import { drawServing } from '../cli/views/serving.js';
import { serve as operation } from '../core/options/operations.js';
import type { Serving } from '../core/serve/serve.js';

export default class Serve extends commandOf([operation]) {
  static override summary = 'Answer over HTTP: neighbours, recommendations, users, feedback';
  static override description =
    'Answers from the current snapshot, and goes over to the next one when it is published. The routes are those of ' +
    '/openapi.json: their parameters are the flags of the commands, and their answers the documents of --json. ' +
    'Whatever writes needs a token; reading needs one where --host is not a loopback address. docs/serve.md has more.';
  static override examples = examples({
    'On this machine': 'segue serve',
    'In a network, where everything needs the token that is printed':
      'segue serve --host 0.0.0.0 --allow-host music.internal',
    'Two roots, at /v1/rock/… and /v1/jazz/…': 'segue serve --root rock=roots/rock --root jazz=roots/jazz',
  });

  async run(): Promise<void> {
    const { asked } = await this.asked(Serve);
    const { serve } = await import('../core/serve/serve.js');
    const onReady = (serving: Serving): Promise<Serving> => this.answer(serving, drawServing);
    const options = { ...asked.of(operation), onReady };
    await this.perform((context, { onHangUp }) => serve({ ...options, onHangUp }, context));
  }
}
