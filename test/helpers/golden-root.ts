import { chmodSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { canonicalJsonLines } from '#dist/core/snapshot/canonical-json.js';
import { checksumOf } from '#dist/core/snapshot/manifest.js';
import type { Manifest } from '#dist/core/snapshot/manifest.js';

/** Where the golden roots of all format versions are: test/golden/README.md. */
export const goldenPath = fileURLToPath(new URL('../golden/', import.meta.url));

/** A copy of a version's golden root, at `root`, to be written to. */
export function copyGoldenRoot(version: string, root: string): void {
  cpSync(join(goldenPath, version, 'root'), root, { recursive: true, verbatimSymlinks: true });
}

/** Changes a snapshot's manifest as a later segue might write it: its checksum fits the change. */
export function changeManifest(directory: string, change: (manifest: Record<string, any>) => void): void {
  const path = join(directory, 'manifest.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Record<string, any>;
  change(manifest);
  manifest['checksum'] = checksumOf(manifest as Manifest);
  chmodSync(path, 0o644);
  writeFileSync(path, canonicalJsonLines(manifest));
}
