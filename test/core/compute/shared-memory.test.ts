import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { HeldParts } from '#dist/core/compute/held-memory.js';
import { SharedMemories } from '#dist/core/compute/shared-memories.js';
import { sharedMemory } from '#dist/core/compute/shared-memory.js';
import { layoutOf, type Workspace } from '#dist/core/compute/workspace.js';

interface Address {
  readonly numbers: number;
}

const numbers = { count: 100, bytes: 400 };

function parts(fill: () => void = () => undefined): HeldParts<Address, Address> {
  return {
    name: 'numbers',
    held: layoutOf({ numbers: numbers.bytes }),
    own: layoutOf({ numbers: numbers.bytes }),
    fill(workspace, at) {
      fill();
      read(workspace, at).fill(7);
    },
  };
}

function read(workspace: Workspace, at: Address): Uint32Array {
  return workspace.u32(at.numbers, numbers.count);
}

/** The memories of three threads, all of which are this one. */
async function withMemories(use: (memories: SharedMemories) => void): Promise<void> {
  const memories = new SharedMemories(3, () => {
    throw new Error('the keeper ended');
  });
  try {
    use(memories);
  } finally {
    await memories.close();
    await setImmediate();
  }
}

const wanted = (): void => undefined;

describe('memory that threads share', () => {
  it('is filled once, and what each writes is apart', async () => {
    await withMemories((memories) => {
      let fills = 0;
      const opened = [0, 1, 2].map((thread) =>
        sharedMemory(memories.join(thread), wanted).open(parts(() => fills++)),
      );
      expect(fills).toBe(1);
      const [first] = opened;
      expect(new Set(opened.map(({ own }) => own.numbers)).size).toBe(3);
      opened.forEach(({ workspace, held, own }, thread) => {
        expect(held).toEqual(first!.held);
        expect(read(workspace, held)).toEqual(new Uint32Array(numbers.count).fill(7));
        read(workspace, own).fill(thread + 1);
      });
      opened.forEach(({ own }, thread) => {
        expect(read(first!.workspace, own)).toEqual(new Uint32Array(numbers.count).fill(thread + 1));
        expect(own.numbers + numbers.bytes).toBeLessThanOrEqual(first!.workspace.memory.buffer.byteLength);
      });
      expect(read(first!.workspace, first!.held)).toEqual(new Uint32Array(numbers.count).fill(7));
    });
  });

  it('is two for what one thread has open twice', async () => {
    await withMemories((memories) => {
      const memory = sharedMemory(memories.join(0), wanted);
      const [one, other] = [memory.open(parts()), memory.open(parts())];
      read(one.workspace, one.own).fill(1);
      expect(read(other.workspace, other.own)).toEqual(new Uint32Array(numbers.count));
    });
  });

  it('is filled by the next one where filling failed, or its thread ended', async () => {
    await withMemories((memories) => {
      const [first, second, third] = [0, 1, 2].map((thread) => sharedMemory(memories.join(thread), wanted));
      const failing = parts(() => {
        throw new Error('the file is gone');
      });
      expect(() => first!.open(failing)).toThrow('the file is gone');
      let waited: ReturnType<NonNullable<typeof second>['open']> | undefined;
      // While the second fills it, it ends: the third waits, and is not left to wait.
      const ending = parts(() => {
        memories.leave(1);
        waited = third!.open(parts());
        throw new Error('ended');
      });
      expect(() => second!.open(ending)).toThrow('ended');
      expect(waited).toBeDefined();
    });
  });

  it('is not waited for by whoever need not answer any more', async () => {
    await withMemories((memories) => {
      const [first, second] = [wanted, abandoned].map((check, thread) =>
        sharedMemory(memories.join(thread), check),
      );
      first!.open(parts(() => expect(() => second!.open(parts())).toThrow('nobody waits')));
    });
  });

  it('says what was asked for where there is no such memory', async () => {
    await withMemories((memories) => {
      const own = layoutOf({ numbers: 2 ** 31 });
      expect(() => sharedMemory(memories.join(0), wanted).open({ ...parts(), own })).toThrow(
        expect.objectContaining({ code: 'too-large' }),
      );
    });
  });
});

function abandoned(): void {
  throw new Error('nobody waits');
}
