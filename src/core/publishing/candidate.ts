/** What is to become current, kept by leases: a snapshot, a bundle that is there, or snapshots to make a bundle of. */
import { bundleOf, isBundle, requireMemberNames } from '../snapshot/bundle.js';
import type { BundleManifest } from '../snapshot/manifest.js';
import { leaseNamed, leaseSnapshot } from '../snapshot/open-snapshot.js';
import type { LeasedSnapshot, OpenSnapshot } from '../snapshot/open-snapshot.js';

/** A reference, or by name those of the members of a bundle. */
export type Wanted = string | readonly { readonly as: string; readonly reference: string }[];

/** What gates are asked about; `as` is its name in a bundle. */
export interface Judged {
  readonly as: string | undefined;
  readonly snapshot: OpenSnapshot;
}

export interface Candidate {
  readonly id: string;
  /** The snapshot, or the members. */
  readonly parts: readonly (LeasedSnapshot & { readonly as: string | undefined })[];
  /** `path` is undefined of one that is to be made. */
  readonly bundle: { readonly manifest: BundleManifest; readonly path: string | undefined } | undefined;
  release(): void;
}

/**
 * Resolves and leases all of it. Where a reference of a member names a bundle, it is the member of the same name of that
 * one. Throws what leaseSnapshot throws, and 'bad-usage' for names that members cannot have.
 */
export async function leaseCandidate(root: string, wanted: Wanted): Promise<Candidate> {
  const leases: { release(): void }[] = [];
  const release = (): void => {
    for (const lease of leases.toReversed()) lease.release();
  };
  const leasePart = async (as: string, reference: string): Promise<LeasedSnapshot & { as: string }> => {
    const leased = await leaseSnapshot(root, reference, as);
    leases.push(leased.lease);
    return { ...leased, as };
  };
  try {
    if (typeof wanted !== 'string') {
      requireMemberNames(wanted.map(({ as }) => as));
      const parts = [];
      for (const { as, reference } of wanted) parts.push(await leasePart(as, reference));
      const manifest = bundleOf(parts.map(({ as, id }) => ({ as, snapshot: id })));
      return { id: manifest.id, parts, bundle: { manifest, path: undefined }, release };
    }
    const named = await leaseNamed(root, wanted);
    leases.push(named.lease);
    const { id, path, manifest } = named;
    if (!isBundle(manifest))
      return { id, parts: [{ ...named, manifest, as: undefined }], bundle: undefined, release };
    const parts = [];
    for (const { as } of manifest.members) parts.push(await leasePart(as, id));
    return { id, parts, bundle: { manifest, path }, release };
  } catch (error) {
    release();
    throw error;
  }
}
