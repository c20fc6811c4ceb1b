/**
 * Requests to the outside, counted: one counter and one histogram for all three sides. Every series that an alert or a rate may ask for
 * is born at zero: Prometheus sees no increase in a series whose first value is 1, and a single 429 would never be heard of.
 */
import { ENDPOINTS as BRAZE_ENDPOINTS } from '../braze/endpoints.ts';
import { ENDPOINTS as FOOTBALL_DATA_ENDPOINTS } from '../football-data/client.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Tracing } from '../telemetry/tracing.ts';

const ENDPOINTS = {
  braze: BRAZE_ENDPOINTS,
  'football-data': FOOTBALL_DATA_ENDPOINTS,
  translator: ['translate'],
} as const satisfies Record<string, readonly string[]>;
type Api = keyof typeof ENDPOINTS;

/** What is answered in practice (contracts 1.8, 2.6); any other status has its series from its first answer on. */
const CODES = ['200', '201', '202', '400', '401', '403', '404', '429', '500', '502', '503', '504', 'error', 'not-sent'] as const;

type Counted = Pick<Metrics, 'externalRequests' | 'externalRequestSeconds'>;

export function bearExternalRequests({ externalRequests, externalRequestSeconds }: Counted): void {
  for (const [api, endpoints] of Object.entries(ENDPOINTS)) {
    for (const endpoint of endpoints) {
      externalRequestSeconds.zero({ api, endpoint });
      for (const code of CODES) externalRequests.inc({ api, endpoint, code }, 0);
    }
  }
}

/** Who hears of them. */
export interface Told {
  readonly metrics: Counted;
  readonly tracing: Pick<Tracing, 'called'>;
}

interface Request {
  readonly endpoint: string;
  readonly code: string;
  readonly seconds: number;
  readonly subject?: string;
}

/** Tells of one side's requests. */
export const countRequests =
  ({ metrics: { externalRequests, externalRequestSeconds }, tracing }: Told, api: Api) =>
  ({ endpoint, code, seconds, subject }: Request): void => {
    externalRequests.inc({ api, endpoint, code });
    externalRequestSeconds.observe({ api, endpoint }, seconds);
    tracing.called({ api, operation: endpoint, code, seconds, ...(subject === undefined ? {} : { subject }) });
  };
