/** @jsxImportSource preact */
import { line } from 'd3-shape';
import type { VNode } from 'preact';
import { ChartFrame, type ChartProps, type Plot } from './chart-frame.js';
import { rounded } from './svg-text.js';

export type Point = readonly [x: number, y: number];

export interface LineSeries {
  readonly name: string;
  readonly points: readonly Point[];
  /** Dots at the points, which few points need. */
  readonly dots?: boolean;
  /** Shaded down to the axis. */
  readonly area?: boolean;
}

export interface LineChartProps extends Omit<ChartProps, 'legend'> {
  readonly series: readonly LineSeries[];
  /** What is compared with: dashed, without a place in the legend. */
  readonly rule?: readonly Point[] | undefined;
  /** Points that stand out, such as the epoch that was kept. */
  readonly marks?: readonly { readonly at: Point; readonly label: string }[] | undefined;
}

/** Up to four lines. Points that an axis has no place for are left out. */
export function LineChart({ series, rule, marks = [], ...chart }: LineChartProps): VNode {
  const legend = series.length > 1 ? series.map(({ name }) => name) : [];
  return (
    <ChartFrame {...chart} legend={legend}>
      {(plot) => (
        <g>
          {rule !== undefined && <path class="rule" d={pathOf(plot, rule)} />}
          {series.map(({ points, dots = false, area = false }, at) => (
            <g>
              {area && <path class={`area f${at}`} d={areaOf(plot, points)} />}
              <path class={`line s${at}`} d={pathOf(plot, points)} />
              {dots &&
                placed(plot, points).map(([x, y]) => (
                  <circle class={`f${at}`} cx={rounded(x)} cy={rounded(y)} r={3} />
                ))}
            </g>
          ))}
          {marks.map(({ at, label }) =>
            placed(plot, [at]).map(([x, y]) => (
              <circle class="whisker" cx={rounded(x)} cy={rounded(y)} r={6}>
                <title>{label}</title>
              </circle>
            )),
          )}
        </g>
      )}
    </ChartFrame>
  );
}

function placed({ x, y }: Plot, points: readonly Point[]): [number, number][] {
  return points.flatMap(([px, py]): [number, number][] => {
    const [atX, atY] = [x.at(px), y.at(py)];
    return atX === undefined || atY === undefined ? [] : [[atX, atY]];
  });
}

function pathOf(plot: Plot, points: readonly Point[]): string {
  return line().digits(1)(placed(plot, points)) ?? '';
}

function areaOf(plot: Plot, points: readonly Point[]): string {
  const inside = placed(plot, points);
  const [first, last] = [inside[0], inside.at(-1)];
  if (first === undefined || last === undefined) return '';
  return `${line().digits(1)(inside) ?? ''}V${plot.bottom}H${rounded(first[0])}Z`;
}
