/** What a running operator serves to probes and scrapers: who leads, who is well, and numbers that follow the work. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../sandbox/process/until.ts';
import type { Operator, Stack } from '../../sandbox/stack/index.ts';
import { armed, inHours, stage, untilDealtWith, walkPastSend } from './support.ts';

let stack: Stack;
let leader: Operator;
let standby: Operator;
beforeAll(async () => {
  stack = await stage({ operators: 0, workspace: false });
  leader = await stack.startOperator({ name: 'leader' });
  await leader.leads();
  standby = await stack.startOperator({ name: 'standby' });
});
afterAll(() => stack?.stop());

/** The value of a series, or undefined when the page does not have it. */
const valueIn = (page: string, series: string): number | undefined => {
  const line = page.split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
};
const untilMetric = (series: string, wanted: number | undefined): Promise<true> =>
  until(async () => valueIn(await leader.metrics(), series) === wanted || undefined, {
    what: `${series} to be ${wanted}`,
    timeoutMs: 10_000,
    everyMs: 100,
  });

describe('the metrics of two operators', () => {
  it('tell who leads', async () => {
    const series = 'leader_election_master_status{name="matchday"}';
    expect([valueIn(await leader.metrics(), series), valueIn(await standby.metrics(), series)]).toEqual([1, 0]);
  });
});

describe('/healthz and /readyz', () => {
  it.each(['/healthz', '/readyz'])('%s says yes for the leader and for the standby, whose caches are warm', async (probe) => {
    for (const operator of [leader, standby]) {
      const look = async (): Promise<true | undefined> => (await fetch(operator.healthUrl + probe)).status === 200 || undefined;
      await until(look, { what: `${probe} of ${operator.name}`, timeoutMs: 10_000 });
    }
  });

  it('are all there is', async () => {
    expect((await fetch(`${leader.healthUrl}/metrics`)).status).toBe(404);
    expect((await fetch(leader.metricsUrl.replace('/metrics', '/debug'))).status).toBe(404);
  });
});

describe('the metrics of an operator at work', () => {
  it('follow a send from its schedule to its end', async () => {
    await stack.workspace({ margin: '10s', requestTimeout: '1s' });
    const kickoff = inHours(stack, 4);
    const sendAt = kickoff.subtract({ hours: 1 });
    const { metadata } = await armed(stack, { match: '5001', campaignId: stack.campaign(), kickoff });
    const subject = `{namespace="${metadata.namespace}",name="${metadata.name}"}`;
    await untilMetric('matchday_notifications{phase="Scheduled"}', 1);
    await untilMetric(`matchday_send_timestamp_seconds${subject}`, sendAt.epochMilliseconds / 1000);
    await untilMetric(`matchday_send_armed${subject}`, 1);
    await untilMetric('matchday_external_requests_total{api="braze",endpoint="schedule.create",code="201"}', 1);
    await walkPastSend(stack, sendAt);
    await untilMetric('matchday_sends_total{result="Sent"}', 1);
    await untilMetric('matchday_notifications{phase="Sent"}', 1);
    await untilMetric(`matchday_send_timestamp_seconds${subject}`, undefined);
  });

  it('name a problem while it is one', async () => {
    const name = await stack.notify({ match: '5002', campaignId: 'campaign-of-nobody', kickoff: inHours(stack, 4) });
    await untilDealtWith(stack, name, 'CampaignNotFound');
    const labels = `kind="MatchNotification",namespace="${stack.namespace}",name="${name}",type="Stalled",reason="CampaignNotFound"`;
    await untilMetric(`matchday_resource_condition{${labels}}`, 1);
    await stack.kubectlOrThrow(['delete', 'mn', name, '--wait=false']);
    await untilMetric(`matchday_resource_condition{${labels}}`, undefined);
  });
});
