/** @jsxImportSource preact */
import type { VNode } from 'preact';
import { ChartDrawing, chartWidth } from './chart-frame.js';
import { rounded, shortened, SvgText } from './svg-text.js';

/** Places from the left and from the bottom, 0 … 1. */
export type Place = readonly [x: number, y: number];

export interface PointMapProps {
  readonly label: string;
  /** A colour each: four, and what is none of these. */
  readonly groups: readonly (readonly Place[])[];
  /** Points that are named, the most important first: a name that would cover another one is left out. */
  readonly names: readonly { readonly at: Place; readonly name: string }[];
}

const margin = 6;
const size = chartWidth - 2 * margin;
/** Of a name. */
const [letterWidth, lineHeight, mostLetters] = [7.6, 15, 22];

/** Points without axes, where only nearness means something. A path a group: thousands of points stay small. */
export function PointMap({ label, groups, names }: PointMapProps): VNode {
  const drawn = (at: Place): readonly [number, number] => [
    rounded(margin + at[0] * size),
    rounded(margin + (1 - at[1]) * size),
  ];
  return (
    <ChartDrawing label={label} height={chartWidth}>
      {groups.map((places, group) => (
        <path
          class={`points s${Math.min(group, 4)}`}
          d={places.map((at) => `M${drawn(at).join(' ')}h0`).join('')}
        />
      ))}
      {withRoom(names.map(({ at, name }) => ({ at: drawn(at), name: shortened(name, mostLetters) }))).map(
        ({ at: [x, y], left, name }) => (
          <g>
            <circle class="whisker" cx={x} cy={y} r={4} />
            <SvgText x={left} y={y - 9} strong halo>
              {name}
            </SvgText>
          </g>
        ),
      )}
    </ChartDrawing>
  );
}

interface Name {
  readonly at: readonly [x: number, y: number];
  readonly name: string;
}

/** Each above its point, moved in from the edges; those that would meet an earlier one are left out. */
function withRoom(names: readonly Name[]): (Name & { readonly left: number })[] {
  const taken: (Name & { readonly left: number; readonly right: number })[] = [];
  for (const { at, name } of names) {
    const width = letterWidth * name.length;
    const left = Math.max(2, Math.min(chartWidth - width - 2, at[0] - width / 2));
    const meets = taken.some(
      (other) =>
        Math.abs(other.at[1] - at[1]) < lineHeight && left < other.right && other.left < left + width,
    );
    if (!meets && at[1] > lineHeight) taken.push({ at, name, left, right: left + width });
  }
  return taken;
}
