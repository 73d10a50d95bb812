/** File systems in memory, of a size that can be filled. Only root may mount them. */
import { spawnSync } from 'node:child_process';

/** Throws where it cannot be; the caller unmounts. */
export function mountTmpfs(directory: string, bytes: number): void {
  const args = ['-t', 'tmpfs', '-o', `size=${String(bytes)}`, 'tmpfs', directory];
  const { status, stderr } = spawnSync('mount', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`mount: ${stderr}`);
}
