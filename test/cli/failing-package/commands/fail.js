import { string } from '@oclif/core/args';
import { BaseCommand } from '../../../../dist/cli/base-command.js';
import { AppError } from '../../../../dist/core/errors.js';

const later = () => new Promise((resolve) => setTimeout(resolve, 5_000));

const ways = {
  throw: () => {
    throw new TypeError('x is not a function');
  },
  nothing: () => Promise.reject(undefined),
  import: () => import('./no-such-file.js'),
  uncaught: () => {
    setTimeout(() => {
      throw new RangeError('thrown by nobody’s stack');
    }, 1);
    return later();
  },
  rejection: () => {
    void Promise.reject(new Error('nobody waits for this'));
    return later();
  },
  judged: () => {
    process.on('unhandledRejection', () => {});
    void Promise.reject(new Error('the task knows of this'));
    return new Promise((resolve) => setTimeout(() => resolve({ fine: true }), 50));
  },
};

export default class Fail extends BaseCommand {
  static args = { way: string({ description: 'how, or the code of an AppError', required: true }) };

  async run() {
    const { args } = await this.parse(Fail);
    const way = ways[args.way];
    const result = await this.perform(() => {
      if (way !== undefined) return way();
      throw new AppError(args.way, `what\u001b[31m went\nwrong`, {
        suggestions: ['do this', 'or that'],
        details: { file: 'plays.csv', line: 7 },
        cause: new Error('the cause'),
      });
    });
    return this.answer(result, () => 'done');
  }
}
