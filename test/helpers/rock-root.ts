/** A root of some hundred of the bundled songs, made once a run: for services, and where what was trained is no subject. */
import { prepare } from './prepared.js';
import { classicRock, makeFolder, type Folder } from './trained-root.js';

const { plays, items } = classicRock;

const rockTraining = [
  ...['train', plays, '--items', items, '--min-item-users', '30'],
  ...['--factors', '8', '--epochs', '1', '--threads', '1'],
] as const;

/** A folder of the caller's own, to be removed. */
export async function makeRockRoot({ published = true } = {}): Promise<Folder> {
  const folder = makeFolder();
  await prepare(folder, published ? [rockTraining, ['publish']] : [rockTraining]);
  return folder;
}
