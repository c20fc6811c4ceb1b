/** What an absence from Braze's listing says: nothing, but of a send that was in it, and only after a second look. */
import { describe, expect, it } from 'vitest';
import type { ListedBroadcast } from '../../src/braze/types.ts';
import {
  type ArmedSends,
  armedSends,
  type Listing,
  learnListing,
  listed,
  listedRows,
  lookAtListingAt,
  rememberedListing,
} from '../../src/reconcilers/braze-workspace/listing.ts';
import { notification } from '../match-notification/objects.ts';
import { armed } from '../match-notification/situations.ts';

const CAMPAIGN = 'c1';
const at = (time: string): Temporal.Instant => Temporal.Instant.from(`2026-12-06T${time}Z`);
const row = (time: string, campaignId = CAMPAIGN): ListedBroadcast => ({ campaignId, at: at(time) });

interface Send {
  readonly time?: string;
  readonly recorded?: string;
}

/** One armed for 11:30 and recorded at 08:00, unless told otherwise. */
function object({ time = '11:30:00', recorded = '08:00:00' }: Send = {}) {
  const bare = notification();
  const { schedule, ...rest } = armed(bare);
  if (schedule === undefined) throw new Error('armed() has a schedule');
  const planned = { ...schedule, campaignId: CAMPAIGN, firesAt: at(time).toString(), recordedAt: at(recorded).toString() };
  return { ...bare, status: { ...rest, schedule: planned } };
}
const sendsOf = (...sends: readonly Send[]): ReadonlyMap<string, ArmedSends> => armedSends(sends.map(object), at('08:30:00'));

const BEGUN: Listing = { ...rememberedListing(), askedAt: at('08:00:00') };

type Look = readonly [time: string, rows: readonly ListedBroadcast[], sends?: ReadonlyMap<string, ArmedSends>];

/** What is known after these looks. */
const after = (looks: readonly Look[], from = BEGUN): Listing =>
  looks.reduce((known, [time, rows, sends = sendsOf({})]) => learnListing(known, { rows, sends, at: at(time) }), from);

function verdict(listing: Listing, send: Send = {}): string {
  const { schedule } = object(send).status;
  return listed(listing, schedule);
}

const OURS = row('11:30:00');
const EARLIER = row('10:45:00');

