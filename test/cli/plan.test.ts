import { describe, expect, it } from 'vitest';
import { type Change, changesOf } from '../../src/cli/plan/changes.ts';
import { planText } from '../../src/cli/plan/text.ts';
import { type BrazeWorkspace, brazeWorkspaceSpec } from '../../src/crds/braze-workspace.ts';
import type { FixtureFeedSpec } from '../../src/crds/fixture-feed.ts';
import type { MatchNotification, MatchNotificationStatus } from '../../src/crds/match-notification.ts';
import type { Fixture } from '../../src/football-data/types.ts';
import { plan } from '../../src/reconcilers/fixture-feed/plan.ts';
import { applied, at, feedWith, known, NOW, row } from '../fixture-feed/samples.ts';
import { armed } from '../match-notification/situations.ts';

function workspaceWith(spec: Partial<BrazeWorkspace['spec']> = {}): BrazeWorkspace {
  const base = brazeWorkspaceSpec.parse({
    endpoint: 'https://rest.iad-01.braze.com',
    apiKeySecretRef: { name: 'braze', key: 'apiKey' },
    fence: { catalog: 'matchday' },
  });
  return {
    apiVersion: 'matchday.dev/v1alpha1',
    kind: 'BrazeWorkspace',
    metadata: { name: 'main', namespace: 'club', uid: 'w', resourceVersion: '1' },
    spec: { ...base, ...spec },
  };
}
const { fence: _fence, ...UNFENCED } = workspaceWith().spec;
const unfenced = (): BrazeWorkspace => ({ ...workspaceWith(), spec: UNFENCED });

/** The object that the feed made of the match as it was known. */
function made(metadata: Partial<MatchNotification['metadata']> = {}, status?: MatchNotificationStatus): MatchNotification {
  const [apply] = plan({
    feed: feedWith(),
    known: new Map([['600123', known()]]),
    shown: () => undefined,
    settled: new Map(),
    now: NOW,
  }).applies;
  if (apply === undefined) throw new Error('the match is not planned');
  return { ...applied(apply.wish.body, metadata), ...(status === undefined ? {} : { status }) };
}
const armedOne = (): MatchNotification => made({}, armed(made()));

interface Case {
  readonly rows?: readonly Fixture[];
  readonly own?: readonly MatchNotification[];
  readonly spec?: Partial<FixtureFeedSpec>;
  readonly workspace?: BrazeWorkspace | undefined;
}
function changes({ rows = [], own = [], spec = {}, ...rest }: Case): readonly Change[] {
  const workspace = 'workspace' in rest ? rest.workspace : workspaceWith();
  return changesOf({ feed: feedWith(spec), own, rows, workspace, now: NOW }).changes;
}
const moved = row({ kickoff: at('2026-12-06T15:00:00Z'), lastUpdated: at('2026-11-30T12:00:00Z') });

describe('what the next poll would change', () => {
  it('is nothing when the provider says what the objects say', () => {
    expect(changes({ rows: [row()], own: [made()] })).toEqual([]);
  });

  it('is nothing when a match is missing in the answer, or nobody was asked', () => {
    expect(changes({ own: [made()] })).toEqual([]);
  });

  it('a new match, with what Braze gets', () => {
    expect(changes({ rows: [row()] })).toEqual([
      {
        name: 'pl-600123',
        fixture: 'Aston Villa FC v Arsenal FC',
        isNew: true,
        atNextPoll: true,
        fields: [
          { field: 'kickoff', to: '2026-12-06T12:30:00Z' },
          { field: 'sendAt', to: '2026-12-06T11:30:00Z' },
        ],
        kept: [],
        braze: 'create a schedule for 2026-12-06 11:30Z, then open its catalog item',
      },
    ]);
  });

  it('a move, which takes a second answer', () => {
    expect(changes({ rows: [moved], own: [made()] })).toMatchObject([
      {
        isNew: false,
        atNextPoll: false,
        fields: [
          { field: 'kickoff', from: '2026-12-06T12:30:00Z', to: '2026-12-06T15:00:00Z' },
          { field: 'sendAt', from: '2026-12-06T11:30:00Z', to: '2026-12-06T14:00:00Z' },
        ],
      },
    ]);
  });

  it('what a change of the feed does to its objects, without asking anybody', () => {
    expect(changes({ own: [made()], spec: { leadTime: '30m' } })).toMatchObject([
      { atNextPoll: true, fields: [{ field: 'sendAt', from: '2026-12-06T11:30:00Z', to: '2026-12-06T12:00:00Z' }] },
    ]);
  });

  it('leaves what somebody took, and says what it would be', () => {
    const editor = { manager: 'editor', operation: 'Apply' as const, fieldsV1: { 'f:spec': { 'f:sendAt': {} } } };
    const object = made({ managedFields: [editor] });
    const own = [{ ...object, spec: { ...object.spec, sendAt: '2026-12-06T10:00:00Z' } }];
    expect(changes({ rows: [moved], own })).toMatchObject([
      {
        fields: [{ field: 'kickoff', to: '2026-12-06T15:00:00Z' }],
        kept: [{ field: 'sendAt', manager: 'editor', wouldBe: '2026-12-06T14:00:00Z' }],
      },
    ]);
  });

  it('nothing at all when too many would move, and says how to approve them', () => {
    const ids = Array.from({ length: 8 }, (_, index) => String(index + 1));
    const own = ids.map((id) => {
      const object = made({ name: `pl-${id}` });
      return { ...object, spec: { ...object.spec, match: { ...object.spec.match, id } } };
    });
    const rows = ids.map((id) => ({ ...moved, id, home: { id: `h${id}`, name: `H${id}` } }));
    const { stopped } = changesOf({ feed: feedWith(), own, rows, workspace: workspaceWith(), now: NOW });
    expect(stopped).toContain('8 of 8 sends moved or held at once');
    expect(stopped).toMatch(/approve/);
  });
});

