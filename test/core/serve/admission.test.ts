import { EventEmitter } from 'node:events';
import type { FastifyReply } from 'fastify';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Admission } from '#dist/core/serve/admission.js';

afterEach(() => vi.useRealTimers());

/** As much of a reply as is looked at. */
function replyOf(): { reply: FastifyReply; leave(): void } {
  const raw = Object.assign(new EventEmitter(), { writableFinished: false });
  const reply: Pick<FastifyReply, 'raw'> = { raw: raw as unknown as FastifyReply['raw'] };
  return { reply: reply as FastifyReply, leave: () => raw.emit('close') };
}

describe('an answer', () => {
  it('that looks at no signal is not waited for beyond the deadline, and counts until it ends', async () => {
    vi.useFakeTimers();
    const admission = new Admission({ mostAtOnce: 1, timeoutMs: 10_000 });
    let end = (): void => undefined;
    const endless = new Promise<void>((resolve) => {
      end = resolve;
    });
    const ask = (answer: () => Promise<unknown>): Promise<unknown> =>
      admission.within(replyOf().reply, answer);
    let hasFailed = false;
    const late = ask(() => endless).catch((error: unknown) => {
      hasFailed = true;
      return error;
    });
    await vi.advanceTimersByTimeAsync(9_999);
    expect(hasFailed).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await late).toMatchObject({ status: 504, code: 'deadline-exceeded' });
    await expect(ask(() => Promise.resolve(1))).rejects.toMatchObject({ code: 'overloaded' });
    end();
    await endless;
    expect(await ask(() => Promise.resolve(2))).toBe(2);
    expect(vi.getTimerCount()).toBe(0);
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
    await expect(answer).rejects.toMatchObject({ code: 'interrupted', message: 'the caller has gone' });
    expect(isTold).toBe(true);
  });

  it('counts as often as it weighs, and never for more than half of what there is room for', async () => {
    const admission = new Admission({ mostAtOnce: 8, timeoutMs: 10_000 });
    const ends: (() => void)[] = [];
    const ask = (weight: number): Promise<void> =>
      admission.within(replyOf().reply, () => new Promise<void>((resolve) => ends.push(resolve)), weight);
    const answers = [ask(1000), ask(3)];
    await expect(ask(1000)).rejects.toMatchObject({
      ...{ code: 'overloaded', message: '7 of 8 answers are under way already, and this one counts as 4' },
      suggestions: [expect.stringContaining('retry-after'), 'ask for less at once'],
    });
    answers.push(ask(0));
    await expect(ask(1)).rejects.toMatchObject({ message: '8 of 8 answers are under way already' });
    ends[0]!();
    await answers[0];
    answers.push(ask(4));
    await expect(ask(1)).rejects.toMatchObject({ code: 'overloaded' });
    for (const end of ends) end();
    await Promise.all(answers);
    const single = new Admission({ mostAtOnce: 1, timeoutMs: 10_000 });
    await expect(single.within(replyOf().reply, () => Promise.resolve(1), 100)).resolves.toBe(1);
  });
});
