/** @jsxImportSource preact */
import type { VNode } from 'preact';
import { decimals } from '../core/number-text.js';
import { ChartFrame, type ChartProps } from './chart-frame.js';
import { rounded } from './svg-text.js';

/** What is from `from` up to, but not, `to`. */
export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

export interface HistogramProps extends Omit<ChartProps, 'legend' | 'x' | 'y'> {
  readonly bins: readonly Bin[];
  readonly x: Omit<ChartProps['x'], 'domain'>;
  readonly y: Omit<ChartProps['y'], 'domain' | 'scale'>;
}

/** Between two bars. */
const gap = 1;

/** A bar a bin, side by side, from 0 up. */
export function Histogram({ bins, x, y, label }: HistogramProps): VNode {
  const domain = [bins[0]?.from ?? 0, bins.at(-1)?.to ?? 1] as const;
  const most = bins.reduce((max, { count }) => Math.max(max, count), 0);
  return (
    <ChartFrame label={label} x={{ ...x, domain, exact: true }} y={{ ...y, domain: [0, Math.max(1, most)] }}>
      {(plot) => (
        <g>
          {bins.map(({ from, to, count }) => {
            const [left, right] = [plot.x.at(from), plot.x.at(to)];
            const top = plot.y.at(count);
            if (left === undefined || right === undefined || top === undefined || count === 0) return null;
            // What is not nothing is seen.
            const height = Math.max(1, plot.bottom - top);
            return (
              <rect
                class="f0"
                x={rounded(left + gap / 2)}
                y={rounded(plot.bottom - height)}
                width={rounded(Math.max(0.5, right - left - gap))}
                height={rounded(height)}
              >
                <title>{`${decimals(from)} – ${decimals(to)}: ${decimals(count)}`}</title>
              </rect>
            );
          })}
        </g>
      )}
    </ChartFrame>
  );
}