describe('what it means at Braze', () => {
  const means = (given: Case): string | undefined => changes(given)[0]?.braze;

  it.each<[string, Case, string]>([
    [
      'a move of an armed send',
      { rows: [moved], own: [armedOne()] },
      'close its item, delete schedule s1, create one for 2026-12-06 14:00Z, open the item',
    ],
    ['the same without a fence', { rows: [moved], own: [armedOne()], workspace: unfenced() }, 'update schedule s1 to 2026-12-06 14:00Z'],
    [
      'another name',
      { rows: [row({ home: { id: '58', name: 'Villa' } })], own: [armedOne()] },
      'rewrite its catalog item; schedule s1 stays',
    ],
    [
      'the same without a fence',
      { rows: [row({ home: { id: '58', name: 'Villa' } })], own: [armedOne()], workspace: unfenced() },
      'delete schedule s1, create one for 2026-12-06 11:30Z',
    ],
    [
      'a postponement',
      { rows: [row({ status: 'POSTPONED', lastUpdated: NOW })], own: [armedOne()] },
      'close and delete schedule s1, if that is still in time for 2026-12-06 11:30Z',
    ],
    [
      'one far ahead',
      { rows: [row({ kickoff: at('2026-12-30T12:00:00Z') })], workspace: workspaceWith({ horizon: '10d' }) },
      'nothing yet: a schedule is made from 2026-12-20 11:00Z on, 10d ahead',
    ],
    ['a suspended workspace', { rows: [row()], workspace: workspaceWith({ suspend: true }) }, 'nothing: the workspace is suspended'],
    ['no workspace', { rows: [row()], workspace: undefined }, 'nothing: the BrazeWorkspace is not there'],
  ])('%s', (_, given, says) => {
    expect(means(given)).toBe(says);
  });

  it('nothing for what a person suspended or what was sent', () => {
    const object = made();
    const suspended = { ...object, spec: { ...object.spec, suspend: true } };
    expect(means({ rows: [moved], own: [suspended] })).toBe('nothing: a person suspended it');
    const sent = made(
      {},
      { lastSent: { sendAt: '2026-12-06T11:30:00Z', firesAt: '2026-12-06T11:30:00Z', at: '2026-12-06T11:30:00Z', reason: 'Sent' } },
    );
    expect(means({ rows: [moved], own: [sent] })).toBe('nothing: it was sent at 2026-12-06 11:30Z');
  });
});

describe('the plan in words', () => {
  it('reads like a difference', () => {
    const text = planText([
      { namespace: 'club', feed: 'pl', read: 380, objects: 1, changes: changes({ rows: [moved], own: [armedOne()] }) },
    ]);
    expect(text.split('\n')).toEqual([
      'FixtureFeed club/pl: 1 change (380 fixtures read, 1 objects)',
      '~ pl-600123   Aston Villa FC v Arsenal FC',
      '    kickoff  2026-12-06T12:30:00Z → 2026-12-06T15:00:00Z',
      '    sendAt   2026-12-06T11:30:00Z → 2026-12-06T14:00:00Z',
      '    when     once another answer says the same, asked for seconds later',
      '    Braze    close its item, delete schedule s1, create one for 2026-12-06 14:00Z, open the item',
    ]);
  });
});
