/** Alerts about the feed, and the hour in which none may fire. */

import { SANDBOX_ACCOUNT } from '../../sandbox/football-data/accounts.ts';
import { firstKickoffAt, loadSeasons } from '../../sandbox/football-data/seasons.ts';
import { Postgres } from '../../sandbox/postgres/postgres.ts';
import { isReady, type Stack } from '../../sandbox/stack/index.ts';
import { FOOTBALL_DATA_SECRET, secret } from '../../sandbox/stack/manifests.ts';
import { migrate } from '../../src/ledger/migrate.ts';
import { armed, itemOf, onceAt, told, untilDealtWith } from '../operator/support.ts';
import { QUICK, type Scene, scene } from './scene.ts';

/** The season, moved in time so that the next match of the recorded part is in two days. */
function season() {
  const at = Temporal.Now.instant().add({ hours: 48 }).toString({ smallestUnit: 'second' });
  const retime = firstKickoffAt(loadSeasons({ competitions: ['PL'] }), { after: '2026-03-14T00:00:00Z', at });
  return loadSeasons({ competitions: ['PL'], retime });
}

async function feed(stack: Stack): Promise<void> {
  await stack.workspace(QUICK);
  await stack.feed({ campaignId: stack.campaign(), spec: { interval: '5m', window: '3d' } });
  await stack.feeds.waitFor('pl', (object) => isReady(object, 'Fresh'));
}

/** The token is refused and stays so, and the operator is restarted meanwhile: the next one knows how old the feed is all the same. */
export const lockedOut = (): Promise<Scene> =>
  scene({ name: 'locked out', footballData: { seasons: season() } }, async ({ stack, recorder, cause }) => {
    const first = await stack.startOperator({ name: 'before' });
    await first.leads();
    await feed(stack);
    cause('MatchdayFeedStale');
    await stack.apply(secret(FOOTBALL_DATA_SECRET, `${SANDBOX_ACCOUNT.token}-revoked`));
    await recorder.untilServed('matchday_resource_condition', ({ labels }) => labels['reason'] === 'AuthFailed');
    cause('MatchdayFeedAuthFailed');
    await recorder.pass(7);
    await first.stop();
    const next = await stack.startOperator({ name: 'after' });
    await next.leads();
    await recorder.pass(64, { rate: 600 });
  });

/** Two replicas, a ledger, a feed, sends far and near: an hour in which one goes out. */
export const healthy = (): Promise<Scene> =>
  scene({ name: 'a healthy hour', footballData: { seasons: season() } }, async ({ stack, recorder }) => {
    await using postgres = await Postgres.start();
    await migrate({ connection: { connectionString: postgres.url() } });
    for (const name of ['one', 'two']) await stack.startOperator({ name, flags: ['--database-url', postgres.url()] });
    await stack.operators[0]?.leads();
    await feed(stack);
    const sendAt = stack.clock.now().add({ minutes: 32 }).round({ smallestUnit: 'minute', roundingMode: 'ceil' });
    const { metadata } = await armed(stack, { match: '7501', campaignId: stack.campaign(), kickoff: sendAt.add({ hours: 1 }), sendAt });
    await recorder.pass(60);
    const sent = await untilDealtWith(stack, metadata.name, 'Sent');
    await stack.braze.settled();
    if (JSON.stringify(told(stack, itemOf(sent))) !== JSON.stringify(onceAt(sendAt))) throw new Error('the send did not go out once');
    await Promise.all(stack.operators.map((operator) => operator.stop()));
  });
