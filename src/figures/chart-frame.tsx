/** @jsxImportSource preact */
import type { ComponentChildren, VNode } from 'preact';
import { axisOf, type Axis, type AxisOptions } from './axis-scale.js';
import { rounded, shortened, SvgText } from './svg-text.js';

/** Units of every drawing: at 360 px of screen its text is still legible, and three stand beside each other on a wide one. */
export const chartWidth = 400;
const chartHeight = 284;

const margin = { top: 12, right: 24, bottom: 48, left: 58 };
/** Of a line of the legend, and of the name of the upright axis above it. */
const lineHeight = 20;

export interface ChartProps {
  /** What a screen reader says in its place. */
  readonly label: string;
  readonly x: AxisOptions;
  readonly y: AxisOptions;
  /** Names of the series, where there are several. */
  readonly legend?: readonly string[] | undefined;
}

/** Where marks are drawn, and what their places mean. */
export interface Plot {
  readonly x: Axis;
  readonly y: Axis;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

interface ChartFrameProps extends ChartProps {
  readonly children: (plot: Plot) => ComponentChildren;
}

/** Axes with their ticks and labels, a grid, a legend, and between them what `children` draws. */
export function ChartFrame({ label, x, y, legend = [], children }: ChartFrameProps): VNode {
  const named = margin.top + lineHeight / 2;
  const top = named + (1 + legendRows(legend).length) * lineHeight - 6;
  const [left, right, bottom] = [margin.left, chartWidth - margin.right, chartHeight - margin.bottom];
  const plot: Plot = {
    x: axisOf(x, [left, right], 5),
    y: axisOf(y, [bottom, top], 5),
    left,
    right,
    top,
    bottom,
  };
  return (
    <ChartDrawing label={label}>
      <SvgText x={2} y={margin.top} strong>
        {y.label}
      </SvgText>
      <Legend names={legend} from={named + lineHeight / 2} />
      <path class="grid" d={plot.y.ticks.map(({ at }) => `M${left} ${rounded(at)}H${right}`).join('')} />
      <path class="axis" d={`M${left} ${bottom}H${right}`} />
      <path class="axis" d={plot.x.ticks.map(({ at }) => `M${rounded(at)} ${bottom}v5`).join('')} />
      {plot.x.ticks.map(({ at, text }) => (
        <SvgText x={at} y={bottom + 16} anchor="middle">
          {text}
        </SvgText>
      ))}
      {plot.y.ticks.map(({ at, text }) => (
        <SvgText x={left - 8} y={at} anchor="end">
          {text}
        </SvgText>
      ))}
      <SvgText x={(left + right) / 2} y={chartHeight - 10} anchor="middle" strong>
        {x.label}
      </SvgText>
      {children(plot)}
    </ChartDrawing>
  );
}

interface ChartDrawingProps {
  readonly label: string;
  readonly height?: number;
  readonly children: ComponentChildren;
}

/** The drawing itself: as wide as its place, of one proportion. */
export function ChartDrawing({ label, height = chartHeight, children }: ChartDrawingProps): VNode {
  return (
    <svg
      class="chart"
      xmlns="http://www.w3.org/2000/svg"
      viewBox={`0 0 ${chartWidth} ${height}`}
      role="img"
      aria-label={label}
    >
      {children}
    </svg>
  );
}

/** Units that a letter takes, about, and what stands before a name and after it. */
const letterWidth = 7.6;
const swatchWidth = 24;
const afterName = 14;

interface LegendName {
  readonly name: string;
  readonly series: number;
  readonly x: number;
}

/** Which names stand on which line, and where. */
function legendRows(names: readonly string[]): LegendName[][] {
  const rows: LegendName[][] = [];
  let x = Infinity;
  names.forEach((name, series) => {
    const shown = shortened(name, 36);
    const width = swatchWidth + letterWidth * shown.length;
    if (x + width > chartWidth) {
      rows.push([]);
      x = 2;
    }
    rows.at(-1)?.push({ name: shown, series, x });
    x += width + afterName;
  });
  return rows;
}

/** What a legend takes of a drawing. */
export function legendHeight(names: readonly string[]): number {
  return legendRows(names).length * lineHeight;
}

/** A swatch and a name each, from left to right. @param from the middle of its first line */
export function Legend({ names, from }: { readonly names: readonly string[]; readonly from: number }): VNode {
  return (
    <g>
      {legendRows(names).map((row, line) =>
        row.map(({ name, series, x }) => {
          const y = from + line * lineHeight;
          return (
            <g>
              <path class={`line s${series}`} d={`M${rounded(x)} ${y}h18`} />
              <SvgText x={x + swatchWidth} y={y} strong>
                {name}
              </SvgText>
            </g>
          );
        }),
      )}
    </g>
  );
}
