import type { ComponentChild } from 'preact';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { shortText } from '../parts/name.js';
import { mostGroups, type CatalogueMap as Points, type CatalogueMap } from '../../core/map/map-format.js';
import type { MapItem } from '../api/answers.js';
import { canvasPainter } from './canvas-painter.js';
import { around, sideOf, toMap, toPicture, wholeMap, type Camera, type Point, type Size } from './camera.js';
import { anchorOf, labelledRows } from './labels.js';
import { gridOf, pointOf } from './point-grid.js';
import type { Painter } from './scene.js';
import { enlargeBy, useGestures, type GestureTargets } from './use-gestures.js';
import { useMapColours } from './use-map-colours.js';
import type { KnownItems } from './use-map-items.js';
import { webglPainter } from './webgl-painter.js';

export interface CatalogueMapProps {
  readonly map: Points;
  readonly items: KnownItems;
  /** The item whose neighbourhood lights up; undefined: none. */
  readonly selected: MapItem | undefined;
  /** Its neighbours, the nearest first. */
  readonly neighbours: readonly MapItem[];
  readonly onSelect: (row: number | undefined) => void;
}

/** While the picture moves so many of the most played items are drawn; all when it rests. */
const mostMoving = 40_000;
const restMs = 300;
/** How near, in pixels, a pointer is to a point that it means. */
const reach = 14;
const longestName = 30;

/** The catalogue as points: to move about in with mouse, fingers or keys. */
export function CatalogueMap({
  map,
  items,
  selected,
  neighbours,
  onSelect,
}: CatalogueMapProps): ComponentChild {
  const frameRef = useRef<HTMLDivElement>(null);
  const probesRef = useRef<HTMLDivElement>(null);
  const colours = useMapColours(probesRef);
  const size = useSizeOf(frameRef);
  const grid = useMemo(() => gridOf(map), [map]);
  const { camera, isMoving, move } = useCamera(size);
  const [hovered, setHovered] = useState<number>();
  const { itemOf, want } = items;

  const rowAt = useCallback(
    (at: Point) => grid.nearest(toMap(at, camera, size), reach / sideOf(size, camera)),
    [grid, camera, size],
  );
  const lit = useMemo(
    () => [...(selected === undefined ? [] : [selected]), ...neighbours],
    [selected, neighbours],
  );
  const pick = (at: Point | undefined): void => {
    const middle = { x: size.width / 2, y: size.height / 2 };
    const row = at === undefined ? grid.nearest(toMap(middle, camera, size), 2) : rowAt(at);
    onSelect(row);
  };
  const targetsRef = useRef<GestureTargets>({ move, onHover: () => {}, onPick: () => {}, onClear: () => {} });
  useEffect(() => {
    targetsRef.current = {
      move,
      onHover: (at) => setHovered(at === undefined ? undefined : rowAt(at)),
      onPick: pick,
      onClear: () => onSelect(undefined),
    };
  });
  useGestures(frameRef, targetsRef);

  // What lights up is brought into the picture.
  useEffect(() => {
    const points = lit.flatMap(({ row }) => pointOf(map, row) ?? []);
    if (points.length < 2) return;
    move((now, picture) => {
      const isSeen = points.every((point) => {
        const { x, y } = toPicture(point, now, picture);
        return x > 0 && y > 0 && x < picture.width && y < picture.height;
      });
      const side = sideOf(picture, now);
      const [first, ...others] = points as [Point, ...Point[]];
      const isTiny = others.every(({ x, y }) => Math.hypot(x - first.x, y - first.y) * side < 40);
      return isSeen && !isTiny ? now : around(points);
    });
  }, [lit, map, move]);

  const places = useMemo(
    () =>
      lit.flatMap(({ row, name }) => {
        const point = pointOf(map, row);
        return point === undefined ? [] : [{ row, name, ...toPicture(point, camera, size) }];
      }),
    [lit, map, camera, size],
  );
  const labels = useMemo(
    () => (isMoving || lit.length > 0 ? [] : labelledRows(map, camera, size)),
    [map, camera, size, isMoving, lit],
  );
  useEffect(() => want(hovered === undefined ? labels : [...labels, hovered]), [want, labels, hovered]);

  const [from] = places;
  const over = hovered === undefined ? undefined : pointOf(map, hovered);
  const count = map.numItems.toLocaleString('en');
  const label = `Map of ${count} items, of which those that are alike lie near to each other`;
  const about =
    selected === undefined
      ? 'No item is chosen.'
      : `${shortText(selected.name)} is chosen. Near to it: ${neighbours.map(({ name }) => shortText(name)).join(', ')}.`;
  return (
    <div class="map-frame">
      <div ref={probesRef} class="map-probes" hidden={false} aria-hidden="true">
        {Array.from({ length: mostGroups }, (_, group) => (
          <i key={group} class={`map-colour-${group}`} />
        ))}
      </div>
      <div
        ref={frameRef}
        class="map"
        role="img"
        tabIndex={0}
        aria-label={`${label}. ${about}`}
        data-moving={isMoving}
        data-hovering={hovered !== undefined}
      >
        <Points
          map={map}
          scene={{ camera, size, colours, isMoving, opacity: lit.length > 0 ? 0.22 : 0.85 }}
        />
        <svg class="map-over" width={size.width} height={size.height} aria-hidden="true">
          {from !== undefined &&
            places
              .slice(1)
              .map(({ row, x, y }) => (
                <line key={row} class="map-line" x1={from.x} y1={from.y} x2={x} y2={y} />
              ))}
          {places.map(({ row, x, y }, at) => (
            <circle
              key={row}
              class={at === 0 ? 'map-chosen' : 'map-near'}
              cx={x}
              cy={y}
              r={at === 0 ? 7 : 5}
            />
          ))}
          {labels.map((row) => (
            <MapLabel
              key={row}
              point={pointOf(map, row)}
              text={itemOf(row)?.name}
              camera={camera}
              size={size}
            />
          ))}
          {spread(places).map(({ row, name, x, y }) => (
            <text key={row} class="map-label" x={x} y={y - 10} text-anchor={anchorOf(x, size)}>
              {shortText(name, longestName)}
            </text>
          ))}
          {over !== undefined && hovered !== undefined && (
            <MapLabel point={over} text={itemOf(hovered)?.name} camera={camera} size={size} isHovered />
          )}
        </svg>
      </div>
      <div class="map-buttons">
        <button type="button" aria-label="Enlarge" onClick={() => enlargeBy(1.5, move)}>
          +
        </button>
        <button type="button" aria-label="Make smaller" onClick={() => enlargeBy(1 / 1.5, move)}>
          −
        </button>
        <button type="button" aria-label="The whole map" onClick={() => move(() => wholeMap)}>
          ⤢
        </button>
      </div>
    </div>
  );
}

