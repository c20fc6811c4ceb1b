/** What leaves for the API server when it answers otherwise than hoped. */
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { runCli } from '../../src/cli/index.ts';
import { type Access, kubeconfigFor } from '../controller/harness.ts';
import { answer, type ScriptedApi, type ScriptedRequest, scriptedApi, status } from '../controller/scripted-api.ts';
import { feedWith } from '../fixture-feed/samples.ts';
import { CAMPAIGN, notification } from '../match-notification/objects.ts';

const TOKEN = 'token-of-the-user';

let api: ScriptedApi;
let access: Access;
let gets: readonly object[];
let patches: readonly ((response: ServerResponse) => void)[];

/** Answers the nth GET of an object and the nth PATCH with what the test laid out; the last one again when there is no more. */
function script(request: ScriptedRequest, response: ServerResponse): void {
  const nth = api.requests.filter(({ method }) => method === request.method).length - 1;
  if (request.path.endsWith('/secrets/football-data'))
    answer(response, 403, status(403, 'Forbidden', 'secrets "football-data" is forbidden'));
  else if (request.method === 'PATCH') (patches[Math.min(nth, patches.length - 1)] ?? ok)(response);
  else answer(response, 200, gets[Math.min(nth, gets.length - 1)]);
}
const ok = (response: ServerResponse): void => answer(response, 200, {});
const conflict = (response: ServerResponse): void => answer(response, 409, status(409, 'Conflict'));

beforeEach(async () => {
  patches = [ok];
  gets = [];
  api = await scriptedApi(script);
  access = kubeconfigFor(api.url, { token: TOKEN });
});
afterEach(async () => {
  access.remove();
  await api[Symbol.asyncDispose]();
});

async function matchday(...argv: string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const io = { out: (text: string) => void out.push(text), err: (text: string) => void err.push(text), env: {}, clock: systemClock };
  const code = await runCli([...argv, '--kubeconfig', access.kubeconfig, '-n', 'club'], io);
  expect(`${out.join('')}${err.join('')}`).not.toContain(TOKEN);
  return { code, out: out.join(''), err: err.join('') };
}
const sent = (method: string) => api.requests.filter((request) => request.method === method);
const bodies = (): readonly unknown[] => sent('PATCH').map(({ body }) => JSON.parse(body));

const condition = (type: string, reason: string, message: string) => ({
  type,
  status: 'True' as const,
  reason,
  message,
  lastTransitionTime: '2026-12-06T08:00:00Z',
});
const stopped = (hash: string, resourceVersion: string) => ({
  ...feedWith({}, { resourceVersion }),
  status: { conditions: [condition('Stalled', 'TooManyChanges', `8 of 40. Nothing is applied. Approve: matchday.dev/approve=${hash}`)] },
});
const inDoubt = (id: string, resourceVersion: string) => {
  const at = '2026-12-06T11:30:00Z';
  const hashes = { audienceHash: 'a', propertiesHash: 'p' };
  const operation = {
    id,
    kind: 'Create' as const,
    attempt: 1,
    token: 't',
    campaignId: CAMPAIGN,
    sendAt: at,
    firesAt: at,
    startedAt: at,
    holder: 'x',
  };
  return notification({
    metadata: { resourceVersion },
    status: { operation: { ...operation, ...hashes }, conditions: [condition('Stalled', 'CreateUnresolved', 'Look.')] },
  });
};

