import { expect, it } from 'vitest';
import { kernelsHash, wantedKernelsHash } from '#dist/core/spark/kernels-hash.js';

/** Red where a kernel computes other bits than before: whoever means to change them changes the hash too. */
it('is what executors are held to', async () => expect(await kernelsHash()).toBe(wantedKernelsHash));
