/** clients/python: its own tests, and its reader beside publishing and collecting. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { gc } from '#dist/core/tasks/gc.js';
import { publish } from '#dist/core/tasks/publish.js';
import { useCanaryHere } from '../helpers/canary-here.js';
import { runsPython } from '../helpers/python.js';
import { cleanEnv } from '../helpers/run-segue.js';
import { listening, makeSnapshot } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

useCanaryHere();

const temporaryDirectory = temporaryDirectories();
const client = fileURLToPath(new URL('../../clients/python', import.meta.url));
const env = cleanEnv({ NODE: process.execPath, PYTHONPATH: join(client, 'src') });

interface Counts {
  readonly reads: number;
  readonly mixed: number;
  readonly failed: number;
  readonly lastError: string;
}

/**
 * Opens current again and again until stdin closes. All numbers of a snapshot are its id's: files that differ were of
 * two. One in ten is held until three others were published, so that it is spare, but for the lease, when its files are
 * opened.
 */
const reader = `
import json, sys, threading, time, segue
root = sys.argv[1]
stopped = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), stopped.set()), daemon=True).start()
counts = {"reads": 0, "mixed": 0, "failed": 0, "lastError": ""}
def hold(snapshot):
    seen = {snapshot.id}
    while len(seen) < 4 and not stopped.wait(0.001):
        seen.add(segue.current_id(root))
while not stopped.is_set():
    try:
        with segue.open(root) as snapshot:
            if counts["reads"] % 10 == 9:
                hold(snapshot)
            wanted = int(snapshot.id, 16)
            eigenvalues = snapshot._files.array("model/eigenvalues.npy", "<f8", (2,))
            if not ((snapshot.item_vectors == wanted).all() and (eigenvalues == wanted).all()):
                counts["mixed"] += 1
    except Exception as error:
        counts["failed"] += 1
        counts["lastError"] = repr(error)
    counts["reads"] += 1
    print(".", end="", flush=True)
print(json.dumps(counts))
`;

describe('the Python reader', { tags: ['readers'] }, () => {
  it('passes its own tests', { timeout: 900_000 }, async () => {
    const basetemp = join(temporaryDirectory(), 'pytest');
    const args = [
      ...runsPython('import pytest, sys\nif code := pytest.main(): sys.exit(code)'),
      '-q',
      '--no-header',
      '-rs',
      '--color=no',
      `--basetemp=${basetemp}`,
    ];
    const ended = await promisify(execFile)('python3', args, { cwd: client, env }).catch((error: unknown) => {
      throw new Error((error as { stdout: string }).stdout);
    });
    expect(ended.stdout).toMatch(/^\d+ passed/m);
  });

  it('reads nothing mixed and misses nothing, beside 200 publishes and a collector', async () => {
    const root = temporaryDirectory();
    let leased = 0;
    const publishNext = async (at: number): Promise<void> => {
      const snapshot = at.toString(16).padStart(16, '0');
      await makeSnapshot(root, snapshot, { value: at });
      await publish({ root, snapshot, require: [], dryRun: false }, listening());
      const { snapshots } = await gc({ root, keep: 0, dryRun: false }, listening());
      leased += snapshots.filter(({ why }) => why.includes('leased')).length;
    };
    await publishNext(1);
    const child = spawn('python3', [...runsPython(reader), root], {
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const closed = once(child, 'close');
    let text = '';
    child.stdout.on('data', (chunk) => (text += String(chunk)));
    await once(child.stdout, 'data');
    let at = 1;
    while (at <= 200 || text.length < 200) await publishNext(++at);
    child.stdin.end();
    await closed;
    const counts = JSON.parse(text.slice(text.indexOf('{'))) as Counts;
    expect(counts).toMatchObject({ mixed: 0, failed: 0, lastError: '' });
    expect(counts.reads).toBeGreaterThanOrEqual(200);
    // The collector met snapshots that only the reader kept.
    expect(leased).toBeGreaterThan(5);
  });
});
