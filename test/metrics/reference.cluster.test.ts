/** What running operators serve, leader and standby, against docs/reference/metrics.md, both ways; born at zero, and bounded. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Operator, Stack } from '../../sandbox/stack/index.ts';
import { inHours, stage, untilDealtWith } from '../operator/support.ts';
import { documented, type Row } from './documented.ts';
import { metricOf, type Page, readPage, type Series } from './page.ts';

/** Node's own, whatever it offers. */
const RUNTIME = /^(?:process|nodejs)_/;
/** A moment that has not come yet is no zero: to an alert it would be 1970. */
const MOMENT = /_timestamp_seconds$/;
/** Labels that are not known before something happened: of objects, and the address of the API server. */
const UNKNOWN_AT_BIRTH = new Set(['namespace', 'host']);
const isBorn = ({ name, labels }: Row): boolean => !MOMENT.test(name) && !labels.some((label) => UNKNOWN_AT_BIRTH.has(label));

let stack: Stack;
let leader: Operator;
let standby: Operator;
let rows: readonly Row[];
/** Before there is any object. */
let born: readonly Page[];

beforeAll(async () => {
  rows = await documented();
  stack = await stage({ operators: 0, workspace: false });
  leader = await stack.startOperator({ name: 'leader' });
  await leader.leads();
  standby = await stack.startOperator({ name: 'standby' });
  born = await Promise.all([leader, standby].map(pageOf));
});
afterAll(() => stack?.stop());

const pageOf = async (operator: Operator): Promise<Page> => readPage(await operator.metrics());
const seriesOf = (page: Page, name: string): readonly Series[] => page.series.filter((one) => metricOf(page, one) === name);
const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1);

describe('the pages of a leader and of a standby', () => {
  it('have the names, types and help of the docs, and the docs have those of the pages', () => {
    const told = rows.map(({ name, type, help }) => ({ name, type, help })).sort(byName);
    expect(told.length).toBeGreaterThan(25);
    for (const { metrics } of born) {
      const served = [...metrics].filter(([name]) => !RUNTIME.test(name)).map(([name, { type, help }]) => ({ name, type, help }));
      expect(served.sort(byName)).toEqual(told);
    }
  });

  it('have each series before anything happened, the counters of matchday at zero', () => {
    for (const page of born) {
      const missing = rows.filter((row) => isBorn(row) && seriesOf(page, row.name).length === 0);
      expect(missing.map(({ name }) => name)).toEqual([]);
      const counters = rows.filter(({ name, type }) => type === 'counter' && name.startsWith('matchday_'));
      const counted = counters.flatMap(({ name }) => seriesOf(page, name)).filter(({ value }) => value !== 0);
      expect(counted).toEqual([]);
    }
  });

  it.each([
    'matchday_sends_total{result="Missed"}',
    'matchday_sends_total{result="PresumedSent"}',
    'matchday_notifications{phase="Blocked"}',
    'matchday_drift{kind="TooLateToMove"}',
    'matchday_external_requests_total{api="braze",endpoint="schedule.create",code="429"}',
    'matchday_external_requests_total{api="football-data",endpoint="competition-matches",code="error"}',
    'controller_runtime_reconcile_errors_total{controller="fixture-feed"}',
  ])('have %s, which somebody will ask for', async (series) => {
    for (const operator of [leader, standby]) expect(await operator.metrics()).toContain(`\n${series} 0\n`);
  });
});

describe('the series of a leader at work', () => {
  beforeAll(async () => {
    await stack.workspace({ margin: '10s', requestTimeout: '1s' });
    const due = await stack.notify({ match: '6001', campaignId: stack.campaign(), kickoff: inHours(stack, 4) });
    await untilDealtWith(stack, due, 'Scheduled');
    const stopped = await stack.notify({ match: '6002', campaignId: stack.campaign({ enabled: false }), kickoff: inHours(stack, 4) });
    await untilDealtWith(stack, stopped, 'CampaignNotLive');
  });

  it('have the labels of the docs, and no others', async () => {
    const page = await pageOf(leader);
    for (const { name, labels } of rows) {
      for (const one of seriesOf(page, name)) {
        const given = Object.keys(one.labels).filter((label) => label !== 'le');
        expect(given.sort(), name).toEqual([...labels].sort());
      }
    }
  });

  it('grow by no object that is well, but by two while its send is due within a day', async () => {
    const campaignId = stack.campaign();
    const isOfApi = ({ name }: Series): boolean => name.startsWith('rest_client_');
    const few = (await pageOf(leader)).series.filter((one) => !isOfApi(one));
    for (let match = 6101; match <= 6105; match += 1) {
      const name = await stack.notify({ match: String(match), campaignId, kickoff: inHours(stack, 100) });
      await untilDealtWith(stack, name, 'Scheduled');
    }
    const due = await stack.notify({ match: '6106', campaignId, kickoff: inHours(stack, 5) });
    await untilDealtWith(stack, due, 'Scheduled');
    const key = ({ name, labels }: Series): string => `${name} ${JSON.stringify(labels)}`;
    const known = new Set(few.map(key));
    const grown = (await pageOf(leader)).series.filter((one) => !isOfApi(one) && !known.has(key(one)));
    expect(grown.map(({ name, labels }) => `${name} ${labels['name']}`).sort()).toEqual([
      'matchday_send_armed pl-6106',
      'matchday_send_timestamp_seconds pl-6106',
    ]);
  });
});
