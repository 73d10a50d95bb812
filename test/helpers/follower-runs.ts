import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { openLedgerReader } from '#dist/core/ledger/open-reader.js';
import { binPath, cleanEnv } from './run-segue.js';

/** Starts `segue follow …` in a process of its own, and kills it after so many ms unless it has ended. */
export async function runOrKill(
  args: readonly string[],
  cwd: string,
  killAfterMs: number | undefined,
  onLine: (line: string) => void,
): Promise<{ readonly code: number | null; readonly isKilled: boolean; readonly stderr: string }> {
  const child = spawn(process.execPath, [binPath, 'follow', ...args], { cwd, env: cleanEnv() });
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(onLine);
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.end();
  const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  clearTimeout(timer);
  return { code, isKilled: signal === 'SIGKILL', stderr };
}

/**
 * What a state holds, by user: every entry of theirs, whatever the order in which they came. Ids that are made of positions are
 * those of one file; others begin with `e`.
 */
export function stateDigest(directory: string): {
  readonly users: number;
  readonly entries: number;
  readonly digest: string;
} {
  const reader = openLedgerReader(directory);
  if (reader === undefined) throw new Error(`${directory} holds no state`);
  const hash = createHash('sha256');
  let users = 0;
  let entries = 0;
  try {
    for (const user of reader.users()) {
      users++;
      const own = reader.of(user).map(({ id, item, type, weight, atMs }) => {
        entries++;
        const given = id.startsWith('e') ? id : '';
        return `${given} ${item ?? ''} ${type} ${weight} ${atMs}`;
      });
      hash.update(`${user}\n${own.sort().join('\n')}\n`);
    }
  } finally {
    reader.close();
  }
  return { users, entries, digest: hash.digest('hex') };
}
