import { fileURLToPath } from 'node:url';
import type { Command } from '@oclif/core/command';
import { Plugin } from '@oclif/core/config';
import { findModel } from '#dist/core/models/all-models.js';
import { modelNames } from '#dist/core/models/model.js';
import { beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

let commands: Command.Cached[] = [];

beforeAll(async () => {
  // From the commands themselves, as the manifest is made: an old manifest hides nothing.
  const plugin = new Plugin({
    root,
    ignoreManifest: true,
    errorOnManifestCreate: true,
    respectNoCacheDefault: true,
  });
  await plugin.load();
  commands = Object.values(plugin.manifest.commands);
});

/** Everything of a command that scripts rely on, a line each. */
function surfaceOf(command: Command.Cached): string {
  const args = Object.values(command.args).map((arg) => {
    const name = `${arg.name.toUpperCase()}${arg.multiple === true ? '...' : ''}`;
    return arg.required === true ? name : `[${name}]`;
  });
  const flags = Object.values(command.flags).map((flag) => {
    const short = flag.char === undefined ? '' : `-${flag.char}, `;
    if (flag.type === 'boolean') return `  ${short}--${flag.name} ${String(flag.env)}`;
    const value = `${flag.options?.join('|') ?? String(flag.helpValue)}${flag.multiple === true ? '...' : ''}`;
    const usual = flag.default === undefined ? '' : ` [${String(flag.default)}]`;
    return `  ${short}--${flag.name}=${value}${usual} ${String(flag.env)}`;
  });
  return [
    [command.id === 'front-page' ? '(segue alone)' : command.id, ...args].join(' '),
    ...flags.sort(),
  ].join('\n');
}

describe('the command surface', () => {
  it('is what it was: a change here is a change for every script', async () => {
    const surface = commands.map(surfaceOf).sort().join('\n\n');
    await expect(`${surface}\n`).toMatchFileSnapshot('surface.txt');
  });

  it('gives every command a summary, a description and examples', () => {
    for (const { id, summary, description, examples } of commands) {
      expect(summary, id).toMatch(/^[A-Z].*[^.]$/);
      expect(description, id).toMatch(/\.$/);
      expect(examples?.length, id).toBeGreaterThan(0);
    }
  });

  it('gives every flag a description', () => {
    for (const command of commands) {
      for (const [name, flag] of Object.entries(command.flags)) {
        const where = `${command.id} --${name}`;
        expect(flag.description, where).toMatch(/^\S.*[^.]$/);
        if (flag.type === 'option') {
          expect(flag.helpValue ?? flag.options, where).toBeDefined();
          expect(flag.description?.includes('(repeatable)'), where).toBe(flag.multiple);
        }
      }
    }
  });

  it('groups the flags of every command by subject, at most 14 a group', () => {
    for (const command of commands) {
      const sizes = new Map<string, number>();
      for (const [name, flag] of Object.entries(command.flags)) {
        expect(flag.helpGroup, `${command.id} --${name}`).toBeDefined();
        sizes.set(flag.helpGroup!, (sizes.get(flag.helpGroup!) ?? 0) + 1);
      }
      expect(Math.max(...sizes.values()), command.id).toBeLessThanOrEqual(14);
    }
  });

  it("has the options of one model in that model's group, and no others", () => {
    const { flags } = commands.find(({ id }) => id === 'train')!;
    const takersOf = (name: string): string[] =>
      // A blend takes the options of its members.
      modelNames.filter((model) => !model.includes('+') && findModel(model).flags.includes(name));
    for (const [name, { helpGroup }] of Object.entries(flags)) {
      const takers = takersOf(name);
      if (takers.length === 1) expect(helpGroup, name).toBe(takers[0]!.toUpperCase());
      else expect(modelNames, name).not.toContain(helpGroup!.toLowerCase());
    }
  });

  it('takes no letter twice', () => {
    for (const command of commands) {
      const letters = Object.values(command.flags).flatMap((flag) => flag.char ?? []);
      expect(new Set(letters).size, command.id).toBe(letters.length);
    }
  });
});
