/** Processes of other users that live for a whole test file, and are asked to do one thing after another. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Failure } from '#dist/cli/failure.js';
import { contentOf, modelFiles } from './snapshots.js';

export interface User {
  readonly uid: number;
  /** Beside the user's own, which has the number of the user. */
  readonly groups: readonly number[];
  readonly umask: number;
}

export interface Answer {
  /** What the statement returned. */
  readonly value?: any;
  /** As the command line describes it. */
  readonly error?: Pick<Failure, 'code' | 'exitCode' | 'message' | 'suggestions'> & {
    readonly errno?: string;
  };
  readonly warnings: readonly string[];
}

export interface Member {
  /** Runs the body of an async function, which has `root`, `api` and `context`. */
  run(root: string, statement: string): Promise<Answer>;
  kill(): Promise<void>;
}

/** Only root may start one. */
export async function startMember(user: User): Promise<Member> {
  const child = fork(fileURLToPath(new URL('member-process.mjs', import.meta.url)), [JSON.stringify(user)], {
    cwd: '/',
  });
  const ended = once(child, 'exit');
  await once(child, 'message');
  return {
    async run(root, statement) {
      const answered = once(child, 'message');
      child.send({ root, statement });
      return ((await Promise.race([answered, ended.then(() => [undefined])])) as [Answer])[0];
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** For a member: makes a small snapshot with this id. */
export function making(id: string, value = 1): string {
  const files = [...modelFiles(value)].map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]);
  return `
    const draft = api.beginSnapshot(root, { estimatedBytes: 1000 }, context);
    try {
      for (const [name, bytes] of ${JSON.stringify(files)}) draft.write(name, [Buffer.from(bytes, 'base64')]);
      await draft.commit(${JSON.stringify(contentOf(id))});
    } finally { draft.abandon(); }`;
}
