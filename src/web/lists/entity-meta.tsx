import type { ComponentChild } from 'preact';
import type { Entity } from '../api/answers.js';
import { Name } from '../parts/name.js';
import { elsewhere, entityView, hrefOf } from '../place/place.js';
import { useKinds, usePage } from '../place/page-context.js';

/** The artist, which may be walked to, and what else a line has room for. */
export function EntityMeta({ entity }: { readonly entity: Entity }): ComponentChild {
  const { place } = usePage();
  const kinds = useKinds();
  const { artist, tracks } = entity;
  const others = ['album', 'released'].flatMap((column) => shown(entity[column]));
  const parts: ComponentChild[] = others.map((text) => <Name key={text} text={text} />);
  if (typeof tracks === 'number') parts.push(`${tracks} ${tracks === 1 ? 'track' : 'tracks'}`);
  if (typeof artist === 'string' && artist !== '') {
    const name = <Name text={artist} />;
    const href = hrefOf(elsewhere(place, entityView('artist', artist)));
    parts.unshift(kinds.has('artist') ? <a href={href}>{name}</a> : name);
  }
  return parts.flatMap((part, at) => (at === 0 ? [part] : [' · ', part]));
}

function shown(value: unknown): string[] {
  return (typeof value === 'string' && value !== '') || typeof value === 'number' ? [String(value)] : [];
}
