import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TrainPlan } from '#dist/core/tasks/train.js';
import { itemTableOfEvents } from '#dist/core/events/read-items.js';
import type { FilesRead } from '#dist/core/events/read-events.js';
import { expectedPairs, plainPairs, readEvents } from '../../../helpers/event-oracle.js';
import { isFullTest } from '../../../helpers/full-tests.js';
import { forms, type Form } from '../../../helpers/forms.js';
import { runHereJson } from '../../../helpers/run-here.js';
import { temporaryDirectories } from '../../../helpers/temporary-directory.js';

const makeDirectory = temporaryDirectories('file');

async function written(files: Form['files']): Promise<string[]> {
  const directory = makeDirectory();
  const paths: string[] = [];
  for (const [name, content] of Object.entries(files)) {
    const path = join(directory, name);
    mkdirSync(join(path, '..'), { recursive: true });
    if (typeof content === 'function') await content(path);
    else writeFileSync(path, content);
    paths.push(path);
  }
  return paths.sort();
}

function leftOutOf({ sources }: FilesRead): Record<string, number> {
  const all: Record<string, number> = {};
  for (const { leftOut = [] } of sources)
    for (const { what, rows } of leftOut) all[what] = (all[what] ?? 0) + rows;
  return all;
}

describe('listening in the form of', () => {
  it.each(forms)('$what is read, and so by the line to paste', async (form) => {
    const files = await written(form.files);
    const read = await readEvents(files, { ...form.options, firstLook: true });
    const { interactions, sources, examples, asRead } = read;
    expect(plainPairs(interactions)).toEqual(expectedPairs(form.events));
    expect(sources.map(({ profile }) => profile)).toEqual(form.profiles ?? sources.map(() => undefined));
    expect(leftOutOf(read)).toEqual(form.leftOut ?? {});
    expect(examples?.length).toBe(Math.min(3, sources.find(({ rows }) => rows > 0)?.rows ?? 0));
    const table = itemTableOfEvents(interactions.items, read.itemParts, read.itemDetails);
    for (const [key, wanted] of Object.entries(form.details ?? {})) {
      const { values } = table!.columns.find(({ name }) => name === key)!;
      const found = Object.entries(wanted).map(([id]) => {
        const row = Array.from({ length: table!.ids.length }, (_, at) => table!.ids.at(at)).indexOf(id);
        return [id, values[row]];
      });
      expect(Object.fromEntries(found)).toEqual(wanted);
    }
    if (asRead === undefined || asRead === null) return;
    // The others are `format`, or the names of columns.
    if (!isFullTest() && Object.keys(asRead).length < 3 && !/[ '.]/.test(asRead.columns ?? '')) return;
    const again = await readEvents(files, asRead);
    expect(again.interactions.sha256).toBe(interactions.sha256);
  });
});

it('a folder of exports is read by its name alone, and by the line to paste', async () => {
  const [first] = forms;
  const [path = ''] = await written(first!.files);
  const cwd = join(path, '..', '..');
  const { json } = await runHereJson(['train', '.', '--dry-run'], { cwd });
  const { files, remarks, examples, asRead, events, snapshot } = json as TrainPlan;
  expect(events).toBe(first!.events.length);
  expect(new Set(files.map(({ profile }) => profile))).toEqual(new Set(first!.profiles));
  expect(examples).toHaveLength(3);
  expect(remarks.map(({ about, message }) => [about, message])).toContainEqual([
    'rows',
    'left out of 26 rows: plays of less than 30 s (6), podcasts (2)',
  ]);
  // Podcasts have a profile of their own: one line does not say both.
  expect(asRead).toBeNull();
  if (!isFullTest()) return;
  const music = files.flatMap(({ path, profile }) => (profile === 'spotify-account' ? [path] : []));
  const again = await runHereJson(['train', ...music, '--format', 'spotify-account', '--dry-run'], { cwd });
  expect((again.json as TrainPlan).snapshot).toBe(snapshot);
});
