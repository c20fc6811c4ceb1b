import { describe, expect, it } from 'vitest';
import type { FenceItem } from '../../src/braze/types.ts';
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import { type Holders, isLeftover } from '../../src/reconcilers/braze-workspace/leftovers.ts';

const NOW = Temporal.Instant.from('2026-12-08T11:30:00Z');
const past: FenceItem = {
  id: 'football-data-1-4d1f0d4c',
  token: '',
  state: 'closed',
  owner: 'club/default/pl-1',
  sendAt: '2026-12-06T11:30:00Z',
  sentAt: '',
  announcedSendAt: '2026-12-06T11:30:00Z',
  content: {},
};
const nobody: Holders = { prefix: 'club/default/', objectOf: () => undefined, held: new Set() };
const withItem = (item: string | undefined): Holders => ({
  ...nobody,
  objectOf: () => ({ status: item === undefined ? undefined : { fence: { item } } }) as unknown as MatchNotification,
});

describe('a catalog item is left over', () => {
  it.each<[string, Partial<FenceItem>, Holders, boolean]>([
    ['when its object is gone and its send two days past', {}, nobody, true],
    ['when it was sent, too', { state: 'sent', token: 't', sentAt: '2026-12-06T11:30:00Z' }, nobody, true],
    ['not while it is open', { state: 'open', token: 't' }, nobody, false],
    ['not before two days have passed', { announcedSendAt: '2026-12-06T11:30:01Z' }, nobody, false],
    ['not when another namespace owns it', { owner: 'club/other/pl-1' }, nobody, false],
    ['not when another cluster owns it', { owner: 'rival/default/pl-1' }, nobody, false],
    ['not when it names no time: the workspace names itself so', { sendAt: '', announcedSendAt: '' }, nobody, false],
    ['not when its time cannot be read', { announcedSendAt: 'soon' }, nobody, false],
    ['when its object went on with another item', {}, withItem('football-data-1-aaaaaaaa'), true],
    ['not while its object may still come back to it', {}, withItem(undefined), false],
    ['not while an object holds it', {}, { ...withItem('other'), held: new Set([past.id]) }, false],
  ])('%s', (_name, change, holders, leftover) => {
    expect(isLeftover({ ...past, ...change }, holders, NOW)).toBe(leftover);
  });
});
