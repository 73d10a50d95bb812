/**
 * Draws synthetic listening events, seeded. Items belong to planted clusters; every user likes a few of them and picks
 * from those nine times out of ten. Within a cluster, and over all, popularity follows Zipf's law; how much users listen
 * is lognormal.
 */
import { aliasSampler, normalDraw, portableExp } from './seeded-random.js';

export interface PlantedShape {
  readonly users: number;
  readonly items: number;
  readonly clusters: number;
  /** Clusters that a user likes. */
  readonly tastes: number;
}

/** A function that draws one event and returns user · items + item. @param fraction uniform numbers in [0, 1) */
export function plantedEvents(shape: PlantedShape, fraction: () => number): () => number {
  const activity = new Float64Array(shape.users);
  for (let u = 0; u < shape.users; u++) activity[u] = portableExp(normalDraw(fraction));
  const drawUser = aliasSampler(activity, fraction);

  // Item i is in cluster i mod clusters and has popularity 1/(i + 1), so that every cluster has the same profile.
  const clusters = Math.min(shape.clusters, shape.items);
  const drawOfCluster = Array.from({ length: clusters }, (_, c) => {
    const members = new Float64Array(Math.ceil((shape.items - c) / clusters));
    for (let m = 0; m < members.length; m++) members[m] = 1 / (m + 1);
    return aliasSampler(members, fraction);
  });
  const drawItem = aliasSampler(
    Float64Array.from({ length: shape.items }, (_, i) => 1 / (i + 1)),
    fraction,
  );
  const tastes = new Uint32Array(shape.users * shape.tastes);
  for (let t = 0; t < tastes.length; t++) tastes[t] = Math.floor(fraction() * clusters);

  return () => {
    const user = drawUser();
    let item: number;
    if (fraction() < 0.9) {
      const cluster = tastes[user * shape.tastes + Math.floor(fraction() * shape.tastes)] ?? 0;
      item = cluster + clusters * (drawOfCluster[cluster]?.() ?? 0);
    } else {
      item = drawItem();
    }
    return user * shape.items + item;
  };
}