describe('a write', () => {
  it('carries uid and version of what was looked at, and says who writes', async () => {
    gets = [stopped('haaa', '7')];
    expect((await matchday('approve', 'pl')).code).toBe(0);
    expect(bodies()).toEqual([{ metadata: { annotations: { 'matchday.dev/approve': 'haaa' }, uid: 'feed-uid', resourceVersion: '7' } }]);
    expect(sent('PATCH')[0]?.query.get('fieldManager')).toBe('kubectl-matchday');
    expect(sent('PATCH')[0]?.headers['content-type']).toBe('application/merge-patch+json');
  });

  it('that comes too late is judged anew from what is true now', async () => {
    gets = [stopped('haaa', '7'), stopped('hbbb', '8')];
    patches = [conflict, ok];
    const { code, out } = await matchday('approve', 'pl');
    expect([code, out]).toEqual([0, expect.stringContaining('approved hbbb')]);
    expect(bodies()).toMatchObject([
      { metadata: { resourceVersion: '7' } },
      { metadata: { resourceVersion: '8', annotations: { 'matchday.dev/approve': 'hbbb' } } },
    ]);
  });

  it('is not made when the object does not wait for it any more', async () => {
    gets = [stopped('haaa', '7'), feedWith()];
    patches = [conflict];
    const { code, err } = await matchday('approve', 'pl');
    expect([code, err]).toEqual([1, expect.stringContaining('waits for no approval')]);
    expect(sent('PATCH')).toHaveLength(1);
  });

  it('is given up after three that came too late', async () => {
    gets = [stopped('haaa', '7')];
    patches = [conflict];
    const { code, err } = await matchday('approve', 'pl');
    expect([code, err]).toEqual([1, expect.stringContaining('try once more')]);
    expect(sent('PATCH')).toHaveLength(3);
  });

  it('without an answer may have been made: it is not made again, and that is said', async () => {
    gets = [stopped('haaa', '7')];
    patches = [(response) => void response.destroy()];
    const { code, err } = await matchday('approve', 'pl');
    expect([code, err]).toEqual([1, expect.stringContaining('Whether a write took effect is not known')]);
    expect(sent('PATCH')).toHaveLength(1);
  });

  it.each([
    ['client', 0, null],
    ['server', 1, 'All'],
  ])('of a %s dry run changes nothing', async (kind, requests, dryRun) => {
    gets = [stopped('haaa', '7')];
    const { code, out } = await matchday('approve', 'pl', `--dry-run=${kind}`);
    expect([code, out]).toEqual([0, expect.stringContaining(`(${kind} dry run)`)]);
    expect(sent('PATCH')).toHaveLength(requests);
    expect(sent('PATCH')[0]?.query.get('dryRun') ?? null).toBe(dryRun);
  });
});

describe('what a person says of one lost answer', () => {
  it('is never taken for another: the object waits for a different call by now', async () => {
    gets = [inDoubt('op-1', '7'), inDoubt('op-2', '8')];
    patches = [conflict];
    const { code, err } = await matchday('resolve', 'pl-600123', '--not-created');
    expect([code, err]).toEqual([1, expect.stringContaining('another call by now (op-2, not op-1)')]);
    expect(sent('PATCH')).toHaveLength(1);
  });

  it('is written down although the object was touched meanwhile', async () => {
    gets = [inDoubt('op-1', '7'), inDoubt('op-1', '8')];
    patches = [conflict, ok];
    const { code, out } = await matchday('resolve', 'pl-600123', '--not-created', '--wait=false');
    expect(code).toBe(0);
    expect(out.match(/lost answer/g)).toHaveLength(1);
    expect(sent('PATCH')).toHaveLength(2);
  });

  it('that nobody acts upon ends the wait with 1', async () => {
    gets = [inDoubt('op-1', '7')];
    const { code, out } = await matchday('resolve', 'pl-600123', '--not-created', '--timeout=1s');
    expect([code, out]).toEqual([1, expect.stringContaining('The operator has not acted upon it yet')]);
  });
});

describe('plan', () => {
  it('without the right to read the token says what to ask for, and has written nothing', async () => {
    const list = { kind: 'List', metadata: { resourceVersion: '9' }, items: [] };
    gets = [list, feedWith(), list];
    const { code, err } = await matchday('plan', 'pl');
    expect([code, err]).toEqual([1, expect.stringMatching(/may not read Secret club\/football-data.*--recorded/)]);
    expect(api.requests.every(({ method }) => method === 'GET')).toBe(true);
  });
});

describe('status', () => {
  it('reads all pages, and nothing but reads', async () => {
    const page = (next: string) => ({ kind: 'List', metadata: { resourceVersion: '9', continue: next }, items: [] });
    gets = [page('more'), page(''), page(''), page('')];
    const { code, out } = await matchday('status');
    expect([code, out]).toEqual([0, expect.stringContaining('Nothing needs you.')]);
    expect(sent('GET')).toHaveLength(4);
    expect(sent('GET').filter(({ query }) => query.get('continue') === 'more')).toHaveLength(1);
    expect(api.requests.every(({ method }) => method === 'GET')).toBe(true);
  });
});
