import { describe, expect, it } from 'vitest';
import { judgeHolder } from '../../src/braze/catalog.ts';
import type { BrazeWorkspace } from '../../src/crds/braze-workspace.ts';
import type { FixtureFeed } from '../../src/crds/fixture-feed.ts';
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import type { CampaignFacts, CampaignMemory } from '../../src/reconcilers/braze-workspace/campaigns.ts';
import { limitsOf, settingsOf } from '../../src/reconcilers/braze-workspace/settings.ts';
import { isWorthWriting, statusOf } from '../../src/reconcilers/braze-workspace/status.ts';
import { usageOf } from '../../src/reconcilers/braze-workspace/usage.ts';
import { type Knowledge, type Problem, verdictOf } from '../../src/reconcilers/braze-workspace/verdict.ts';

const NOW = Temporal.Instant.from('2026-12-06T10:00:00Z');

function workspace(spec: Partial<BrazeWorkspace['spec']> = {}): BrazeWorkspace {
  return {
    apiVersion: 'matchday.dev/v1alpha1',
    kind: 'BrazeWorkspace',
    metadata: { name: 'main', namespace: 'ns', uid: 'u', resourceVersion: '1', generation: 1 },
    spec: {
      endpoint: 'https://rest.iad-01.braze.com',
      apiKeySecretRef: { name: 'braze', key: 'apiKey' },
      fence: { catalog: 'matchday', margin: '60s' },
      unresolved: 'Block',
      updateBuffer: '20m',
      horizon: '30d',
      requestTimeout: '10s',
      suspend: false,
      ...spec,
    },
  };
}

function campaign(facts: Partial<CampaignFacts> = {}): CampaignMemory {
  return {
    facts: { found: true, live: 'True', fenced: 'True', message: 'words', ...facts },
    withFence: true,
    heard: true,
    checkedAt: NOW,
    askedAt: NOW,
    doubtedSince: undefined,
  };
}

const WELL: Knowledge = {
  object: workspace(),
  endpoint: undefined,
  secretMissing: undefined,
  problem: undefined,
  hasKey: true,
  stopped: undefined,
  forbidden: undefined,
  campaigns: new Map([['c1', campaign()]]),
  offsetMs: 0,
};
const bare = workspace();
const { fence: _, ...unfencedSpec } = bare.spec;

/** In the order of the rules: each row must win against all rows below it. */
const ROWS: readonly (readonly [Problem['reason'], Partial<Knowledge>])[] = [
  ['EndpointNotAllowed', { endpoint: 'words' }],
  ['SecretNotFound', { secretMissing: 'words' }],
  ['WorkspaceChanged', { problem: { reason: 'WorkspaceChanged', message: 'words' } }],
  ['Unauthorized', { stopped: 'words' }],
  ['Checking', { hasKey: false }],
  ['Forbidden', { forbidden: 'items.put: words' }],
  ['ClockSkew', { offsetMs: -20_001 }],
  ['FenceMissing', { campaigns: new Map([['c1', campaign({ fenced: 'False' })]]) }],
  [
    'FenceMissing',
    { object: { ...bare, spec: unfencedSpec }, campaigns: new Map([['c1', { ...campaign({ fenced: 'True' }), withFence: false }]]) },
  ],
  ['Suspended', { object: workspace({ suspend: true }) }],
  ['Ready', {}],
];

describe('the verdict on a workspace', () => {
  it.each(ROWS.map(([reason, change], index) => [reason, change, index] as const))(
    'is %s before everything below it',
    (reason, change, index) => {
      for (const [, below] of ROWS.slice(index)) expect(verdictOf({ ...WELL, ...below, ...change }).reason).toBe(reason);
    },
  );

  it('is Ready with a campaign that only its own notifications suffer from, which it names', () => {
    const verdict = verdictOf({
      ...WELL,
      campaigns: new Map([
        ['c1', campaign({ found: false, live: 'False', message: 'nobody' })],
        ['c2', campaign()],
      ]),
    });
    expect(verdict).toEqual({ reason: 'Ready', message: expect.stringContaining('2 campaigns checked, but c1: nobody') });
  });

  it('does not mind a preflight that may not read campaigns when each is spoken for', () => {
    expect(verdictOf({ ...WELL, forbidden: 'campaigns.details: words' }).reason).toBe('Ready');
    expect(
      verdictOf({ ...WELL, forbidden: 'campaigns.details: words', campaigns: new Map([['c1', campaign({ fenced: 'Unknown' })]]) }).reason,
    ).toBe('Forbidden');
  });
});

