/** The kernel kills the process that opens a new snapshot: nothing is called damaged, and nothing is made twice. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runSegueJson } from '../helpers/run-segue.js';
import { classicRock, makeFolder } from '../helpers/trained-root.js';
import type { Folder } from '../helpers/trained-root.js';

let folder: Folder;
let root: string;
beforeAll(() => {
  folder = makeFolder();
  root = join(folder.path, 'root');
});
afterAll(() => folder.remove());

const events = classicRock.plays;
const entries = (): string[] => readdirSync(join(root, 'snapshots'));

/** Kills, by its program's name, the process that is sent ahead; the command itself runs. */
const killingIt = {
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(
    'if (process.argv[1]?.endsWith("canary-process.js")) process.kill(process.pid, "SIGKILL")',
  )}`,
};

async function run(args: readonly string[], env: Record<string, string> = {}) {
  const { code, json } = await runSegueJson(args, { env: { SEGUE_ROOT: root, ...env }, timeoutMs: 120_000 });
  return { code, json: json as Record<string, unknown> & { error?: { code: string; message: string } } };
}

describe('where the canary is killed', () => {
  it.each<[string, string[]]>([
    ['train', ['train', events, '--factors', '4', '--epochs', '2']],
    ['build-index', ['build-index']],
    ['user-vector --all', ['user-vector', '--all', '--half-life', '30d']],
  ])('%s ends with 7, and the same command goes on from there', async (_what, args) => {
    const before = entriesIfAny();
    const killed = await run(args, killingIt);
    expect(killed).toMatchObject({ code: 7, json: { error: { code: 'unchecked' } } });
    expect(killed.json.error?.message).toContain('SIGKILL');
    const [kept = ''] = entries().filter((name) => name.startsWith('.'));
    expect(kept).toMatch(/^\.unchecked-[0-9a-f]{16}$/);
    expect(entries()).toHaveLength(before.length + 1);

    const again = await run(args);
    expect(again).toMatchObject({
      code: 0,
      json: { snapshot: kept.slice('.unchecked-'.length), existed: true },
    });
    expect(entries().sort()).toEqual([...before, String(again.json['snapshot'])].sort());
  });

  it('publish changes nothing, and says that nothing is known', async () => {
    expect(await run(['publish'], killingIt)).toMatchObject({
      code: 7,
      json: { error: { code: 'unchecked' } },
    });
    expect(await run(['snapshots', 'verify', 'latest'], killingIt)).toMatchObject({
      code: 7,
      json: { error: { code: 'unchecked' } },
    });
    expect(await run(['publish'])).toMatchObject({ code: 0, json: { previous: null } });
  });
});

function entriesIfAny(): string[] {
  try {
    return entries();
  } catch {
    return [];
  }
}
