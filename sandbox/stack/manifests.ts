/** The objects that a sandbox puts into its namespace, as somebody would write them. */
import { API_VERSION } from '../../src/crds/kube.ts';

/** A manifest: handed to kubectl as it is, and judged by the API server. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

export const BRAZE_SECRET = { name: 'braze', key: 'apiKey' } as const;
export const FOOTBALL_DATA_SECRET = { name: 'football-data', key: 'token' } as const;

export function secret({ name, key }: { readonly name: string; readonly key: string }, value: string): Manifest {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData: { [key]: value } };
}

export interface WorkspaceManifest {
  readonly name?: string;
  readonly endpoint: string;
  readonly catalog?: string;
  /** Durations as in the spec; short ones let a send be near. */
  readonly margin?: string;
  readonly requestTimeout?: string;
  /** Any other fields of the spec. */
  readonly spec?: Readonly<Record<string, unknown>>;
}

export function workspace({
  name = 'main',
  endpoint,
  catalog = 'matchday',
  margin,
  requestTimeout,
  spec = {},
}: WorkspaceManifest): Manifest {
  const fence = { catalog, ...(margin === undefined ? {} : { margin }) };
  const timeout = requestTimeout === undefined ? {} : { requestTimeout };
  return {
    apiVersion: API_VERSION,
    kind: 'BrazeWorkspace',
    metadata: { name },
    spec: { endpoint, apiKeySecretRef: BRAZE_SECRET, fence, ...timeout, ...spec },
  };
}

export interface FeedManifest {
  readonly name?: string;
  readonly competition?: string;
  readonly workspace?: string;
  readonly campaignId: string;
  /** Any other fields of the spec. */
  readonly spec?: Readonly<Record<string, unknown>>;
}

export function feed({ name = 'pl', competition = 'PL', workspace: used = 'main', campaignId, spec = {} }: FeedManifest): Manifest {
  return {
    apiVersion: API_VERSION,
    kind: 'FixtureFeed',
    metadata: { name },
    spec: {
      source: { competition, season: '2025', tokenSecretRef: FOOTBALL_DATA_SECRET },
      template: { spec: { workspaceRef: { name: used }, campaignId, audience: { broadcast: true } } },
      ...spec,
    },
  };
}

export interface NotificationManifest {
  /** The provider's number of the match; the object is called `<feed>-<match>` unless told. */
  readonly match: string;
  readonly name?: string;
  readonly workspace?: string;
  readonly campaignId: string;
  readonly kickoff: Temporal.Instant;
  /** One hour before kickoff unless told. */
  readonly sendAt?: Temporal.Instant;
  /** Any other fields of the spec. */
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** A MatchNotification without a feed, for tests that write the wish themselves. */
export function notification(options: NotificationManifest): Manifest {
  const { match, name = `pl-${match}`, workspace: used = 'main', campaignId, kickoff, spec = {} } = options;
  const sendAt = options.sendAt ?? kickoff.subtract({ hours: 1 });
  return {
    apiVersion: API_VERSION,
    kind: 'MatchNotification',
    metadata: { name, finalizers: ['matchday.dev/braze-schedule'] },
    spec: {
      workspaceRef: { name: used },
      campaignId,
      match: {
        provider: 'football-data',
        id: match,
        competition: 'PL',
        home: { id: '58', name: 'Aston Villa FC', tla: 'AVL' },
        away: { id: '57', name: 'Arsenal FC', tla: 'ARS' },
      },
      kickoff: kickoff.toString(),
      sendAt: sendAt.toString(),
      audience: { broadcast: true },
      ...spec,
    },
  };
}
