/**
 * What one pass asks the provider, through the desk of its token: the season's list when that is due, else a re-read of single matches
 * when one is near or in doubt. One call at most; a list that has to wait lets a re-read go first.
 */
import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import type { TokenDesk, Turn } from '../../football-data/token-desk.ts';
import { type FeedMemory, isDue, listDueAt, occasionOf } from './memory.ts';

export interface Asking {
  readonly id: string;
  readonly feed: FixtureFeed;
  readonly memory: FeedMemory;
  readonly now: Temporal.Instant;
  readonly desk: TokenDesk;
}

export type Asked = { readonly of: 'list' | 'read'; readonly turn: Turn } | undefined;

/** Undefined: nothing was due. What must wait has its new time in `memory`. */
export async function ask(asking: Asking): Promise<Asked> {
  const { memory, feed, now } = asking;
  const asked = isDue(listDueAt(memory, feed, now), now) ? await askList(asking) : undefined;
  if (asked !== undefined && asked.turn.kind !== 'wait') return asked;
  return isDue(memory.readAt, now) ? await askMatches(asking) : asked;
}

async function askList({ id, feed, memory, desk }: Asking): Promise<Asked> {
  const { competition, season } = feed.spec.source;
  const turn = await desk.list(id, { competition, season });
  if (turn.kind === 'wait') {
    memory.listAt = turn.until;
    memory.notBefore = turn.until;
  } else {
    memory.polledFor = occasionOf(feed);
    memory.notBefore = undefined;
  }
  return { of: 'list', turn };
}

async function askMatches({ id, memory, desk }: Asking): Promise<Asked> {
  const turn = await desk.read(id);
  memory.readAt = turn.kind === 'wait' ? turn.until : undefined;
  return { of: 'read', turn };
}
