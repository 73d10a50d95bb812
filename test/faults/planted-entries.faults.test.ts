/** What another user planted in a root that everybody may write to: refused or left alone, and nothing is followed. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { readCurrent } from '#dist/core/snapshot/resolve-reference.js';
import { quietly } from '../helpers/fault-sweep.js';
import { idA, idB, idC, makeSnapshot, plantSnapshot } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();
const keptDirectory = temporaryDirectories('file');
/** Who plants, and who publishes. */
const planter = 65_534;
const publisher = 65_533;

let root: string;
let elsewhere: string;

interface Outcome {
  readonly stdout: string;
  readonly error: { readonly code?: string; readonly exitCode?: number; readonly message?: string };
}

/** Runs a statement in a process of the user `uid`; what it printed, or threw. */
async function as(uid: number, statement: string): Promise<Outcome> {
  const program = `
    import * as fs from 'node:fs';
    import { publish } from '#dist/core/tasks/publish.js';
    import { beginSnapshot } from '#dist/core/snapshot/writing/write-snapshot.js';
    import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
    const [root, elsewhere] = process.argv.slice(1);
    const context = { signal: new AbortController().signal, onProgress: () => undefined };
    const publishing = (snapshot) => publish({ root, snapshot, require: [], gates: 'none', dryRun: false }, context);
    const error = await (async () => { ${statement} })().then(() => ({}), ({ code, exitCode, message }) => ({ code, exitCode, message }));
    process.stderr.write(JSON.stringify(error));`;
  const child = spawn(process.execPath, [...quietly, '--input-type=module', '-e', program, root, elsewhere], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...{ uid, gid: uid },
  });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (text) => (texts[name] += String(text)));
  await new Promise((resolve) => child.once('close', resolve));
  try {
    return { stdout: texts.stdout, error: JSON.parse(texts.stderr) as Outcome['error'] };
  } catch {
    throw new Error(`not an answer: ${texts.stderr}`);
  }
}

/** Gives everything below a path to a user. */
function give(path: string, uid: number): void {
  chownSync(path, uid, uid);
  if (!lstatSync(path).isDirectory()) return;
  for (const entry of readdirSync(path)) {
    const inner = join(path, entry);
    if (!lstatSync(inner).isSymbolicLink()) give(inner, uid);
  }
}

