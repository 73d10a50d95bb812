/** Columns that say what an entity is called, and are texts whatever stands in them: a band may be called 1975. */
const nameColumns: ReadonlySet<string> = new Set([
  ...['id', 'name', 'title', 'track', 'song', 'artist', 'album', 'albumartist'],
]);

/** In any case; `Album Artist` and `album_artist` are one name. */
export function isNameColumn(name: string): boolean {
  return nameColumns.has(name.slice(0, 100).toLowerCase().replaceAll(/[ _-]/g, ''));
}
