/** Alerts about Braze and about sends: it is away, it refuses, and somebody changes what sends go through. */
import { UNFENCED_TEMPLATE } from '../../sandbox/braze/index.ts';
import { until } from '../../sandbox/process/until.ts';
import { isReady, type Stack } from '../../sandbox/stack/index.ts';
import { BRAZE_SECRET } from '../../sandbox/stack/manifests.ts';
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import { armed, inHours, untilDealtWith } from '../operator/support.ts';
import { QUICK, type Scene, scene } from './scene.ts';

/** Braze answers with errors while a send comes near and passes; the ledger's database is not there either. */
export const away = (): Promise<Scene> =>
  scene({ name: 'away' }, async ({ stack, recorder, cause }) => {
    const database = ['--database-url', 'postgres://nobody@127.0.0.1:1/none'];
    const operator = await stack.startOperator({ name: 'ledgered', flags: database });
    await operator.leads();
    await stack.workspace(QUICK);
    const campaignId = stack.campaign();
    await armed(stack, { match: '7200', campaignId, kickoff: inHours(stack, 9) });
    cause('MatchdayLedgerLagging');
    stack.braze.fault({ action: { kind: 'error-before', status: 503 }, times: 10_000 });
    const sendAt = stack.clock.now().add({ minutes: 20 }).round({ smallestUnit: 'minute', roundingMode: 'ceil' });
    const spec = { startingDeadline: '0s' };
    const name = await stack.notify({ match: '7201', campaignId, kickoff: sendAt.add({ hours: 1 }), sendAt, spec });
    cause('MatchdayBrazeErrors');
    cause('MatchdayNotScheduledNearSend');
    await recorder.untilServed('matchday_sends_total', ({ labels, value }) => labels['result'] === 'Missed' && value > 0);
    await untilDealtWith(stack, name, 'Missed');
    cause('MatchdaySendWindowMissed');
    await recorder.pass(2);
  });

/** Braze's clock is wrong, it asks to wait, and at last it takes the key no more. */
export const refusing = (): Promise<Scene> =>
  scene({ name: 'refusing' }, async ({ stack, recorder, cause }) => {
    stack.braze.setOptions({ clockSkewMs: 15_000 });
    const operator = await stack.startOperator();
    await operator.leads();
    await stack.workspace(QUICK);
    cause('MatchdayClockSkew');
    await recorder.pass(1);
    stack.braze.fault({ match: { endpoint: 'campaign-create' }, action: { kind: 'rate-limited' } });
    await stack.notify({ match: '7301', campaignId: stack.campaign(), kickoff: inHours(stack, 48) });
    await recorder.untilServed('matchday_external_requests_total', ({ labels, value }) => labels['code'] === '429' && value > 0);
    cause('MatchdayBrazeRateLimited');
    await recorder.pass(7);
    stack.braze.removeKey('default');
    await untilDealtWith(
      stack,
      await stack.notify({ match: '7302', campaignId: stack.campaign(), kickoff: inHours(stack, 48) }),
      'Unauthorized',
    );
    cause('MatchdayBrazeUnauthorized');
    await recorder.pass(4);
  });

/** A lost answer without a fence, two objects for one match, a campaign without a fence, and one that is stopped under an armed send. */
export const muddled = (): Promise<Scene> =>
  // What was stopped is due within the hour and will not be sent.
  scene({ name: 'muddled', beside: ['MatchdayNotScheduledNearSend'] }, async ({ stack, recorder, cause }) => {
    const operator = await stack.startOperator();
    await operator.leads();
    await stack.workspace(QUICK);
    const campaignId = stack.campaign();
    const sendAt = inHours(stack, 3);
    const stopped = await armed(stack, { match: '7401', campaignId, kickoff: sendAt.add({ hours: 1 }), sendAt });
    stack.clock.set(sendAt.subtract({ minutes: 11 }));
    stack.braze.stopCampaign(campaignId);
    const kickoff = inHours(stack, 48);
    const other = stack.campaign();
    await isOlderThanAnyNew(await armed(stack, { match: '7402', campaignId: other, kickoff }));
    const twin = await stack.notify({ match: '7402', name: 'twin', campaignId: other, kickoff });
    await untilDealtWith(stack, twin, 'DuplicateMatch');
    cause('MatchdayDuplicateSchedule');
    const bare = await stack.notify({ match: '7403', campaignId: stack.campaign({ template: UNFENCED_TEMPLATE }), kickoff });
    await untilDealtWith(stack, bare, 'FenceMissing');
    cause('MatchdayFenceMissing');
    await lostAnswer(stack);
    cause('MatchdayUnresolvedCreate');
    await recorder.untilServed('matchday_drift', ({ labels, value }) => labels['kind'] === 'CampaignNotLive' && value > 0);
    cause('MatchdayDriftDetected');
    await recorder.untilServed('matchday_sends_total', ({ labels, value }) => labels['result'] === 'PresumedSent' && value > 0);
    await untilDealtWith(stack, stopped.metadata.name, 'Sent');
    cause('MatchdaySendDoubtful');
    await recorder.pass(2);
  });

/** Creation times are whole seconds, and within one it is the uid that decides which of two is the older. */
async function isOlderThanAnyNew({ metadata }: MatchNotification): Promise<void> {
  const made = Temporal.Instant.from(metadata.creationTimestamp ?? '').epochMilliseconds;
  const look = (): true | undefined => (Date.now() >= made + 1_000 ? true : undefined);
  await until(look, { what: 'the second of its creation to pass', timeoutMs: 5_000 });
}

async function lostAnswer(stack: Stack): Promise<void> {
  await stack.apply({
    apiVersion: 'matchday.dev/v1alpha1',
    kind: 'BrazeWorkspace',
    metadata: { name: 'plain' },
    spec: { endpoint: stack.braze.url, apiKeySecretRef: BRAZE_SECRET, requestTimeout: '1s' },
  });
  await stack.workspaces.waitFor('plain', isReady);
  const campaignId = stack.campaign({ template: 'Kick-off soon' });
  stack.braze.fault({ match: { endpoint: 'campaign-create', campaignId }, action: { kind: 'drop-after' } });
  const name = await stack.notify({ match: '7404', workspace: 'plain', campaignId, kickoff: inHours(stack, 48) });
  await untilDealtWith(stack, name, 'CreateUnresolved');
}
