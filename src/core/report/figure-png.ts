/** Drawings as PNG, by resvg in WebAssembly: the same bytes on every machine, whatever fonts that has. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as resvg from '@resvg/resvg-wasm';
import { AppError } from '../errors.js';

/** Turns an SVG file into a PNG file. */
export type PngMaker = (svg: string) => Uint8Array;

const packageName = '@resvg/resvg-wasm';
/** Of a picture, in pixels: three for each unit of a drawing. */
const width = 1200;
const font = new URL('../../../assets/dejavu-sans.ttf', import.meta.url);
const fontFamily = 'DejaVu Sans';

/**
 * segue does not bring the package along: it is of another licence (MPL-2.0), and most never need it. AppError 'missing-part'
 * where it is not installed.
 */
export async function openPngMaker(): Promise<PngMaker> {
  const { initWasm, Resvg } = await loadRenderer();
  try {
    await initWasm(readFileSync(createRequire(import.meta.url).resolve(`${packageName}/index_bg.wasm`)));
  } catch (error) {
    // Whoever asked before in this process has done it.
    if (!(error instanceof Error) || !error.message.startsWith('Already initialized')) throw error;
  }
  const fontBuffers = [new Uint8Array(readFileSync(font))];
  return (svg) => {
    const drawing = new Resvg(svg, {
      fitTo: { mode: 'width', value: width },
      font: { fontBuffers, defaultFontFamily: fontFamily, sansSerifFamily: fontFamily },
    });
    try {
      const picture = drawing.render();
      try {
        return picture.asPng();
      } finally {
        picture.free();
      }
    } finally {
      drawing.free();
    }
  };
}

async function loadRenderer(): Promise<typeof resvg> {
  try {
    return await import('@resvg/resvg-wasm');
  } catch (cause) {
    throw new AppError('missing-part', `\`png\` needs the package ${packageName}, which is not installed`, {
      suggestions: [`npm install ${packageName}`, 'leave `png` out: figures are written as SVG'],
      details: { package: packageName },
      cause,
    });
  }
}
