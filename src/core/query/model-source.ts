import type { Manifest } from '../snapshot/manifest.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';

/** What of a snapshot is read for its model and its index, wherever its files are. */
export interface ModelSource extends Pick<OpenSnapshot, 'id' | 'file' | 'has' | 'hasUsers'> {
  readonly manifest: Pick<Manifest, 'model' | 'inputs' | 'index'>;
}
