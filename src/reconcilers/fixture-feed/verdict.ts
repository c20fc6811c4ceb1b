/** What a pass came to, in one word and a sentence that says what to do. Pure. */
import { assertNever } from '../../base/assert-never.ts';
import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import type { FeedReason } from '../../crds/words.ts';
import type { Heard } from '../../football-data/token-desk.ts';
import type { FixturesAnswer } from '../../football-data/types.ts';
import type { Counts } from './status.ts';

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

/** All is well; what is odd all the same is said beside it. */
export function fresh(counts: Counts, odd: { readonly unlisted: number; readonly heard: readonly Heard[] }): Verdict {
  const { fixtures, applied, held } = counts;
  const gone =
    odd.unlisted === 0 ? '' : ` ${odd.unlisted} of them are in no list any more and not found by id: look whether they were replaced.`;
  const dropped = odd.heard.reduce((sum, answer) => sum + answer.dropped, 0);
  const unread = dropped === 0 ? '' : ` ${dropped} rows of the last answer could not be read and say nothing.`;
  return { reason: 'Fresh', message: `${fixtures} fixtures known, ${applied} followed, ${held} of them held.${gone}${unread}` };
}

export const applyFailed = (failed: number, failure: string): Verdict => ({
  reason: 'ApplyFailed',
  message: `${failed} objects could not be applied and are tried again. The first: ${failure}`,
});

type Matches = Extract<FixturesAnswer, { kind: 'matches' }>;

/** Neither empty nor cut short: what it leaves out is not in the season any more. */
export const isWholeList = ({ matches, dropped, announced }: Matches): boolean =>
  matches.length > 0 && dropped === 0 && (announced === undefined || announced <= matches.length);

function verdictOnMatches(answer: Matches, asked: string): Verdict | undefined {
  const rows = answer.matches.length + answer.dropped;
  if (rows === 0) {
    const message = `football-data.org lists no match for ${asked}. Check spec.source.competition and spec.source.season. ${KEPT}`;
    return { reason: 'NoFixtures', message };
  }
  if (answer.announced === undefined || answer.announced <= rows) return undefined;
  const message = `football-data.org announced ${answer.announced} matches of ${asked} and sent ${rows}. ${KEPT} It is tried again by itself.`;
  return { reason: 'ProviderUnavailable', message };
}
