import { clearInterval, setInterval } from 'node:timers';
import { BaseCommand } from '../../../../dist/cli/base-command.js';

/** Says when it runs; when it is stopped it takes `--root` ms to clean up, says so, and fails with something else. */
export default class Wait extends BaseCommand {
  async run() {
    const { flags } = await this.parse(Wait);
    const result = await this.perform(async ({ signal, onProgress }) => {
      const stopped = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      onProgress({ kind: 'warning', message: 'running' });
      const alive = setInterval(() => {}, 1_000);
      await stopped;
      await new Promise((resolve) => setTimeout(resolve, Number(flags.root)));
      clearInterval(alive);
      onProgress({ kind: 'warning', message: 'cleaned up' });
      throw new Error('the connection that was being read is closed');
    });
    return this.answer(result, () => 'done');
  }
}
