import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';
import { pannedBy, wholeMap, zoomedAt, type Camera, type Point, type Size } from './camera.js';

export interface GestureTargets {
  /** What is seen becomes another part of the map. */
  readonly move: (change: (camera: Camera, size: Size) => Camera) => void;
  /** A pointer rests at a place of the picture; undefined: it is not over it. */
  readonly onHover: (at: Point | undefined) => void;
  /** A place was clicked; of a key the middle of the picture. */
  readonly onPick: (at: Point | undefined) => void;
  readonly onClear: () => void;
}

/** Pixels that an arrow key moves the map, and how much a key enlarges it. */
const step = 60;
const enlarge = 1.5;
/** A pointer that moved farther than that did not click. */
const clickDistance = 5;

/** The mouse, fingers and keys on an element: drag, wheel and pinch, arrows, + − 0, Enter and Escape. */
export function useGestures(
  element: RefObject<HTMLElement | null>,
  targets: RefObject<GestureTargets>,
): void {
  useEffect(() => {
    const of = element.current;
    if (of === null) return undefined;
    const pointers = new Map<number, Point>();
    let travelled = 0;
    const at = (event: PointerEvent | WheelEvent): Point => {
      const { left, top } = of.getBoundingClientRect();
      return { x: event.clientX - left, y: event.clientY - top };
    };
    const down = (event: PointerEvent): void => {
      if (event.button !== 0 || (event.target as Element).closest('button') !== null) return;
      of.setPointerCapture(event.pointerId);
      if (pointers.size === 0) travelled = 0;
      pointers.set(event.pointerId, at(event));
    };
    const moved = (event: PointerEvent): void => {
      const before = pointers.get(event.pointerId);
      const now = at(event);
      if (before === undefined) {
        targets.current.onHover(now);
        return;
      }
      const [dx, dy] = [now.x - before.x, now.y - before.y];
      travelled += Math.abs(dx) + Math.abs(dy);
      const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
      pointers.set(event.pointerId, now);
      targets.current.move((camera, size) => {
        if (other === undefined) return pannedBy(camera, dx, dy, size);
        const apart = (point: Point): number => Math.hypot(point.x - other.x, point.y - other.y);
        const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
        return zoomedAt(
          pannedBy(camera, dx / 2, dy / 2, size),
          apart(now) / Math.max(1, apart(before)),
          middle,
          size,
        );
      });
    };
    const up = (event: PointerEvent): void => {
      if (!pointers.delete(event.pointerId) || pointers.size > 0) return;
      if (event.type === 'pointerup' && travelled <= clickDistance) targets.current.onPick(at(event));
    };
    const left = (): void => targets.current.onHover(undefined);
    const wheel = (event: WheelEvent): void => {
      event.preventDefault();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      const factor = Math.exp(-event.deltaY * lines * 0.002);
      targets.current.move((camera, size) => zoomedAt(camera, factor, at(event), size));
    };
    const pressed = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target !== of) return;
      if (!act(event.key, targets.current)) return;
      // The page's own keys are for its lists.
      event.preventDefault();
      event.stopPropagation();
    };
    of.addEventListener('pointerdown', down);
    of.addEventListener('pointermove', moved);
    of.addEventListener('pointerup', up);
    of.addEventListener('pointercancel', up);
    of.addEventListener('pointerleave', left);
    of.addEventListener('wheel', wheel, { passive: false });
    of.addEventListener('keydown', pressed);
    return () => {
      of.removeEventListener('pointerdown', down);
      of.removeEventListener('pointermove', moved);
      of.removeEventListener('pointerup', up);
      of.removeEventListener('pointercancel', up);
      of.removeEventListener('pointerleave', left);
      of.removeEventListener('wheel', wheel);
      of.removeEventListener('keydown', pressed);
    };
  }, [element, targets]);
}

/** Whether the key means anything here. */
function act(key: string, { move, onPick, onClear }: GestureTargets): boolean {
  const [dx, dy] = arrows.get(key) ?? [0, 0];
  if (dx !== 0 || dy !== 0) move((camera, size) => pannedBy(camera, dx, dy, size));
  else if (key === '+' || key === '=') enlargeBy(enlarge, move);
  else if (key === '-' || key === '_') enlargeBy(1 / enlarge, move);
  else if (key === '0') move(() => wholeMap);
  else if (key === 'Enter' || key === ' ') onPick(undefined);
  else if (key === 'Escape') onClear();
  else return false;
  return true;
}

const arrows = new Map<string, readonly [number, number]>([
  ['ArrowLeft', [step, 0]],
  ['ArrowRight', [-step, 0]],
  ['ArrowUp', [0, step]],
  ['ArrowDown', [0, -step]],
]);

/** Around the middle of the picture. */
export function enlargeBy(factor: number, move: GestureTargets['move']): void {
  move((camera, size) => zoomedAt(camera, factor, { x: size.width / 2, y: size.height / 2 }, size));
}