interface PointsProps {
  readonly map: Points;
  readonly scene: {
    readonly camera: Camera;
    readonly size: Size;
    readonly colours: readonly (readonly [number, number, number])[];
    readonly isMoving: boolean;
    readonly opacity: number;
  };
}

function Points({ map, scene }: PointsProps): ComponentChild {
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const painterRef = useRef<Painter | undefined>(undefined);
  // Where WebGL is taken away, another canvas takes the place of the one that had it.
  const [isLost, setLost] = useState(false);
  useEffect(() => {
    const { current } = canvasRef;
    if (current === null) return undefined;
    const lost = (): void => setLost(true);
    current.addEventListener('webglcontextlost', lost);
    painterRef.current = openPainter(current, map, !isLost);
    current.dataset['painter'] = painterRef.current?.kind ?? 'none';
    return () => {
      current.removeEventListener('webglcontextlost', lost);
      painterRef.current?.close();
      painterRef.current = undefined;
    };
  }, [map, isLost]);
  useEffect(() => {
    const { current } = canvasRef;
    const { size, isMoving, colours } = scene;
    if (current === null || size.width === 0 || colours.length === 0) return;
    const ratio = Math.min(2, window.devicePixelRatio);
    const [width, height] = [Math.round(size.width * ratio), Math.round(size.height * ratio)];
    if (current.width !== width) current.width = width;
    if (current.height !== height) current.height = height;
    const count = isMoving ? Math.min(map.numItems, mostMoving) : map.numItems;
    painterRef.current?.paint({ ...scene, ratio, count });
  });
  return <canvas key={isLost ? 'canvas' : 'webgl'} ref={canvasRef} class="map-points" />;
}

interface MapLabelProps {
  readonly point: Point | undefined;
  readonly text: string | undefined;
  readonly camera: Camera;
  readonly size: Size;
  readonly isHovered?: boolean;
}

function MapLabel({ point, text, camera, size, isHovered = false }: MapLabelProps): ComponentChild {
  if (point === undefined) return null;
  const { x, y } = toPicture(point, camera, size);
  return (
    <g class={isHovered ? 'map-hovered' : ''}>
      {isHovered && <circle cx={x} cy={y} r={6} />}
      {text !== undefined && (
        <text class="map-label" x={x} y={y - 9} text-anchor={anchorOf(x, size)}>
          {shortText(text, longestName)}
        </text>
      )}
    </g>
  );
}

/** Names that would stand on each other are moved down, in their order from the top. */
function spread<P extends Point>(places: readonly P[]): P[] {
  const placed: P[] = [];
  for (const place of [...places].sort((a, b) => a.y - b.y)) {
    const meeting = placed.filter(({ x }) => Math.abs(x - place.x) < 180).map(({ y }) => y + 17);
    placed.push({ ...place, y: Math.max(place.y, ...meeting.filter((y) => y > place.y)) });
  }
  return placed;
}

/** What is seen, and whether that is changing. */
function useCamera(size: Size): {
  readonly camera: Camera;
  readonly isMoving: boolean;
  readonly move: GestureTargets['move'];
} {
  const [camera, setCamera] = useState(wholeMap);
  const [isMoving, setMoving] = useState(false);
  const timerRef = useRef<number | undefined>(undefined);
  const latestRef = useRef(size);
  useEffect(() => {
    latestRef.current = size;
  }, [size]);
  const move = useCallback<GestureTargets['move']>((change) => {
    setCamera((now) => change(now, latestRef.current));
    setMoving(true);
    window.clearTimeout(timerRef.current);
    timerRef.current = window.setTimeout(() => setMoving(false), restMs);
  }, []);
  useEffect(() => () => window.clearTimeout(timerRef.current), []);
  return { camera, isMoving, move };
}

function useSizeOf(element: { readonly current: HTMLElement | null }): Size {
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  useEffect(() => {
    if (element.current === null) return undefined;
    const { current } = element;
    const measure = (): void => setSize({ width: current.clientWidth, height: current.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(current);
    return () => observer.disconnect();
  }, [element]);
  return size;
}

/** With WebGL where there is any, else in two dimensions; undefined where the canvas can do neither. */
function openPainter(canvas: HTMLCanvasElement, map: Points, withWebgl: boolean): Painter | undefined {
  return (withWebgl ? webglPainter(canvas, map) : undefined) ?? canvasPainter(canvas, map);
}
