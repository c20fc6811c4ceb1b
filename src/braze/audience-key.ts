/** The audience as Braze counts it for "10 a minute per unique audience" (contracts 1.9): campaign + filter. */
import { createHash } from 'node:crypto';
import { isRecord } from './outcomes.ts';
import type { Audience } from './types.ts';

/** Undefined for recipients: such a create is no broadcast and counts by the hour. */
export function audienceKey(campaignId: string, audience: Audience): string | undefined {
  if (audience.kind === 'recipients') return undefined;
  const filter = audience.kind === 'connected' ? canonical(audience.filter) : 'all';
  return createHash('sha256').update(`${campaignId}\n${filter}`).digest('hex').slice(0, 16);
}

/** JSON with sorted keys: the order in which somebody wrote a filter does not make another audience. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isRecord(value)) return JSON.stringify(value) ?? 'null';
  const entries = Object.keys(value)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${entries.join(',')}}`;
}
