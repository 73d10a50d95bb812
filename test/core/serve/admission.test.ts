import { EventEmitter } from 'node:events';
import type { FastifyReply } from 'fastify';
import { describe, expect, it } from 'vitest';
import { Admission } from '#dist/core/serve/admission.js';

/** As much of a reply as is looked at. */
function replyOf(): { reply: FastifyReply; leave(): void } {
  const raw = Object.assign(new EventEmitter(), { writableFinished: false });
  const reply: Pick<FastifyReply, 'raw'> = { raw: raw as unknown as FastifyReply['raw'] };
  return { reply: reply as FastifyReply, leave: () => raw.emit('close') };
}

describe('an answer', () => {
  it('that looks at no signal is not waited for beyond the deadline, and counts until it ends', async () => {
    const admission = new Admission({ mostAtOnce: 1, timeoutMs: 30 });
    let end = (): void => undefined;
    const endless = new Promise<void>((resolve) => {
      end = resolve;
    });
    const ask = (answer: () => Promise<unknown>): Promise<unknown> =>
      admission.within(replyOf().reply, answer);
    await expect(ask(() => endless)).rejects.toMatchObject({ code: 'interrupted' });
    await expect(ask(() => Promise.resolve(1))).rejects.toMatchObject({ code: 'overloaded' });
    end();
    await endless;
    expect(await ask(() => Promise.resolve(2))).toBe(2);
  });

  it('that nobody waits for any more is told so, and may fail unheard', async () => {
    const admission = new Admission({ mostAtOnce: 1, timeoutMs: 10_000 });
    const { reply, leave } = replyOf();
    let isTold = false;
    const answer = admission.within(reply, async ({ signal }) => {
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve);
      });
      isTold = true;
      throw new Error('too late');
    });
    leave();
    await expect(answer).rejects.toMatchObject({ code: 'interrupted' });
    expect(isTold).toBe(true);
  });
});
