/** Why a match that would be sent is held all the same: its fixture has another id too, or the provider is silent before the send. Pure. */
import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import type { Hold } from '../../football-data/desired.ts';
import type { Knowledge } from '../../football-data/knowledge.ts';
import { isDoubtful, lastAnswer, staleHold } from './freshness.ts';
import type { FeedMemory } from './memory.ts';
import { missingOf } from './misses.ts';
import { twinHold, twinsOf } from './twins.ts';

export interface DoubtInput {
  readonly feed: FixtureFeed;
  readonly memory: Pick<FeedMemory, 'known' | 'misses' | 'heardAt' | 'succeededAt'>;
  readonly shown: (id: string) => MatchNotification | undefined;
  readonly now: Temporal.Instant;
}

export function doubtOf({ feed, memory, shown, now }: DoubtInput): (known: Knowledge) => Hold | undefined {
  const twins = twinsOf(memory.known, { shown, missing: new Set(missingOf(memory.misses)) });
  const restarted = lastAnswer(feed, undefined);
  return ({ id }) => {
    const twin = twins.get(id);
    if (twin !== undefined) return twinHold(twin);
    const object = shown(id);
    if (feed.spec.sendWhenStale || object === undefined) return undefined;
    return isDoubtful({ object, heardAt: memory.heardAt.get(id) ?? restarted, now }) ? staleHold : undefined;
  };
}
