/** The audience as Braze counts it for "10 a minute per unique audience" (contracts 1.9): campaign + filter. */
import { hashOf } from '../base/hash.ts';
import type { Audience } from './types.ts';

/** Undefined for recipients: such a create is no broadcast and counts by the hour. */
export function audienceKey(campaignId: string, audience: Audience): string | undefined {
  if (audience.kind === 'recipients') return undefined;
  return hashOf([campaignId, audience.kind === 'connected' ? audience.filter : 'all']);
}