describe('the status', () => {
  const input = {
    object: workspace(),
    verdict: verdictOf(WELL),
    fence: { ready: true, reason: 'Ready', message: 'words' },
    identity: undefined,
    campaigns: WELL.campaigns,
    locales: [],
    listed: [],
    now: NOW,
  };

  it('has Ready always, and Stalled or Reconciling only while true', () => {
    const types = (reason: Problem['reason']) =>
      statusOf({ ...input, verdict: { reason, message: 'words' } }).conditions?.map(({ type, status }) => `${type} ${status}`);
    expect(types('Ready')).toEqual(['Ready True', 'FenceReady True']);
    expect(types('Unauthorized')).toEqual(['Ready False', 'Stalled True', 'FenceReady True']);
    expect(types('Checking')).toEqual(['Ready False', 'Reconciling True', 'FenceReady True']);
  });

  it('is written for a new word, not for a new number, and for a new time only after five minutes', () => {
    const before = statusOf(input);
    const later = (ms: number) => {
      const campaigns = new Map([['c1', { ...campaign(), checkedAt: NOW.add({ milliseconds: ms }) }]]);
      return statusOf({ ...input, campaigns, now: NOW.add({ milliseconds: ms }) });
    };
    expect(isWorthWriting(undefined, before)).toBe(true);
    expect(isWorthWriting(before, later(299_000))).toBe(false);
    expect(isWorthWriting(before, later(300_000))).toBe(true);
    const worded = (message: string) => statusOf({ ...input, verdict: { reason: 'BrazeUnavailable', message } });
    expect(isWorthWriting(worded('reset in 12 s'), worded('reset in 11 s'))).toBe(false);
    expect(isWorthWriting(worded('reset in 12 s'), worded('no answer'))).toBe(true);
    expect(isWorthWriting(before, statusOf({ ...input, locales: ['ar'] }))).toBe(true);
    const shown = { campaignId: 'c1', firesAt: '2026-12-08T11:30:00Z', shownAt: '2026-12-06T11:00:00Z' };
    const listing = statusOf({ ...input, listed: [shown] });
    expect(isWorthWriting(before, listing)).toBe(true);
    expect(isWorthWriting(listing, statusOf({ ...input, listed: [{ ...shown }] }))).toBe(false);
    expect(isWorthWriting(listing, before)).toBe(false);
  });

  it('keeps the time of a condition that stays', () => {
    const object = { ...workspace(), status: statusOf(input) };
    const next = statusOf({ ...input, object, verdict: { reason: 'Unauthorized', message: 'words' }, now: NOW.add({ hours: 1 }) });
    const times = next.conditions?.map(({ type, lastTransitionTime }) => [type, lastTransitionTime]);
    expect(times).toEqual([
      ['Ready', '2026-12-06T11:00:00Z'],
      ['Stalled', '2026-12-06T11:00:00Z'],
      ['FenceReady', '2026-12-06T10:00:00Z'],
    ]);
  });
});

describe('the numbers of a spec', () => {
  it('are its own, with the time-out that the lease allows', () => {
    expect(settingsOf(workspace({ suspend: true }).spec, 9_250)).toEqual({
      marginMs: 60_000,
      requestTimeoutMs: 9_250,
      updateBufferMs: 1_200_000,
      horizonMs: 2_592_000_000,
      suspended: true,
      unresolved: 'Block',
    });
    expect(settingsOf(workspace({ requestTimeout: '3s' }).spec, 9_250).requestTimeoutMs).toBe(3_000);
  });

  it('have the documented limits as defaults', () => {
    expect(limitsOf(workspace().spec)).toEqual({
      hour: 250_000,
      broadcast: 250,
      audience_min: 10,
      catalog_sync: 45,
      catalog_async: 16_000,
    });
  });
});

describe('what notifications use', () => {
  const notification = (campaignId: string, sendAt: string, status?: object) =>
    ({ spec: { campaignId, sendAt, match: {} }, status }) as unknown as MatchNotification;

  it('is their campaigns, and the nearest send still ahead', () => {
    const notifications = [
      notification('a', '2026-12-06T09:00:00Z'),
      notification('b', '2026-12-06T12:00:00Z'),
      notification('a', '2026-12-06T11:00:00Z'),
    ];
    const usage = usageOf({ notifications, feeds: [], now: NOW });
    expect([[...usage.campaigns], usage.owning, usage.nextSendAt?.toString()]).toEqual([['a', 'b'], false, '2026-12-06T11:00:00Z']);
  });

  it.each([
    ['a schedule', { schedule: { campaignId: 'a', firesAt: '2026-12-06T12:00:00Z' } }, true],
    ['a call in flight', { operation: {} }, true],
    ['an id still to delete', { obsolete: [{}] }, true],
    ['an open item', { fence: { state: 'open' } }, true],
    ['a closed item', { fence: { state: 'closed' }, obsolete: [] }, false],
  ] as const)('owns with %s: %s', (_name, status, owning) => {
    const notifications = [notification('a', '2026-12-06T12:00:00Z', status)];
    expect(usageOf({ notifications, feeds: [], now: NOW }).owning).toBe(owning);
  });

  it('speaks the locales of its names, and those that feeds are asked for', () => {
    const named = (names: object) =>
      ({ spec: { campaignId: 'a', sendAt: '2026-12-06T12:00:00Z', match: { home: { names }, away: {} } } }) as unknown as MatchNotification;
    const feed = (locales: readonly string[]) => ({ spec: { translation: { locales } } }) as unknown as FixtureFeed;
    const usage = usageOf({ notifications: [named({ es: 'x' }), named({ ar: 'x' })], feeds: [feed(['pt_BR', 'ar'])], now: NOW });
    expect(usage.locales).toEqual(['ar', 'es', 'pt-BR']);
    const many = Array.from({ length: 30 }, (_, n) => `x${String.fromCharCode(97 + (n % 26))}${n < 26 ? '' : 'x'}`);
    expect(usageOf({ notifications: [], feeds: [feed(many)], now: NOW }).locales).toHaveLength(20);
  });
});

