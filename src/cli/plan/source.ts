/**
 * What the plan is made from: one read of the season with the feed's own token, as the user may read it; or nothing but the objects. The
 * read costs one call of the token's budget, and nothing is written.
 */
import type { Clock } from '../../base/clock.ts';
import { ApiError } from '../../controller/client-errors.ts';
import type { KubeClient } from '../../controller/types.ts';
import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import { FootballDataClient } from '../../football-data/client.ts';
import type { Fixture } from '../../football-data/types.ts';
import { readToken } from '../../reconcilers/fixture-feed/token.ts';
import { verdictOn } from '../../reconcilers/fixture-feed/verdict.ts';
import { CliError } from '../errors.ts';
import type { Session } from '../session.ts';

const TIMEOUT_MS = 30_000;

/** Throws `CliError` when the token can't be had or the provider does not answer with fixtures. */
export async function readFixtures(session: Session, feed: FixtureFeed, baseUrl: string): Promise<readonly Fixture[]> {
  const name = `FixtureFeed ${feed.metadata.namespace}/${feed.metadata.name}`;
  const read = await readToken(asUser(session, name), feed, AbortSignal.timeout(TIMEOUT_MS));
  if ('missing' in read) throw new CliError(`${name}: ${read.missing}`);
  const clock: Clock = { now: () => session.now, monotonicMs: () => 0, delayMs: () => 0, onMoved: () => () => {} };
  const api = new FootballDataClient({ token: read.token, clock, baseUrl });
  const { competition, season } = feed.spec.source;
  const answer = await api.seasonMatches({ competition, ...(season === undefined ? {} : { season }) });
  const complaint = verdictOn(answer, feed);
  if (answer.kind !== 'matches' || complaint !== undefined)
    throw new CliError(
      `${name}: ${complaint?.message ?? 'the provider did not answer with fixtures.'} (${complaint?.reason ?? 'ProviderUnavailable'})`,
    );
  return answer.matches;
}

/** A refusal here is the user's, not the operator's. */
function asUser({ kube }: Session, name: string): Pick<KubeClient, 'get'> {
  return {
    get: async (resource, key, call) => {
      try {
        return await kube.get(resource, key, call);
      } catch (error) {
        if (!(error instanceof ApiError) || !error.isForbidden) throw error;
        const message = `${name}: you may not read Secret ${key.namespace}/${key.name}, which holds the token. Ask for that permission, or plan without asking the provider: --recorded.`;
        throw new CliError(message, { cause: error });
      }
    },
  };
}
