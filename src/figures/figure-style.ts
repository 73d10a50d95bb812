/**
 * What charts look like. Marks have classes and no colours of their own, so that one drawing is light or dark as its page is;
 * a file of its own has the light rules inside. The hues are told apart by the colour-blind (Okabe and Ito, 2008), and
 * lines differ in their dashes too.
 */
export interface FigureColours {
  readonly background: string;
  readonly text: string;
  /** Of axes and what is said beside. */
  readonly muted: string;
  readonly grid: string;
  /** In the order of the series. */
  readonly series: readonly [string, string, string, string];
}

export const lightColours: FigureColours = {
  background: '#ffffff',
  text: '#1b1f24',
  muted: '#57606a',
  grid: '#d8dee4',
  series: ['#0060a8', '#b34a00', '#00735a', '#8a3f78'],
};

export const darkColours: FigureColours = {
  background: '#14181d',
  text: '#e6eaef',
  muted: '#a4aeb9',
  grid: '#343c46',
  series: ['#5cb4f2', '#f0a04b', '#3fc8a0', '#e19bcb'],
};

const dashes = ['none', '7 3', '2 3', '9 3 2 3'];

/** The rules for the marks of all charts, below `.chart`. */
export function figureCss({ background, text, muted, grid, series }: FigureColours): string {
  return [
    `.chart text{font-size:13px;fill:${muted}}`,
    `.chart .strong{fill:${text}}`,
    `.chart .halo{paint-order:stroke;stroke:${background};stroke-width:3px;stroke-linejoin:round}`,
    `.chart .grid{stroke:${grid};stroke-width:1;fill:none}`,
    `.chart .axis{stroke:${muted};stroke-width:1;fill:none}`,
    `.chart .rule{stroke:${muted};stroke-width:1;stroke-dasharray:4 3;fill:none}`,
    `.chart .whisker{stroke:${text};stroke-width:1.5;fill:none}`,
    '.chart .line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}',
    '.chart .points{fill:none;stroke-width:2.4;stroke-linecap:round;stroke-opacity:.75}',
    '.chart .area{stroke:none;fill-opacity:.14}',
    ...series.flatMap((colour, at) => [
      `.chart .s${at}{stroke:${colour}}`,
      `.chart .f${at}{fill:${colour}}`,
      `.chart .line.s${at}{stroke-dasharray:${dashes[at] ?? 'none'}}`,
    ]),
    // What is none of the series.
    `.chart .s4{stroke:${muted}}`,
  ].join('\n');
}
