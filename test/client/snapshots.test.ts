import { describe, expect, it } from 'vitest';
import { SegueClient, SnapshotGone } from '#dist/client/client.js';
import { answered, fakeService, refused, type FakeRequest } from '../helpers/fake-service.js';

/** A service on which something is published between any two requests. */
function busyService() {
  let epoch = 0;
  return fakeService(({ url }) => {
    epoch += 1;
    const wanted = url.searchParams.get('snapshot');
    return answered({ items: [] }, { 'segue-snapshot': wanted ?? `s${epoch}`, 'segue-epoch': String(epoch) });
  });
}

const asked = ({ url }: FakeRequest): string | null => url.searchParams.get('snapshot');
const client = (fetch: typeof globalThis.fetch): SegueClient =>
  new SegueClient({ url: 'http://a', fetch, retries: 1 });

describe('a client', () => {
  it('asks what is current, each time', async () => {
    const { fetch, requests } = busyService();
    const plain = client(fetch);
    await plain.items();
    await plain.items();
    expect(requests.map(({ url }) => url.search)).toEqual(['', '']);
  });

  it('that holds asks the snapshot of its first answer, of questions only', async () => {
    const { fetch, requests } = busyService();
    const held = client(fetch).hold();
    await held.items();
    await held.item({ item: 'x' });
    await held.similarMany({ queries: [{ item: ['x'] }] });
    await held.snapshots();
    await held.health();
    await held.items({ snapshot: 's7' });
    await held.items({ snapshot: undefined });
    expect(requests.map(asked)).toEqual([null, 's1', 's1', null, null, 's7', 's1']);
  });

  it('that holds asks one snapshot also where several questions begin together', async () => {
    const { fetch, requests } = busyService();
    const held = client(fetch).hold();
    await Promise.all([held.items(), held.items(), held.items()]);
    expect(requests.map(asked)).toEqual([null, 's1', 's1']);
  });

  it('that holds lets a question end with its signal while it waits for the first', async () => {
    const fake = fakeService(['never']);
    const held = client(fake.fetch).hold();
    const [first, second] = [new AbortController(), new AbortController()];
    const asking = held.items({}, { signal: first.signal });
    const waiting = held.items({}, { signal: second.signal });
    second.abort(new Error('not wanted'));
    await expect(waiting).rejects.toThrow('not wanted');
    first.abort(new Error('nor this'));
    await expect(asking).rejects.toThrow('nor this');
    expect(fake.requests).toHaveLength(1);
  });

  it('that holds what is named asks for that, and then by the id that answered', async () => {
    const fake = fakeService([answered({ items: [] }, { 'segue-snapshot': 'abc' })]);
    const held = client(fake.fetch).hold('stable');
    await held.items();
    await held.items();
    expect(fake.requests.map(asked)).toEqual(['stable', 'abc']);
  });

  it('that holds goes on where the first question failed', async () => {
    const fake = fakeService(({ url }) =>
      url.pathname === '/v1/items/x'
        ? refused(404, 'item-not-found')
        : answered({}, { 'segue-snapshot': 's1' }),
    );
    const held = client(fake.fetch).hold();
    const [first, second] = await Promise.allSettled([held.item({ item: 'x' }), held.items()]);
    expect([first.status, second.status]).toEqual(['rejected', 'fulfilled']);
    await held.items();
    expect(fake.requests.map(asked)).toEqual([null, null, 's1']);
  });

  it('that holds keeps the snapshot when it tries again, and says that it is gone', async () => {
    const fake = fakeService([
      answered({}, { 'segue-snapshot': 's1' }),
      refused(503, 'overloaded'),
      refused(410, 'snapshot-not-found'),
    ]);
    const held = client(fake.fetch).hold();
    await held.items();
    await expect(held.items()).rejects.toBeInstanceOf(SnapshotGone);
    expect(fake.requests.map(asked)).toEqual([null, 's1', 's1']);
  });

  it('that goes forward asks for the newest epoch that has answered', async () => {
    const epochs = ['3', '2', '9', '9'];
    const fake = fakeService(() => answered({}, { 'segue-epoch': epochs.shift()! }));
    const onward = client(fake.fetch).forward();
    for (let n = 0; n < 4; n++) await onward.items();
    expect(fake.requests.map(({ url }) => url.searchParams.get('min-epoch'))).toEqual([null, '3', '3', '9']);
  });
});
