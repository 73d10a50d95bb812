/** @jsxImportSource preact */
import type { VNode } from 'preact';
import { axisOf } from './axis-scale.js';
import { ChartDrawing, chartWidth, Legend, legendHeight } from './chart-frame.js';
import { rounded, shortened, SvgText } from './svg-text.js';

export interface IntervalBar {
  /** null: there is none, and no bar. */
  readonly value: number | null;
  readonly interval?: readonly [low: number, high: number] | null | undefined;
}

export interface IntervalBarsProps {
  readonly label: string;
  /** Of the numbers. */
  readonly axis: string;
  /** At most four; their names make the legend. */
  readonly series: readonly string[];
  /** A group a row: a bar a series. */
  readonly groups: readonly { readonly name: string; readonly bars: readonly IntervalBar[] }[];
  readonly text: (value: number) => string;
  /** Where the axis ends at least. */
  readonly upTo?: number;
}

const [barHeight, groupGap, left, right, bottom] = [17, 12, 124, 52, 44];

/** Lying bars from 0, in groups, with their intervals as whiskers and their numbers beside them. */
export function IntervalBars({ label, axis, series, groups, text, upTo = 0 }: IntervalBarsProps): VNode {
  const named = series.length > 1 ? series : [];
  const top = 4 + legendHeight(named);
  const groupHeight = series.length * barHeight + groupGap;
  const plotBottom = top + groups.length * groupHeight;
  const ends = groups.flatMap(({ bars }) => bars.flatMap((bar) => [bar.value ?? 0, ...(bar.interval ?? [])]));
  const domain = [Math.min(0, ...ends), Math.max(upTo, ...ends)] as const;
  const x = axisOf({ label: axis, domain }, [left, chartWidth - right], 4);
  const at = (value: number): number => x.at(value) ?? left;
  return (
    <ChartDrawing label={label} height={plotBottom + bottom}>
      <Legend names={named} from={12} />
      <path class="grid" d={x.ticks.map((tick) => `M${rounded(tick.at)} ${top}V${plotBottom}`).join('')} />
      {x.ticks.map((tick) => (
        <SvgText x={tick.at} y={plotBottom + 13} anchor="middle">
          {tick.text}
        </SvgText>
      ))}
      <SvgText x={(left + chartWidth - right) / 2} y={plotBottom + 33} anchor="middle" strong>
        {axis}
      </SvgText>
      {groups.map(({ name, bars }, g) => {
        const from = top + g * groupHeight + groupGap / 2;
        return (
          <g>
            <SvgText x={left - 8} y={from + (series.length * barHeight) / 2} anchor="end" strong>
              {shortened(name, 16)}
            </SvgText>
            {bars.map(({ value, interval }, s) => {
              if (value === null) return null;
              const [y, middle] = [from + s * barHeight, from + s * barHeight + barHeight / 2];
              const [low, high] = interval ?? [value, value];
              const [zero, end] = [at(0), at(value)];
              return (
                <g>
                  <rect
                    class={`f${s}`}
                    x={rounded(Math.min(zero, end))}
                    y={rounded(y + 1)}
                    width={rounded(Math.max(0.5, Math.abs(end - zero)))}
                    height={barHeight - 3}
                  />
                  {high > low && (
                    <path
                      class="whisker"
                      d={`M${rounded(at(low))} ${middle - 4}v8m0 -4H${rounded(at(high))}m0 -4v8`}
                    />
                  )}
                  <SvgText x={Math.max(at(high), end, zero) + 5} y={middle} strong>
                    {text(value)}
                  </SvgText>
                </g>
              );
            })}
          </g>
        );
      })}
      <path class="axis" d={`M${rounded(at(0))} ${top}V${plotBottom}`} />
    </ChartDrawing>
  );
}