describe('the nearest armed send', () => {
  const armedFor = (campaignId: string, firesAt: string) =>
    ({
      spec: { campaignId: 'wished', sendAt: firesAt, match: {} },
      status: { schedule: { campaignId, firesAt } },
    }) as unknown as MatchNotification;

  it('is told by the campaign that Braze holds it of, once it is ahead', () => {
    const notifications = [
      armedFor('a', '2026-12-06T09:00:00Z'),
      armedFor('a', '2026-12-06T12:00:00Z'),
      armedFor('a', '2026-12-06T11:00:00Z'),
    ];
    const { armed } = usageOf({ notifications, feeds: [], now: NOW });
    expect([...armed].map(([id, at]) => [id, at.toString()])).toEqual([['a', '2026-12-06T11:00:00Z']]);
  });
});

describe('sends that nobody judged yet', () => {
  const lastSent = { sendAt: '2026-12-06T09:30:00Z', firesAt: '2026-12-06T09:30:00Z', at: '2026-12-06T09:30:01Z', campaignId: 'a' };
  const sentWith = (status: object) =>
    ({
      metadata: { namespace: 'n', name: 'pl-1' },
      spec: { campaignId: 'a', sendAt: '2026-12-06T09:30:00Z', match: {} },
      status: { phase: 'Sent', lastSent, ...status },
    }) as unknown as MatchNotification;
  const unjudged = (status: object, now = NOW) => usageOf({ notifications: [sentWith(status)], feeds: [], now }).unjudged;

  it('are told by the campaign that sent them', () => {
    expect([...unjudged({})].map(([id, [send]]) => [id, send?.key.name, send?.firesAt.toString()])).toEqual([
      ['a', 'pl-1', '2026-12-06T09:30:00Z'],
    ]);
  });

  it.each([
    ['what was judged', { conditions: [{ type: 'Delivered', status: 'Unknown' }] }],
    ['what is armed again', { phase: 'Scheduled' }],
    ['what was recorded by an operator that did not note its campaign', { lastSent: { ...lastSent, campaignId: undefined } }],
    ['what was recorded more than an hour after its time', { lastSent: { ...lastSent, at: '2026-12-06T10:31:00Z' } }],
  ])('are not %s', (_, status) => {
    expect(unjudged(status).size).toBe(0);
  });

  it('are given up after five quarters of an hour', () => {
    expect(unjudged({}, Temporal.Instant.from('2026-12-06T10:44:59Z')).size).toBe(1);
    expect(unjudged({}, Temporal.Instant.from('2026-12-06T10:45:00Z')).size).toBe(0);
  });
});

describe('whose the catalog is', () => {
  const ours = { owner: 'o/ns/main', uid: 'u' };
  const other = { owner: 'x/ns/main', uid: 'v' };
  const wish = { ...ours, catalog: 'matchday', known: undefined, takeOver: undefined };

  it.each([
    ['nobody’s yet', undefined, wish, 'write'],
    ['ours', ours, wish, 'accept'],
    ['an earlier life’s of this object', { ...ours, uid: 'earlier' }, wish, 'write'],
    ['another operator’s from the beginning', other, wish, 'accept'],
    ['another operator’s as before', other, { ...wish, known: other }, 'accept'],
    ['ours as before', ours, { ...wish, known: ours }, 'accept'],
    ['gone', undefined, { ...wish, known: ours }, 'changed'],
    ['another’s now', other, { ...wish, known: ours }, 'changed'],
    ['another’s now, and a person says so', other, { ...wish, known: ours, takeOver: 'x/ns/main' }, 'write'],
    ['another’s now, and a person spoke of somebody else', other, { ...wish, known: ours, takeOver: 'y/ns/main' }, 'changed'],
    ['gone, and a person says so', undefined, { ...wish, known: ours, takeOver: 'none' }, 'write'],
    ['an earlier life’s, where ours was known', { ...ours, uid: 'earlier' }, { ...wish, known: ours }, 'changed'],
  ] as const)('%s', (_, holder, wished, expected) => {
    expect(judgeHolder(holder, wished)).toBe(expected);
  });
});
