/** A feed, rows of the provider, and the object that an apply would make. */
import type { FixtureFeed, FixtureFeedSpec } from '../../src/crds/fixture-feed.ts';
import { fixtureFeedSpec } from '../../src/crds/fixture-feed.ts';
import { API_VERSION } from '../../src/crds/kube.ts';
import { type MatchNotification, matchNotificationSpec } from '../../src/crds/match-notification.ts';
import { type Knowledge, observe } from '../../src/football-data/knowledge.ts';
import type { Fixture } from '../../src/football-data/types.ts';
import type { ApplyBody } from '../../src/reconcilers/fixture-feed/wish.ts';

export const at = (text: string): Temporal.Instant => Temporal.Instant.from(text);
export const NOW = at('2026-12-01T09:00:00Z');

export function feedWith(spec: Partial<FixtureFeedSpec> = {}, metadata: Partial<FixtureFeed['metadata']> = {}): FixtureFeed {
  return {
    apiVersion: API_VERSION,
    kind: 'FixtureFeed',
    metadata: { name: 'pl', namespace: 'club', uid: 'feed-uid', resourceVersion: '7', generation: 1, ...metadata },
    spec: {
      ...fixtureFeedSpec.parse({
        source: { competition: 'PL', season: '2026', tokenSecretRef: { name: 'football-data', key: 'token' } },
        template: { spec: { workspaceRef: { name: 'main' }, campaignId: 'campaign-1', audience: { broadcast: true } } },
      }),
      ...spec,
    },
  };
}

export function row(changes: Partial<Fixture> = {}): Fixture {
  return {
    id: '600123',
    competition: 'PL',
    matchday: 15,
    kickoff: at('2026-12-06T12:30:00Z'),
    status: 'TIMED',
    home: { id: '58', name: 'Aston Villa FC', shortName: 'Aston Villa', tla: 'AVL' },
    away: { id: '57', name: 'Arsenal FC', shortName: 'Arsenal', tla: 'ARS' },
    lastUpdated: at('2026-11-20T00:20:29Z'),
    ...changes,
  };
}

/** What is known after these rows, each of its own poll. */
export function known(rows: readonly Partial<Fixture>[] = [{}, {}], now = NOW): Knowledge {
  let knowledge: Knowledge | undefined;
  for (const changes of rows) knowledge = observe(knowledge, row(changes), { now, leadTimeMs: 3_600_000 });
  if (knowledge === undefined) throw new Error('give at least one row');
  return knowledge;
}

/** The object that the API server would hold after the apply, defaults filled in. */
export function applied(body: ApplyBody, metadata: Partial<MatchNotification['metadata']> = {}): MatchNotification {
  return {
    apiVersion: body.apiVersion,
    kind: 'MatchNotification',
    metadata: { ...body.metadata, uid: `uid-${body.metadata.name}`, resourceVersion: '11', generation: 1, ...metadata },
    spec: matchNotificationSpec.parse(body.spec),
  };
}
