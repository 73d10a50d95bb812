import fc from 'fast-check';
import { lexer } from 'marked';
import type { Token, Tokens } from 'marked';
import { describe, expect, it } from 'vitest';
import { drawMarkdown, markdownCode, markdownSentence, markdownText } from '#dist/cli/terminal/markdown.js';
import { safeText } from '#dist/cli/terminal/safe-text.js';

/** What GitHub or Markdown could read as more than text, and what could end a cell, a line or a code span. */
const hostile = [
  ...['`', '``', '|', '\\', '\\|', '*', '__', '~~', '<b>', '</td>', '</details>', '<!--', '&amp;', '&#64;'],
  ...[
    '@bob',
    '#12',
    'GH-12',
    'a@b.co',
    'http://x.y',
    'www.x.y',
    '[x](y)',
    '![i](j)',
    '$x$',
    ':smile:',
    'deadbeef',
  ],
  ...['\n', '\r', '\u001b[31m', '\u202e', '\u0000', '---', '# ', '> ', '1. ', '- '],
];
const texts = fc
  .array(fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: 'grapheme', maxLength: 6 })), {
    minLength: 1,
    maxLength: 8,
  })
  .map((parts) => parts.join('').slice(0, 60))
  .filter((text) => text.trim() !== '');

/** Text that GitHub makes something of wherever it stands outside code. */
const mention = /[@#$_]|\w:\w|:\w|https?:|www\.|GH-\d/u;

function tableOf(markdown: string): Tokens.Table {
  const tokens = lexer(markdown).filter(({ type }) => type !== 'space');
  expect(tokens.map(({ type }) => type)).toEqual(['heading', 'table']);
  return tokens[1] as Tokens.Table;
}

/** One text, plain or in code, and nothing else. */
function onlyText(tokens: readonly Token[]): { readonly text: string; readonly isCode: boolean } {
  const types = new Set(tokens.map(({ type }) => type));
  expect(types.size, JSON.stringify(tokens)).toBeLessThanOrEqual(1);
  expect(['text', 'codespan']).toContain([...types][0] ?? 'text');
  return { text: tokens.map((token) => (token as Tokens.Text).text).join(''), isCode: types.has('codespan') };
}

describe('text from data in Markdown', () => {
  it.each([
    ['as it is or as code', markdownText],
    ['always as code', markdownCode],
  ])('is one text in its cell, whatever it says: %s', async (_, asMarkdown) => {
    await fc.assert(
      fc.asyncProperty(texts, texts, async (one, other) => {
        const rows = [[await asMarkdown(one), await asMarkdown(other), 'end']];
        const table = tableOf(drawMarkdown('### x', [{ heads: ['a', 'b', 'c'], right: [], rows }], 60_000));
        expect(table.rows).toHaveLength(1);
        const cells = table.rows[0]!.map(({ tokens }) => onlyText(tokens));
        expect(cells[2]!.text).toBe('end');
        for (const [at, text] of [one, other].entries()) {
          const { text: shown, isCode } = cells[at]!;
          const wanted = safeText(text).replaceAll('\\|', '\\\\x7c');
          if (wanted.length <= 80) expect(shown.trim()).toBe(wanted.trim());
          if (!isCode) expect(shown).not.toMatch(mention);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('is as it is where it means nothing', async () => {
    for (const text of [
      "Ain't Talkin' 'bout Love – Van Halen",
      'Sigur Rós',
      '雪の降る街',
      'Chapter 1: Rain',
      '(live)',
    ]) {
      expect(await markdownText(text)).toBe(text);
    }
  });

  it.each([
    ['@bob', '`@bob`'],
    ['AC/DC', '`AC/DC`'],
    ['a|b', '`a\\|b`'],
    ['a`b', '``a`b``'],
    ['`a', '`` `a ``'],
    ['a\\|b', '`a\\\\x7cb`'],
    ['PROJ-12', '`PROJ-12`'],
    ['0123456789abcdef', '`0123456789abcdef`'],
    ['two\nlines', '`two\\nlines`'],
    ['', ''],
  ])('is code where it could: %j', async (text, markdown) => expect(await markdownText(text)).toBe(markdown));

  it('is cut where it is long', async () => {
    expect(await markdownText('x'.repeat(1_000_000))).toBe(`${'x'.repeat(79)}…`);
  });

  it('in a sentence is code by the word', async () => {
    expect(await markdownSentence('another basis: overlap@10 is 47.9 %')).toBe(
      'another basis: `overlap@10` is 47.9 %',
    );
  });
});

describe('the length of Markdown', () => {
  const rows = Array.from({ length: 2000 }, (_, at) => [`row ${String(at)}`, '日'.repeat(30)]);
  const table = { heads: ['a', 'b'], right: [0], rows };

  it('is bounded: the last rows give way, and it says how many', () => {
    for (const mostBytes of [500, 1000, 64_000]) {
      const drawn = drawMarkdown('### x', [table, { ...table, title: 'More' }], mostBytes);
      expect(Buffer.byteLength(drawn)).toBeLessThanOrEqual(mostBytes);
      const shown = drawn.match(/^\| row \d+/gm)!.length;
      expect(drawn).toContain(`… and ${String(2000 - shown)} more`);
    }
  });

  it('leaves out a table of which not even a row fits, and empty ones', () => {
    expect(drawMarkdown('### x', [table], 30)).toBe('### x');
    expect(drawMarkdown('### x', [{ ...table, rows: [] }], 60_000)).toBe('### x');
  });

  it('never leaves a table folded open', () => {
    for (let mostBytes = 100; mostBytes < 2000; mostBytes += 50) {
      const tables = Array.from({ length: 5 }, () => ({ ...table, title: 'More', rows: rows.slice(0, 4) }));
      const drawn = drawMarkdown('### x', tables, mostBytes);
      expect(Buffer.byteLength(drawn)).toBeLessThanOrEqual(mostBytes);
      expect(drawn.match(/<details>/g)?.length).toBe(drawn.match(/<\/details>/g)?.length);
    }
  });
});
