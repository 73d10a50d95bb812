import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';

type Colour = readonly [number, number, number];

/** The colours of the groups as the style sheet has them, light or dark: those of the children of `probes`, in order. */
export function useMapColours(probes: RefObject<HTMLElement | null>): readonly Colour[] {
  const [colours, setColours] = useState<readonly Colour[]>([]);
  useEffect(() => {
    const read = (): void =>
      setColours(
        Array.from(probes.current?.children ?? [], (probe) => parsed(getComputedStyle(probe).color)),
      );
    read();
    const scheme = window.matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', read);
    const theme = new MutationObserver(read);
    theme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      scheme.removeEventListener('change', read);
      theme.disconnect();
    };
  }, [probes]);
  return colours;
}

/** `rgb(1, 2, 3)` → 0 … 1. */
function parsed(text: string): Colour {
  const [red = 128, green = 128, blue = 128] = (text.match(/[\d.]+/g) ?? []).map(Number);
  return [red / 255, green / 255, blue / 255];
}