describe('a schedule in the listing', () => {
  it.each<readonly [string, readonly Look[], string]>([
    ['was never looked for', [], 'unknown'],
    [
      'was never shown',
      [
        ['09:00:00', []],
        ['09:01:00', []],
        ['09:02:00', []],
      ],
      'unknown',
    ],
    ['is shown', [['09:00:00', [OURS]]], 'shown'],
    ['is shown to the second', [['09:00:00', [row('11:30:42')]]], 'shown'],
    ['is of another campaign', [['09:00:00', [row('11:30:00', 'c2')]]], 'unknown'],
    [
      'was shown and is not, once',
      [
        ['09:00:00', [OURS]],
        ['09:30:00', []],
      ],
      'unknown',
    ],
    [
      'was shown and is not, twice within a minute',
      [
        ['09:00:00', [OURS]],
        ['09:30:00', []],
        ['09:30:59', []],
      ],
      'unknown',
    ],
    [
      'was shown and is not, twice',
      [
        ['09:00:00', [OURS]],
        ['09:30:00', []],
        ['09:31:00', []],
      ],
      'gone',
    ],
    [
      'came back',
      [
        ['09:00:00', [OURS]],
        ['09:30:00', []],
        ['09:31:00', []],
        ['10:30:00', [OURS]],
      ],
      'shown',
    ],
    [
      'came back between two looks',
      [
        ['09:00:00', [OURS]],
        ['09:30:00', []],
        ['09:31:00', [OURS]],
        ['10:30:00', []],
      ],
      'unknown',
    ],
    [
      'is about to be sent',
      [
        ['09:00:00', [OURS]],
        ['11:29:01', []],
        ['11:30:01', []],
      ],
      'shown',
    ],
    [
      'may be hidden by an earlier one',
      [
        ['09:00:00', [OURS]],
        ['09:30:00', [EARLIER]],
        ['09:31:00', [EARLIER]],
      ],
      'shown',
    ],
    [
      'is missing beside an earlier one, where each has a row',
      [
        ['09:00:00', [EARLIER, OURS]],
        ['09:30:00', [EARLIER]],
        ['09:31:00', [EARLIER]],
      ],
      'gone',
    ],
  ])('that %s', (_, looks, expected) => {
    expect(verdict(after(looks))).toBe(expected);
  });

  it('is one of several at its time: fewer rows than sends miss each of them, once there were enough', () => {
    const two = sendsOf({}, {});
    const missing: readonly Look[] = [
      ['09:30:00', [OURS], two],
      ['09:31:00', [OURS], two],
    ];
    expect(verdict(after([['09:00:00', [OURS, OURS], two], ...missing]))).toBe('gone');
    expect(verdict(after([['09:00:00', [OURS], two], ...missing]))).toBe('unknown');
    expect(
      verdict(
        after([
          ['09:00:00', [OURS, OURS], two],
          ['09:30:00', [OURS]],
          ['09:31:00', [OURS]],
        ]),
      ),
    ).toBe('shown');
  });

  it('that was made anew is another one than was shown before', () => {
    const anew = { recorded: '09:15:00' };
    const gone: readonly Look[] = [
      ['09:00:00', [OURS]],
      ['09:30:00', [], sendsOf(anew)],
      ['09:31:00', [], sendsOf(anew)],
    ];
    expect(verdict(after(gone), anew)).toBe('unknown');
    expect(
      verdict(
        after([
          ['09:00:00', [OURS]],
          ['09:05:00', []],
          ['09:06:00', []],
        ]),
        anew,
      ),
    ).toBe('unknown');
  });

  it('is remembered by the next life, which needs two looks of its own to miss it', () => {
    const rows = listedRows(after([['09:00:00', [OURS]]]));
    expect(rows).toEqual([{ campaignId: CAMPAIGN, firesAt: '2026-12-06T11:30:00Z', shownAt: '2026-12-06T09:00:00Z' }]);
    const next = { ...rememberedListing(rows), askedAt: at('09:10:00') };
    expect(verdict(after([['09:30:00', []]], next))).toBe('unknown');
    expect(
      verdict(
        after(
          [
            ['09:30:00', []],
            ['09:31:00', []],
          ],
          next,
        ),
      ),
    ).toBe('gone');
  });
});

describe('looking at the listing', () => {
  const due = (listing: Listing, sends = sendsOf({})): string | undefined => lookAtListingAt(listing, sends)?.toString().slice(11, 19);
  const asked = (time: string): Listing => ({ ...BEGUN, askedAt: at(time) });

  it.each([
    ['08:00:10', '08:01:10'],
    ['08:05:00', '08:30:00'],
    ['09:30:00', '10:30:00'],
    ['11:10:00', '11:20:00'],
    ['11:26:30', '11:27:30'],
    ['11:27:30', undefined],
  ])('after %s is due at %s, for a send at 11:30 that was armed at 08:00', (time, expected) => {
    expect(due(asked(time))).toBe(expected);
  });

  it('is due a minute after a first absence, and not again for a second', () => {
    expect(
      due(
        after([
          ['09:00:00', [OURS]],
          ['09:30:00', []],
        ]),
      ),
    ).toBe('09:31:00');
    expect(
      due(
        after([
          ['09:00:00', [OURS]],
          ['09:30:00', []],
          ['09:31:00', []],
        ]),
      ),
    ).toBe('10:30:00');
  });

  it('is due for the nearest of several, and for the newest of them', () => {
    const far = { time: '23:30:00', recorded: '08:00:00' };
    expect(due(asked('08:05:00'), sendsOf({}, far))).toBe('08:30:00');
    expect(due(asked('11:28:00'), sendsOf({}, far))).toBeUndefined();
    expect(due(asked('11:35:00'), sendsOf(far))).toBe('17:30:00');
    expect(due(asked('09:35:00'), sendsOf({}, { ...far, recorded: '09:40:00' }))).toBe('09:41:00');
  });

  it('is never due where nothing is armed, or before a life has begun', () => {
    expect(due(BEGUN, new Map())).toBeUndefined();
    expect(due(rememberedListing())).toBeUndefined();
  });
});
