/** One good object of each kind, and how to change it. */
import { API_VERSION } from '../../src/crds/kube.ts';

export type Json = Record<string, unknown>;
export type KindName = 'MatchNotification' | 'FixtureFeed' | 'BrazeWorkspace';

const CAMPAIGN = '4d1f0d4c-0000-4000-8000-000000000001';
const workspaceRef = { name: 'main' };

const SPECS: Record<KindName, Json> = {
  MatchNotification: {
    workspaceRef,
    campaignId: CAMPAIGN,
    match: {
      provider: 'football-data',
      id: '600123',
      competition: 'PL',
      matchday: 15,
      home: { id: '58', name: 'Aston Villa FC', tla: 'AVL' },
      away: { id: '57', name: 'Arsenal FC', tla: 'ARS' },
    },
    kickoff: '2026-12-06T12:30:00Z',
    sendAt: '2026-12-06T11:30:00Z',
    audience: { broadcast: true },
  },
  FixtureFeed: {
    source: { competition: 'PL', season: '2025', tokenSecretRef: { name: 'football-data', key: 'token' } },
    template: { spec: { workspaceRef, campaignId: CAMPAIGN, audience: { broadcast: true } } },
  },
  BrazeWorkspace: {
    endpoint: 'https://rest.iad-01.braze.com',
    apiKeySecretRef: { name: 'braze', key: 'apiKey' },
    fence: { catalog: 'matchday' },
  },
};

/** What to write at a path (`match.id`, `template.spec.campaignId`); `undefined` removes the field. */
export type Changes = Readonly<Record<string, unknown>>;

export function sample(kind: KindName, name: string, changes: Changes = {}): Json {
  const spec = structuredClone(SPECS[kind]);
  for (const [path, value] of Object.entries(changes)) setAt(spec, path.split('.'), value);
  return { apiVersion: API_VERSION, kind, metadata: { name }, spec };
}

function setAt(target: Json, [head = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length > 0) {
    target[head] ??= {};
    setAt(target[head] as Json, rest, value);
  } else if (value === undefined) delete target[head];
  else target[head] = value;
}
