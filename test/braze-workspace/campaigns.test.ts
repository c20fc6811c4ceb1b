import { describe, expect, it } from 'vitest';
import { done, type Outcome, refused, unknown } from '../../src/base/outcomes.ts';
import { fenceSnippet } from '../../src/braze/fence-template.ts';
import type { CampaignDetails } from '../../src/braze/types.ts';
import {
  type CampaignMemory,
  campaignRows,
  isStale,
  learn,
  lookAgainAt,
  rememberedCampaigns,
} from '../../src/reconcilers/braze-workspace/campaigns.ts';

const at = (time: string) => Temporal.Instant.from(`2026-12-06T${time}Z`);
const details = (live: boolean, text: string | undefined): Outcome<CampaignDetails> => {
  const messages = text === undefined ? undefined : [{ label: 'ios_push A', fields: [text] }];
  return done({ name: 'Match', live, templates: messages && [text ?? ''], messages });
};
const FENCED = details(true, fenceSnippet('matchday'));
const UNFENCED = details(true, 'Go!');
const CUT = details(true, undefined);
const STOPPED = details(false, fenceSnippet('matchday'));
const NOBODY = refused({ reason: 'campaign-not-found', status: 400, message: 'Invalid Campaign ID' });
const FORBIDDEN = refused({ reason: 'forbidden', status: 403, message: 'campaigns.details: Access Denied' });
const DOWN = unknown('no answer');

/** What is known after these looks, each `[time, outcome]`. */
function after(looks: readonly (readonly [string, Outcome<CampaignDetails>])[], assumed = false): CampaignMemory {
  let memory: CampaignMemory | undefined;
  for (const [time, outcome] of looks) memory = learn(memory, { outcome, catalog: 'matchday', assumed, at: at(time) });
  if (memory === undefined) throw new Error('no look');
  return memory;
}

describe('what is known of a campaign', () => {
  it.each([
    ['one good look', [['10:00:00', FENCED]], { found: true, live: 'True', fenced: 'True' }],
    ['one look without a fence', [['10:00:00', UNFENCED]], { live: 'True', fenced: 'False' }],
    ['a cut answer first', [['10:00:00', CUT]], { live: 'True', fenced: 'Unknown' }],
    [
      'a cut answer after a good one',
      [
        ['10:00:00', FENCED],
        ['10:05:00', CUT],
      ],
      { live: 'True', fenced: 'True' },
    ],
    [
      'a cut answer after a bad one',
      [
        ['10:00:00', UNFENCED],
        ['10:05:00', CUT],
      ],
      { fenced: 'False' },
    ],
    [
      'no answer after a good one',
      [
        ['10:00:00', FENCED],
        ['10:05:00', DOWN],
      ],
      { live: 'True', fenced: 'True' },
    ],
    [
      'a missing permission after a good one',
      [
        ['10:00:00', FENCED],
        ['10:05:00', FORBIDDEN],
      ],
      { live: 'True', fenced: 'True' },
    ],
    [
      'a first bad look after a good one',
      [
        ['10:00:00', FENCED],
        ['10:05:00', UNFENCED],
      ],
      { fenced: 'True' },
    ],
    [
      'two bad looks within a minute',
      [
        ['10:00:00', FENCED],
        ['10:05:00', UNFENCED],
        ['10:05:59', UNFENCED],
      ],
      { fenced: 'True' },
    ],
    [
      'two bad looks a minute apart',
      [
        ['10:00:00', FENCED],
        ['10:05:00', UNFENCED],
        ['10:06:00', UNFENCED],
      ],
      { fenced: 'False' },
    ],
    [
      'a good look between two bad ones',
      [
        ['10:00:00', FENCED],
        ['10:05:00', UNFENCED],
        ['10:06:00', FENCED],
        ['10:07:00', UNFENCED],
      ],
      { fenced: 'True' },
    ],
    [
      'a campaign that was stopped, seen twice',
      [
        ['10:00:00', FENCED],
        ['10:05:00', STOPPED],
        ['10:06:00', STOPPED],
      ],
      { live: 'False', fenced: 'True' },
    ],
    [
      'a campaign that vanished, seen once',
      [
        ['10:00:00', FENCED],
        ['10:05:00', NOBODY],
      ],
      { found: true, live: 'True' },
    ],
    [
      'a campaign that vanished, seen twice',
      [
        ['10:00:00', FENCED],
        ['10:05:00', NOBODY],
        ['10:06:00', NOBODY],
      ],
      { found: false, live: 'False' },
    ],
    [
      'a campaign that got its fence',
      [
        ['10:00:00', UNFENCED],
        ['10:01:00', FENCED],
      ],
      { fenced: 'True' },
    ],
  ] as const)('after %s', (_, looks, facts) => {
    expect(after(looks).facts).toMatchObject(facts);
  });

  it('is the workspace’s word where the campaign is assumed to be fenced, but for one that does not exist', () => {
    expect(after([['10:00:00', FORBIDDEN]], true).facts).toMatchObject({ found: true, live: 'Unknown', fenced: 'True' });
    expect(after([['10:00:00', UNFENCED]], true).facts).toMatchObject({ fenced: 'True' });
    expect(after([['10:00:00', NOBODY]], true).facts).toMatchObject({ found: false, fenced: 'Unknown' });
  });

  it('is nothing to show while Braze never answered, and a refusal is something', () => {
    expect(after([['10:00:00', DOWN]]).heard).toBe(false);
    expect(after([['10:00:00', FORBIDDEN]])).toMatchObject({ heard: true, facts: { message: 'campaigns.details: Access Denied' } });
    expect(
      after([
        ['10:00:00', FENCED],
        ['10:05:00', DOWN],
      ]).heard,
    ).toBe(true);
  });
});

