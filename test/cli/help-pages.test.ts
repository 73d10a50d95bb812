import { Config } from '@oclif/core/config';
import { fileURLToPath } from 'node:url';
import stringWidth from 'string-width';
import { expect, it } from 'vitest';
import { helpGroups } from '#dist/cli/flags/flag-kinds.js';
import SegueHelp from '#dist/cli/help.js';

/** The pages, without printing them. */
class Pages extends SegueHelp {
  pageOf(command: Parameters<SegueHelp['formatCommand']>[0]): string {
    return `${this.summary(command) ?? ''}\n${this.formatCommand(command)}`;
  }
}

const config = await Config.load(fileURLToPath(new URL('../..', import.meta.url)));
const ours = config.commands.filter(({ pluginName }) => pluginName === config.name);

it('help pages have the groups of flags in one order', () => {
  const pages = new Pages(config, { maxWidth: 80 });
  for (const command of ours) {
    const headings = [...pages.pageOf(command).matchAll(/^([A-Z0-9-]+) FLAGS$/gm)].map(([, name]) => name);
    expect(headings.length, command.id).toBeGreaterThan(0);
    expect(headings, command.id).toEqual(helpGroups.filter((group) => headings.includes(group)));
  }
});

it('help pages are wrapped for terminals of 20 columns and more, but for commands and long words', () => {
  expect(ours.length).toBeGreaterThan(15);
  const wide: string[] = [];
  for (const width of [20, 30, 80]) {
    const pages = new Pages(config, { maxWidth: width });
    for (const command of ours) {
      for (const line of pages.pageOf(command).split('\n')) {
        const isCommand = line.includes('$ ') || line.includes('segue ') || line.includes('examples/');
        if (stringWidth(line) > width && !isCommand) wide.push(`${width} ${command.id}: ${line}`);
      }
    }
  }
  expect(wide).toEqual([]);
});
