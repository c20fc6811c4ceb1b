/** What a pass came to, in one word and a sentence that says what to do. Pure. */
import { assertNever } from '../../base/assert-never.ts';
import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import type { FeedReason } from '../../crds/words.ts';
import type { FixturesAnswer } from '../../football-data/types.ts';

export interface Verdict {
  readonly reason: FeedReason;
  readonly message: string;
}

const KEPT = 'Nothing is cancelled by it: what is known stays.';

/** The verdict on an answer; undefined when it holds fixtures and nothing is wrong with it. */
export function verdictOn(answer: FixturesAnswer, feed: FixtureFeed): Verdict | undefined {
  const { source } = feed.spec;
  const asked = source.season === undefined ? source.competition : `${source.competition} ${source.season}`;
  switch (answer.kind) {
    case 'matches':
      return verdictOnMatches(answer, asked);
    case 'rate-limited':
      return { reason: 'RateLimited', message: `${answer.message} ${KEPT} Raise spec.interval, or give each feed a token of its own.` };
    case 'unauthorized': {
      const { name, key } = source.tokenSecretRef;
      return { reason: 'AuthFailed', message: `${answer.message} The Secret is "${name}", the key in it "${key}". ${KEPT}` };
    }
    case 'forbidden':
      return { reason: 'Forbidden', message: `${answer.message} Check that the plan of the token includes ${asked}. ${KEPT}` };
    case 'not-found':
    case 'invalid':
      return { reason: 'CompetitionNotFound', message: `${answer.message} Check spec.source.competition and spec.source.season. ${KEPT}` };
    case 'failed':
      return { reason: 'ProviderUnavailable', message: `${answer.message} ${KEPT} It is tried again by itself.` };
    default:
      return assertNever(answer);
  }
}

function verdictOnMatches(answer: Extract<FixturesAnswer, { kind: 'matches' }>, asked: string): Verdict | undefined {
  const rows = answer.matches.length + answer.dropped;
  if (rows === 0) {
    const message = `football-data.org lists no match for ${asked}. Check spec.source.competition and spec.source.season. ${KEPT}`;
    return { reason: 'NoFixtures', message };
  }
  if (answer.announced === undefined || answer.announced <= rows) return undefined;
  const message = `football-data.org announced ${answer.announced} matches of ${asked} and sent ${rows}. ${KEPT} It is tried again by itself.`;
  return { reason: 'ProviderUnavailable', message };
}
