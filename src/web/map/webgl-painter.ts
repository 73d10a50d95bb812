/** Points by WebGL: a vertex each, moved by the graphics processor alone. */
import { mostGroups, type CatalogueMap } from '../../core/map/map-format.js';
import { sideOf } from './camera.js';
import { baseSize, type Painter } from './scene.js';

const vertexShader = `
attribute vec2 place;
attribute float popularity;
attribute float group;
uniform vec2 scale;
uniform vec2 shift;
uniform float size;
uniform float opacity;
uniform vec3 colours[${mostGroups}];
varying lowp vec4 colour;
void main() {
  // An item that has no place is outside of the picture.
  gl_Position = group > ${mostGroups}.0 ? vec4(9.0, 9.0, 0.0, 1.0) : vec4(place * scale + shift, 0.0, 1.0);
  gl_PointSize = size * (0.6 + 1.4 * popularity);
  colour = vec4(colours[int(min(group, ${mostGroups - 1}.0))] * opacity, opacity);
}`;

const fragmentShader = `
precision mediump float;
varying lowp vec4 colour;
void main() {
  vec2 away = gl_PointCoord - 0.5;
  if (dot(away, away) > 0.25) discard;
  gl_FragColor = colour;
}`;

const bytesOfVertex = 8;

/** undefined where there is no WebGL. */
export function webglPainter(canvas: HTMLCanvasElement, map: CatalogueMap): Painter | undefined {
  const gl = canvas.getContext('webgl', { alpha: true, antialias: false, depth: false });
  if (gl === null) return undefined;
  const program = programOf(gl);
  const buffer = gl.createBuffer();
  if (program === undefined) return undefined;
  gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
  gl.bufferData(gl.ARRAY_BUFFER, verticesOf(map), gl.STATIC_DRAW);
  const attribute = (
    name: string,
    count: number,
    type: number,
    normalized: boolean,
    offset: number,
  ): void => {
    const at = gl.getAttribLocation(program, name);
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, count, type, normalized, bytesOfVertex, offset);
  };
  attribute('place', 2, gl.UNSIGNED_SHORT, true, 0);
  attribute('popularity', 1, gl.UNSIGNED_BYTE, true, 4);
  attribute('group', 1, gl.UNSIGNED_BYTE, false, 5);
  gl.useProgram(program);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  const uniform = (name: string): WebGLUniformLocation | null => gl.getUniformLocation(program, name);
  const [scale, shift, size, opacity, colours] = ['scale', 'shift', 'size', 'opacity', 'colours'].map(
    uniform,
  );

  return {
    kind: 'webgl',
    paint(scene) {
      const { camera, ratio, count } = scene;
      const { width, height } = scene.size;
      const side = sideOf(scene.size, camera);
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      gl.uniform2f(scale ?? null, (2 * side) / width, (2 * side) / height);
      gl.uniform2f(shift ?? null, (-2 * side * camera.x) / width, (-2 * side * camera.y) / height);
      gl.uniform1f(size ?? null, ratio * baseSize(camera.zoom, map.numItems));
      gl.uniform1f(opacity ?? null, scene.opacity);
      gl.uniform3fv(colours ?? null, scene.colours.flat());
      // The most played stand last: they are drawn over the others.
      gl.drawArrays(gl.POINTS, map.numItems - count, count);
    },
    close() {
      gl.deleteBuffer(buffer);
      gl.deleteProgram(program);
    },
  };
}

/** The last item first: x, y, popularity, group. */
function verticesOf({ numItems, x, y, popularity, group }: CatalogueMap): ArrayBuffer {
  const vertices = new ArrayBuffer(bytesOfVertex * numItems);
  const [numbers, bytes] = [new Uint16Array(vertices), new Uint8Array(vertices)];
  for (let row = 0; row < numItems; row++) {
    const at = numItems - 1 - row;
    numbers[4 * at] = x[row] ?? 0;
    numbers[4 * at + 1] = y[row] ?? 0;
    bytes[8 * at + 4] = popularity[row] ?? 0;
    bytes[8 * at + 5] = group[row] ?? 0;
  }
  return vertices;
}

function programOf(gl: WebGLRenderingContext): WebGLProgram | undefined {
  const program = gl.createProgram();
  for (const [type, source] of [
    [gl.VERTEX_SHADER, vertexShader],
    [gl.FRAGMENT_SHADER, fragmentShader],
  ] as const) {
    const shader = gl.createShader(type);
    if (shader === null) return undefined;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  return gl.getProgramParameter(program, gl.LINK_STATUS) === true ? program : undefined;
}
