/** The spec fields that a FixtureFeed sets in the MatchNotifications it makes; all others are people's (design §3). */
import type { MatchNotificationSpec } from './match-notification.ts';

export const FEED_FIELDS = [
  'workspaceRef',
  'campaignId',
  'match',
  'kickoff',
  'sendAt',
  'audience',
  'triggerProperties',
  'hold',
] as const satisfies readonly (keyof MatchNotificationSpec)[];
export type FeedField = (typeof FEED_FIELDS)[number];
