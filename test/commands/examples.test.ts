import { describe, expect, it } from 'vitest';
import { helpExamples } from '../helpers/help-examples.js';

/** That they do what they say is shown by examples.integration.test.ts. */
describe('the examples of --help', () => {
  it('name their command', () => {
    for (const { id, command, description } of helpExamples) {
      expect(command).toContain(`segue ${id.replaceAll(':', ' ')}`);
      expect(description).toMatch(/^[A-Z]/);
    }
  });

  it('have flags that there are', () => {
    expect(helpExamples.length).toBeGreaterThan(30);
    for (const { id, flags, command } of helpExamples) {
      // What stands before or after is another's.
      const own = command.split(/[|&;]/).filter((each) => each.includes(`segue ${id.replaceAll(':', ' ')}`));
      const named = [...own.join(' ').matchAll(/ --([a-z-]+)/g)].map(([, name]) => name!);
      const unknown = named.filter((name) => !flags.includes(name));
      expect(unknown, command).toEqual([]);
    }
  });
});
