/** What a snapshot is called beside its id, the most telling first: current, latest, previous, then its tags. */
export function snapshotNames(snapshot: {
  readonly current: boolean;
  readonly previous: boolean;
  readonly latest: boolean;
  readonly tags: readonly string[];
}): string[] {
  const links = (['current', 'latest', 'previous'] as const).filter((name) => snapshot[name]);
  return [...links, ...snapshot.tags];
}

/** The members of a bundle, each as `publish` takes it. */
export function memberNames(members: readonly { readonly as: string; readonly snapshot: string }[]): string {
  return members.map(({ as, snapshot }) => `${as}=${snapshot}`).join(' ');
}
