import { fileURLToPath } from 'node:url';
import type { Command } from '@oclif/core/command';
import { Plugin } from '@oclif/core/config';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  argumentMeantByFlag,
  argumentSynonyms,
  commandSynonyms,
  flagSynonyms,
  meantByCommand,
  meantByFlag,
  verbSynonyms,
} from '#dist/cli/terminal/synonyms.js';

let commands: Command.Cached[] = [];
beforeAll(async () => {
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const plugin = new Plugin({ root, ignoreManifest: true, errorOnManifestCreate: true });
  await plugin.load();
  commands = Object.values(plugin.manifest.commands);
});

const words = (synonyms: readonly (readonly [string, ...string[]])[]): string[] =>
  synonyms.flatMap(([typed]) => typed.split(' '));

/** The flags of a command, as the parser knows them. */
const flagsOf = ({ flags }: Command.Cached): Parameters<typeof meantByFlag>[1] => flags;

describe('a flag that others call so', () => {
  it.each([
    ['train', '--dim', 'did you mean --factors?'],
    ['train', '--rank=8', 'did you mean --factors?'],
    ['train', '--iterations', 'did you mean --epochs?'],
    ['train', '--regularization', 'did you mean --reg?'],
    ['train', '--lambda', 'did you mean --reg?'],
    ['train', '--alpha', 'did you mean --confidence linear:ALPHA?'],
    ['train', '--name', 'did you mean --tag?'],
    ['similar', '-n', 'did you mean -k?'],
    ['similar', '-n5', 'did you mean -k?'],
    ['recommend', '--top', 'did you mean -k?'],
    ['recommend', '--limit', 'did you mean -k?'],
    ['recommend', '--filter', 'did you mean --where?'],
    ['recommend', '--output', 'did you mean --out?'],
    ['recommend', '--exclude-seen', 'seen items are left out unless --include-heard is given'],
    ['snapshots:history', '--top', 'did you mean --limit?'],
    ['evaluate', '-k', 'did you mean --at?'],
    ['evaluate', '--metrics', 'every metric is measured; --at sets the cutoffs'],
    ['tune', '--metrics', 'did you mean --metric?'],
    ['evaluate', '--cv', 'there is no cross-validation: --split makes one holdout, --seed another'],
    ['export', '--users', 'did you mean --what users?'],
    ['export', '--file', 'did you mean --out?'],
    ['train', '--titles', 'did you mean --items?'],
    ['diff-snapshots', '--html', 'did you mean --format markdown?'],
  ])('segue %s %s: %s', (id, typed, meant) => {
    expect(meantByFlag(typed, flagsOf(commands.find((command) => command.id === id)!))).toBe(meant);
  });

  it('is hinted at only where the command has what is meant', () => {
    const hinted = (id: string): string[] => {
      const flags = flagsOf(commands.find((command) => command.id === id)!);
      return words(flagSynonyms).filter((word) => meantByFlag(`--${word}`, flags) !== undefined);
    };
    expect(hinted('train')).toEqual(expect.arrayContaining(['dim', 'lambda', 'jobs', 'name', 'dir']));
    for (const word of ['dim', 'lambda', 'jobs', 'top', 'output'])
      expect(hinted('rollback')).not.toContain(word);
    expect(hinted('rollback')).toEqual(expect.arrayContaining(['message', 'dry', 'dir']));
  });

  it('leads to what some command has', () => {
    // Each meaning is the hint of a command that does not have the word itself.
    const unreachable = flagSynonyms.flatMap(([typed, ...meant]) =>
      typed.split(' ').flatMap((word) => {
        const others = commands.filter(({ flags }) => !(word in flags));
        const hints = others.map((command) => meantByFlag(`--${word}`, flagsOf(command)) ?? '');
        return meant
          .filter((text) => !hints.some((hint) => hint.includes(text)))
          .map((text) => `${word}: ${text}`);
      }),
    );
    expect(unreachable).toEqual([]);
  });
});

describe('the tables', () => {
  it('say every word once', () => {
    for (const table of [flagSynonyms, commandSynonyms, ...Object.values(verbSynonyms)]) {
      const all = words(table);
      expect(all.filter((word, at) => all.indexOf(word) !== at)).toEqual([]);
      expect(all.filter((word) => !/^[a-z][a-z0-9-]*$/.test(word))).toEqual([]);
    }
  });

  it('name arguments that some command has', () => {
    const known = new Set(commands.flatMap(({ args }) => Object.keys(args)));
    for (const [, ...names] of argumentSynonyms) for (const name of names) expect(known).toContain(name);
    expect(argumentMeantByFlag('--user', ['user'])).toBe('user');
    expect(argumentMeantByFlag('--user', ['item'])).toBeUndefined();
  });

  it('name commands that there are, by words that are none', () => {
    const known = commands.map(({ id }) => id.replaceAll(':', ' '));
    const meant = [...commandSynonyms, ...Object.values(verbSynonyms).flat()].flatMap(([, text = '']) =>
      // A sentence names commands too.
      text.includes(':')
        ? [...text.matchAll(/segue ([a-z]+)(?= [A-Z]|$)/g)].map(([, name]) => name!)
        : [text.replace(/(?<=\w) --[a-z-]+$/, '')],
    );
    expect(meant.filter((name) => !['--version', 'alone', ...known].includes(name))).toEqual([]);
    expect(words(commandSynonyms).filter((word) => known.includes(word))).toEqual([]);
    for (const [topic, synonyms] of Object.entries(verbSynonyms)) {
      expect(words(synonyms).filter((word) => known.includes(`${topic} ${word}`))).toEqual([]);
    }
    expect(meantByCommand('ls', 'snapshots')).toBe('did you mean segue snapshots list?');
    expect(meantByCommand('ls')).toBe('did you mean segue snapshots list?');
    expect(meantByCommand('similar')).toBeUndefined();
  });
});
