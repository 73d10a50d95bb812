import { h, type FunctionComponent } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { describe, expect, it } from 'vitest';
import { axisOf, shortNumber } from '#dist/figures/axis-scale.js';
import { darkColours, figureCss, lightColours } from '#dist/figures/figure-style.js';
import { Histogram } from '#dist/figures/histogram.js';
import { IntervalBars } from '#dist/figures/interval-bars.js';
import { LineChart } from '#dist/figures/line-chart.js';

function drawn<P>(chart: FunctionComponent<P>, props: NoInfer<P>): string {
  const svg = renderToString(h(chart as FunctionComponent<any>, props as any));
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  return svg;
}

const texts = (svg: string): string[] =>
  [...svg.matchAll(/<text[^>]*>(.*?)<\/text>/g)].map(([, text]) => text!);

describe('an axis', () => {
  it('keeps order, and puts the ends of its domain at the ends of its range', () => {
    const linear = axisOf({ label: 'x', domain: [2, 8], exact: true }, [10, 110], 5);
    expect([linear.at(2), linear.at(5), linear.at(8)]).toEqual([10, 60, 110]);
    const log = axisOf({ label: 'x', scale: 'log', domain: [1, 10_000] }, [0, 400], 5);
    expect([1, 10, 100, 10_000].map((value) => Math.round(log.at(value)!))).toEqual([0, 100, 200, 400]);
    expect(log.ticks.map(({ text }) => text)).toEqual(['1', '10', '100', '1k', '10k']);
  });

  it('has no place for what it cannot show', () => {
    const log = axisOf({ label: 'x', scale: 'log', domain: [1, 10] }, [0, 1], 5);
    expect([log.at(0), log.at(-1), log.at(Infinity), log.at(NaN)]).toEqual(Array(4).fill(undefined));
    expect(axisOf({ label: 'x', domain: [0, 1] }, [0, 1], 5).at(NaN)).toBeUndefined();
  });

  it.each([
    [[3, 3], 'linear'],
    [[3, 3], 'log'],
    [[0, 5], 'log'],
    [[0.02, 0.05], 'log'],
    [[1, 4e9], 'log'],
  ] as const)('of %j, %s, has ticks within its range, each once', (domain, scale) => {
    const { ticks } = axisOf({ label: 'x', scale, domain }, [0, 300], 6);
    expect(ticks.length).toBeGreaterThan(0);
    expect(ticks.length).toBeLessThanOrEqual(12);
    expect(new Set(ticks.map(({ text }) => text)).size).toBe(ticks.length);
    for (const { at } of ticks) expect(at).toBeGreaterThanOrEqual(-1e-6);
    for (const { at } of ticks) expect(at).toBeLessThanOrEqual(300 + 1e-6);
  });

  it('shortens large numbers', () => {
    expect([0, 0.25, 7, 999, 1000, 1250, 37_647, 2e6, 4e9].map(shortNumber)).toEqual([
      ...['0', '0.25', '7', '999', '1k', '1.3k', '37.6k', '2M', '4G'],
    ]);
  });
});

describe('a chart of lines', () => {
  const axes = { x: { label: 'epoch', domain: [0, 4] }, y: { label: 'loss', domain: [0, 1] } } as const;

  it('leaves out points that have no place, and names several lines', () => {
    const svg = drawn(LineChart, {
      ...axes,
      label: 'losses',
      series: [
        {
          name: 'one',
          points: [
            [1, 0.5],
            [2, NaN],
            [3, 0.25],
          ],
          dots: true,
        },
        { name: 'other', points: [] },
      ],
    });
    expect([...svg.matchAll(/<circle/g)]).toHaveLength(2);
    expect(texts(svg)).toEqual(expect.arrayContaining(['one', 'other', 'epoch', 'loss']));
    expect(svg).toMatch(
      /^<svg class="chart" xmlns="[^"]+" viewBox="0 0 400 \d+" role="img" aria-label="losses">/,
    );
  });

  it('makes names harmless', () => {
    const svg = drawn(LineChart, {
      ...axes,
      label: '"><script>',
      series: [
        { name: '<script>\u202e', points: [[0, 0]] },
        { name: 'b', points: [[1, 1]] },
      ],
    });
    expect(svg).not.toMatch(/<script|\u202e/);
    expect(texts(svg)).toContain('&lt;script>\\u202e');
  });
});

it('a histogram has a bar a bin, as high as its count, and none for an empty one', () => {
  const svg = drawn(Histogram, {
    label: 'counts',
    bins: [
      { from: 1, to: 2, count: 10 },
      { from: 2, to: 4, count: 0 },
      { from: 4, to: 8, count: 5 },
    ],
    x: { label: 'events', scale: 'log' },
    y: { label: 'items' },
  });
  const bars = [...svg.matchAll(/<rect[^>]* width="([\d.]+)" height="([\d.]+)"/g)].map((each) =>
    each.slice(1).map(Number),
  );
  expect(bars).toHaveLength(2);
  expect(bars[0]![1]! / bars[1]![1]!).toBeCloseTo(2, 1);
  expect(bars[0]![0]).toBeCloseTo(bars[1]![0]!, 0);
});

it('bars have whiskers where there are intervals, and reach to either side of 0', () => {
  const svg = drawn(IntervalBars, {
    label: 'differences',
    axis: 'difference',
    series: ['als', 'ease'],
    groups: [
      { name: 'recall@10', bars: [{ value: 0.1, interval: [0.05, 0.15] }, { value: -0.1 }] },
      { name: 'a name that is much too long for its place', bars: [{ value: null }, { value: 0 }] },
    ],
    text: (value) => value.toFixed(2),
  });
  expect([...svg.matchAll(/<rect/g)]).toHaveLength(3);
  expect([...svg.matchAll(/class="whisker"/g)]).toHaveLength(1);
  expect(texts(svg)).toEqual(expect.arrayContaining(['0.10', '-0.10', '0.00', 'a name that is …']));
  const [first, second] = [...svg.matchAll(/<rect[^>]* x="([\d.]+)"[^>]* width="([\d.]+)"/g)].map((each) =>
    each.slice(1).map(Number),
  );
  // They meet at 0.
  expect(second![0]! + second![1]!).toBeCloseTo(first![0]!, 0);
});

/** WCAG 2.2: relative luminance. */
function contrast(one: string, other: string): number {
  const luminance = (colour: string): number => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
      const value = parseInt(colour.slice(at, at + 2), 16) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

it.each([
  ['light', lightColours],
  ['dark', darkColours],
])('%s text and marks stand out from their ground', (_, colours) => {
  const { background, text, muted, series } = colours;
  for (const colour of [text, muted]) expect(contrast(colour, background)).toBeGreaterThanOrEqual(4.5);
  for (const colour of series) expect(contrast(colour, background)).toBeGreaterThanOrEqual(4.5);
  expect(figureCss(colours)).toContain(`.f3{fill:${series[3]}}`);
});