describe('in a root like /tmp', { tags: ['root'] }, () => {
  let template: string;

  beforeAll(async () => {
    template = keptDirectory();
    chmodSync(template, 0o755);
    root = join(template, 'root');
    elsewhere = join(template, 'elsewhere');
    await makeSnapshot(root, idA);
    await makeSnapshot(root, idB, { value: 2 });
    plantSnapshot(elsewhere, idC);
    writeFileSync(join(elsewhere, 'precious'), 'precious');
    give(root, publisher);
    give(elsewhere, publisher);
    for (const directory of [root, rootPath.snapshots(root), rootPath.locks(root)]) {
      chownSync(directory, 0, 0);
      chmodSync(directory, 0o1777);
    }
    expect((await as(publisher, `await publishing('${idA}')`)).error).toEqual({});
  });

  beforeEach(() => {
    const parent = temporaryDirectory();
    execFileSync('cp', ['-a', `${template}/.`, parent]);
    root = join(parent, 'root');
    elsewhere = join(parent, 'elsewhere');
  });

  const untouched = (): void => {
    expect(readFileSync(join(elsewhere, 'precious'), 'utf8')).toBe('precious');
    expect(readdirSync(elsewhere).sort()).toEqual(['precious', 'snapshots']);
    expect(readCurrent(root)).toBe(idA);
  };

  it.each<[string, string, string, string]>([
    [
      'a link where a snapshot would be',
      `fs.symlinkSync(elsewhere + '/snapshots/${idC}', root + '/snapshots/${idC}')`,
      'damaged-root',
      `${idC} is a symbolic link, not a snapshot's directory`,
    ],
    [
      'a file where a snapshot would be',
      `fs.writeFileSync(root + '/snapshots/${idC}', 'x')`,
      'damaged-root',
      `${idC} is a regular file, not a snapshot's directory`,
    ],
    [
      'a directory of links to a whole snapshot',
      `fs.mkdirSync(root + '/snapshots/${idC}');
       for (const name of ['manifest.json', 'model']) fs.symlinkSync(elsewhere + '/snapshots/${idC}/' + name, root + '/snapshots/${idC}/' + name);`,
      'damaged-snapshot',
      'manifest.json is a symbolic link where a regular file was expected',
    ],
    [
      'a directory with a link to the files of a snapshot',
      `fs.mkdirSync(root + '/snapshots/${idC}');
       fs.copyFileSync(elsewhere + '/snapshots/${idC}/manifest.json', root + '/snapshots/${idC}/manifest.json');
       fs.symlinkSync(elsewhere + '/snapshots/${idC}/model', root + '/snapshots/${idC}/model');`,
      'damaged-snapshot',
      'model',
    ],
  ])('%s is not published, read or followed', async (_what, plant, code, message) => {
    expect((await as(planter, plant)).error).toEqual({});
    for (const doing of [`publishing('${idC}')`, `openForReading(root, '${idC}', context)`]) {
      const { error } = await as(publisher, `await ${doing}`);
      expect(error).toMatchObject({ code, exitCode: 4, message: expect.stringContaining(message) });
    }
    untouched();
    expect((await as(publisher, `await publishing('${idB}')`)).error).toEqual({});
    expect(readCurrent(root)).toBe(idB);
  });

  it('a link named like a dead publisher’s, which may not be removed, is left and harms nobody', async () => {
    const name = '.current.1.0123456789ab';
    expect((await as(planter, `fs.symlinkSync('/etc', root + '/${name}')`)).error).toEqual({});
    expect((await as(publisher, `await publishing('${idB}')`)).error).toEqual({});
    expect(readCurrent(root)).toBe(idB);
    expect(existsSync(join(root, name))).toBe(true);
  });

  it('a link or a FIFO where the publish lock is makes a publisher stop, and nothing is written through it', async () => {
    const lock = rootPath.publishLock(root);
    for (const plant of [
      (): void => symlinkSync(join(elsewhere, 'precious'), lock),
      (): void => void spawnSync('mkfifo', ['-m', '666', lock]),
    ]) {
      spawnSync('rm', ['-f', lock]);
      plant();
      const { error } = await as(publisher, `await publishing('${idB}')`);
      expect(error).toMatchObject({ exitCode: 7, message: expect.stringContaining('lock/publish') });
      untouched();
    }
  });

  it('a publish lock of another user that may not be opened is named', async () => {
    const lock = rootPath.publishLock(root);
    chownSync(lock, planter, planter);
    chmodSync(lock, 0o600);
    const { error } = await as(publisher, `await publishing('${idB}')`);
    expect(error).toMatchObject({
      code: 'permission-denied',
      message: expect.stringContaining(`lock ${lock}: permission denied`),
    });
    untouched();
  });

  it('a link where the history is makes a publisher stop', async () => {
    spawnSync('rm', ['-f', rootPath.history(root)]);
    symlinkSync(join(elsewhere, 'precious'), rootPath.history(root));
    const { error } = await as(publisher, `await publishing('${idB}')`);
    expect(error).toMatchObject({
      code: 'damaged-root',
      exitCode: 4,
      message: expect.stringContaining('history.jsonl'),
    });
    untouched();
  });

  it('nobody else can plant anything in a snapshot that is being written; what is there already is not written over', async () => {
    const { error, stdout } = await as(
      publisher,
      `const draft = beginSnapshot(root, { estimatedBytes: 1 }, context);
       const path = draft.path('model/item.npy');
       process.stdout.write(String(fs.lstatSync(draft.directory).mode & 0o777));
       fs.symlinkSync(elsewhere + '/precious', path);
       try { draft.write('model/item.npy', [Buffer.from('overwritten')]); } finally { draft.abandon(); }`,
    );
    expect(stdout).toBe(String(0o700));
    expect(error).toMatchObject({ code: 'io-error', message: expect.stringContaining('it exists already') });
    untouched();
    expect(readdirSync(rootPath.snapshots(root)).sort()).toEqual([idA, idB]);
  });

  it('a draft of another user, dead or alive, is left alone', async () => {
    const draft = rootPath.draft(root, '0123456789abcdef');
    expect(
      (await as(planter, `fs.mkdirSync('${draft}'); fs.writeFileSync('${draft}/file', 'x')`)).error,
    ).toEqual({});
    const making = `beginSnapshot(root, { estimatedBytes: 1 }, context).abandon()`;
    expect((await as(publisher, making)).error).toEqual({});
    expect(readdirSync(draft)).toEqual(['file']);
  });
});