describe('looking again', () => {
  it('is due by itself only for a campaign that is not well, or doubted', () => {
    expect(lookAgainAt(after([['10:00:00', FENCED]]))).toBeUndefined();
    expect(lookAgainAt(after([['10:00:00', UNFENCED]]))?.toString()).toBe('2026-12-06T10:01:00Z');
    expect(
      lookAgainAt(
        after([
          ['10:00:00', FENCED],
          ['10:05:00', UNFENCED],
        ]),
      )?.toString(),
    ).toBe('2026-12-06T10:06:00Z');
  });

  it.each([
    ['10:00:00', '11:30:00', '10:30:00'],
    ['10:30:00', '11:30:00', '11:00:00'],
    ['11:10:30', '11:30:00', '11:20:00'],
    ['11:20:30', '11:30:00', '11:25:00'],
    ['11:25:30', '11:30:00', '11:27:00'],
    ['11:27:00', '11:30:00', undefined],
  ])('asked at %s is due before the armed send at %s: at %s', (asked, armed, due) => {
    const again = lookAgainAt(after([[asked, FENCED]]), { armed: at(armed) });
    expect(again?.toString()).toBe(due && at(due).toString());
  });

  it('is due a day before an armed send', () => {
    const again = lookAgainAt(after([['10:00:00', FENCED]]), { armed: at('10:00:00').add({ hours: 72 }) });
    expect(again?.toString()).toBe('2026-12-08T10:00:00Z');
  });

  describe('is due after sends that nobody judged yet', () => {
    const due = (looks: Parameters<typeof after>[0], made: readonly string[]) =>
      lookAgainAt(after(looks), { made: made.map(at) })
        ?.toString()
        .slice(11, 19);

    it.each([
      ['a minute after it', [['11:27:00', FENCED]], ['11:30:00'], '11:31:00'],
      [
        'once more a quarter of an hour after it',
        [
          ['11:27:00', FENCED],
          ['11:31:00', FENCED],
        ],
        ['11:30:00'],
        '11:45:00',
      ],
      [
        'and then no more',
        [
          ['11:31:00', FENCED],
          ['11:45:00', FENCED],
        ],
        ['11:30:00'],
        undefined,
      ],
      [
        'a minute after a look that was not answered',
        [
          ['11:27:00', FENCED],
          ['11:31:00', DOWN],
        ],
        ['11:30:00'],
        '11:32:00',
      ],
      ['once for those of one minute, then for the next', [['11:27:00', FENCED]], ['11:40:00', '11:30:00', '11:30:00'], '11:31:00'],
    ] as const)('%s', (_, looks, made, expected) => {
      expect(due(looks, made)).toBe(expected);
    });

    it('where this life of the operator has not asked, whatever the last one knew', () => {
      const [row] = campaignRows(new Map([['a', after([['11:50:00', FENCED]])]]));
      const remembered = rememberedCampaigns(row && [row], { withFence: true }).get('a');
      if (remembered === undefined) throw new Error('it was well');
      expect(lookAgainAt(remembered, { made: [at('11:30:00')] })?.toString()).toBe('2026-12-06T11:51:00Z');
    });
  });

  it('is worth a call for who asks after an hour', () => {
    const memory = after([['10:00:00', FENCED]]);
    expect([isStale(undefined, at('10:00:00')), isStale(memory, at('10:59:59')), isStale(memory, at('11:00:00'))]).toEqual([
      true,
      false,
      true,
    ]);
  });
});

describe('the rows of the status', () => {
  it('bring back what was well, and only that', () => {
    const rows = campaignRows(
      new Map([
        ['b', after([['10:00:00', UNFENCED]])],
        ['a', after([['10:00:00', FENCED]])],
      ]),
    );
    expect(rows.map((row) => [row.id, row.live, row.fenced])).toEqual([
      ['a', 'True', 'True'],
      ['b', 'True', 'False'],
    ]);
    expect([...rememberedCampaigns([...rows], { withFence: true }).keys()]).toEqual(['a']);
    expect([...rememberedCampaigns([...rows], { withFence: false }).keys()]).toEqual(['b']);
  });
});
