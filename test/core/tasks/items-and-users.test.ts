import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useCanaryHere } from '../../helpers/canary-here.js';
import { makeQueryRoot } from '../../queries/roots.js';
import type { Folder } from '../../helpers/trained-root.js';

useCanaryHere();

let folder: Folder;
beforeAll(async () => {
  ({ folder } = await makeQueryRoot('history'));
});
afterAll(() => folder.remove());

describe('segue items', () => {
  it('with a verb before the words finds nothing, and names the command without it', async () => {
    const hint = async (...args: string[]): Promise<string> => (await folder.segue(args)).stdout;
    expect(await hint('items', 'search', 'hunger', 'strike')).toContain('→ segue items hunger strike');
    expect(await hint('items', 'list')).toMatch(/→ segue items$/m);
    expect(await hint('users', 'list')).toMatch(/→ segue users$/m);
    expect(await hint('items', 'nothing')).not.toContain('→');
    const { stderr } = await folder.segue(['similar', '--kind', 'album', 'x'], 2);
    expect(stderr).toContain('or --item-columns album=NAME says which it is');
  });

  it('is a command and a topic: -- ends the verbs', async () => {
    const { stdout } = await folder.segue(['items', '--', 'show']);
    expect(stdout).toContain('"show" in names and ids of 5 items');
  });
});

it('segue users shows opinions', async () => {
  const { stdout } = await folder.segue(['users', 'show', 'ann']);
  expect(stdout).toMatch(/Zombie .* disliked/);
  expect(stdout).toMatch(/Hunger Strike .* banned/);
});
