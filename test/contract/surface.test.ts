import { fileURLToPath } from 'node:url';
import type { Command } from '@oclif/core/command';
import { Plugin } from '@oclif/core/config';
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
  return [[command.id, ...args].join(' '), ...flags.sort()].join('\n');
}

/** --format is four flags: how events, answers, answers for many and vectors are written. They share no variable. */
function variableOf(name: string, flag: Command.Flag.Cached): string {
  const choices = name === 'format' && flag.type === 'option' ? (flag.options ?? []) : [];
  if (choices.includes('text')) return 'SEGUE_OUTPUT_FORMAT';
  if (choices.includes('ndjson')) return 'SEGUE_RANKING_FORMAT';
  if (choices.includes('word2vec')) return 'SEGUE_VECTOR_FORMAT';
  return `SEGUE_${name.toUpperCase().replaceAll('-', '_')}`;
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

  it('gives every flag a description and an environment variable of its own name', () => {
    for (const command of commands) {
      for (const [name, flag] of Object.entries(command.flags)) {
        const where = `${command.id} --${name}`;
        expect(flag.description, where).toMatch(/^\S.*[^.]$/);
        expect(flag.env, where).toBe(variableOf(name, flag));
        if (flag.type === 'option') {
          expect(flag.helpValue ?? flag.options, where).toBeDefined();
          expect(flag.description?.includes('(repeatable)'), where).toBe(flag.multiple);
        }
      }
    }
  });

  it('means the same by a flag in every command, of which some take several', () => {
    const meanings = new Map<string, string>();
    for (const command of commands) {
      for (const [name, flag] of Object.entries(command.flags)) {
        // Where several models are taken, each may bring options of its own.
        if (name === 'model' && flag.type === 'option' && flag.multiple === true) continue;
        // What is overridden is said of every command.
        if (name === 'force') continue;
        const one = { ...flag, description: flag.description?.replace(' (repeatable)', '') };
        const howMany = ['multiple', 'multipleNonGreedy', 'default', 'hasDynamicHelp'];
        const meaning = JSON.stringify(one, (key, value: unknown) =>
          howMany.includes(key) ? undefined : value,
        );
        const variable = variableOf(name, flag);
        expect(meanings.get(variable) ?? meaning, `${command.id} --${name}`).toBe(meaning);
        meanings.set(variable, meaning);
      }
    }
  });

  it('takes no letter twice', () => {
    for (const command of commands) {
      const letters = Object.values(command.flags).flatMap((flag) => flag.char ?? []);
      expect(new Set(letters).size, command.id).toBe(letters.length);
    }
  });
});
