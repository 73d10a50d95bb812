import type { ComponentChild } from 'preact';

/** A share as a bar; the number beside it says the same. What is below 0 has none. */
export function ScoreBar({ share }: { readonly share: number }): ComponentChild {
  const width = Number.isFinite(share) ? 100 * Math.min(1, Math.max(0, share)) : 0;
  return (
    <svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      <rect class="bar-ground" width="100" height="6" />
      <rect class="bar-share" width={width.toFixed(2)} height="6" />
    </svg>
  );
}
