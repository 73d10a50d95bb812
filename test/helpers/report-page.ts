import { expect } from 'vitest';

/** Elements that have no end. */
const empty = new Set(['meta', 'link', 'br', 'hr', 'img', 'input']);

/**
 * Holds a page against what every report keeps: each element is closed where it was opened, nothing runs, and nothing leads
 * anywhere but to a place on the page that is there. Returns the text that a reader sees.
 */
export function expectSelfContained(page: string): string {
  expect(page.startsWith('<!doctype html>\n<html lang="en">')).toBe(true);
  expect(/<script|<iframe|<object|<embed|<link|@import|<[^>]*\son[a-z]+=/i.exec(page)).toBeNull();
  const urls = [...page.matchAll(/(?:https?:)?\/\/[a-z0-9.-]+[^\s"'<)]*/gi)].map(([url]) => url);
  expect(urls.filter((url) => url !== 'http://www.w3.org/2000/svg')).toEqual([]);
  expect(/<[^>]*(\ssrc=|\sstyle=)/.exec(page)).toBeNull();

  const open: string[] = [];
  const withoutStyle = page.replace(/<style>[\s\S]*?<\/style>/g, '');
  const text: string[] = [];
  let at = 0;
  for (const tag of withoutStyle.matchAll(/<(\/?)([a-z][a-zA-Z0-9]*)((?:\s[^<>]*?)?)(\/?)>/g)) {
    const [whole, isEnd, name = '', attributes = '', isClosed] = tag;
    text.push(withoutStyle.slice(at, tag.index));
    at = tag.index + whole.length;
    const names = [...attributes.matchAll(/\s([a-zA-Z-]+)(?:="([^"]*)")?/g)];
    expect(attributes.replaceAll(/\s[a-zA-Z-]+(="[^"]*")?/g, '').trim(), whole).toBe('');
    expect(new Set(names.map(([, each]) => each)).size, whole).toBe(names.length);
    if (isEnd === '/') expect(open.pop(), whole).toBe(name);
    else if (isClosed !== '/' && !empty.has(name)) open.push(name);
  }
  expect(open).toEqual([]);
  expect(text.join('').replace('<!doctype html>', '').indexOf('<')).toBe(-1);

  const ids = [...withoutStyle.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [, target] of withoutStyle.matchAll(/\shref="([^"]*)"/g))
    expect(ids.map((id) => `#${id}`)).toContain(target);
  // What is drawn has words beside it.
  expect([...page.matchAll(/<svg class="chart"/g)]).toHaveLength(
    [...page.matchAll(/<svg class="chart"[^>]* role="img" aria-label="[^"]+"/g)].length,
  );
  return text.join(' ');
}
