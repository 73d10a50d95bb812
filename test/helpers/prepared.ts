import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { inject } from 'vitest';
import { tryLock } from '#dist/core/files/kernel-lock.js';
import { sha256Hex } from '#dist/core/files/sha256.js';
import { folderAt, type Folder } from './trained-root.js';

/** What a command said with --json: a document a line. */
export type Answer = readonly Record<string, any>[];

/** Command lines of segue, in order: the fixture that is left after them. */
export type Steps = readonly (readonly string[])[];

/** Files by name, written before the first step. */
export type GivenFiles = Readonly<Record<string, string>>;

/**
 * Puts into `folder` what segue makes there by these steps, and returns what each said. Steps that any test of this run has asked
 * for are not run again: everybody gets a copy, of which the first steps are shared too. So the order of
 * flags counts.
 */
export async function prepare(folder: Folder, steps: Steps, files: GivenFiles = {}): Promise<Answer[]> {
  const template = await templateAfter(steps, files);
  copyTree(join(template, 'folder'), folder.path);
  const said = readFileSync(join(template, 'answers.json'), 'utf8');
  return JSON.parse(
    said.replaceAll(JSON.stringify(join(template, 'folder')).slice(1, -1), folder.path),
  ) as Answer[];
}

/** With the same times and hard links, into a directory that is there: its files are nobody else's. */
function copyTree(from: string, to: string): void {
  execFileSync('cp', ['-a', `${from}/.`, to]);
}

async function templateAfter(steps: Steps, files: GivenFiles): Promise<string> {
  const template = join(inject('runDirectory'), sha256Hex(JSON.stringify([files, steps])).slice(0, 16));
  const isThere = (): boolean => existsSync(template);
  while (!isThere()) {
    const lock = tryLock(`${template}.lock`, { create: true, doing: 'making a fixture' });
    if (lock === undefined) {
      await wait(50);
      continue;
    }
    try {
      if (!isThere()) await makeTemplate(template, steps, files);
    } finally {
      lock.release();
    }
  }
  return template;
}

async function makeTemplate(template: string, steps: Steps, files: GivenFiles): Promise<void> {
  const draft = `${template}.draft`;
  const path = join(draft, 'folder');
  mkdirSync(path, { recursive: true });
  const answers: Answer[] = [];
  const [last] = steps.slice(-1);
  if (last === undefined) {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  } else {
    const folder = folderAt(path);
    answers.push(...(await prepare(folder, steps.slice(0, -1), files)), await folder.json(last));
  }
  const said = JSON.stringify(answers).replaceAll(draft, template);
  writeFileSync(join(draft, 'answers.json'), said);
  renameSync(draft, template);
}
