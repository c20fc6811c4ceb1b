/** What goes wrong outside shows as a condition with a sentence that says what to do, harms nothing, and heals with its cause. */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_API_KEY, fencedTemplate, UNFENCED_TEMPLATE } from '../../sandbox/braze/index.ts';
import { SANDBOX_ACCOUNT } from '../../sandbox/football-data/accounts.ts';
import { firstKickoffAt, loadSeasons } from '../../sandbox/football-data/seasons.ts';
import { runTied } from '../../sandbox/process/run-tied.ts';
import { isReady, type Stack } from '../../sandbox/stack/index.ts';
import type { FixtureFeed } from '../../src/crds/fixture-feed.ts';
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import { type Doorway, doorway } from './doorway.ts';
import { armed, BRISK_LEASE, dealtWith, inHours, itemOf, onceAt, stage, told, untilDealtWith, walkPastSend, walkTo } from './support.ts';

const WRONG_KEY = 'wrong-key-of-nobody';
const FIRST_KEY = 'first-key-of-ours';
const SECOND_KEY = 'second-key-of-ours';
const WRONG_TOKEN = 'wrong-token-of-nobody';
const SECRETS = [DEFAULT_API_KEY, SANDBOX_ACCOUNT.token, WRONG_KEY, FIRST_KEY, SECOND_KEY, WRONG_TOKEN];
const QUICK = { margin: '10s', requestTimeout: '1s' } as const;

let door: Doorway;
let stack: Stack;
const lines: string[] = [];

beforeAll(async () => {
  door = await doorway(() => stack.braze.url);
  const season = loadSeasons({ competitions: ['PL'] });
  const soon = Temporal.Now.instant().add({ hours: 48 }).toString({ smallestUnit: 'second' });
  const seasons = loadSeasons({ competitions: ['PL'], retime: firstKickoffAt(season, { after: '2026-03-14T00:00:00Z', at: soon }) });
  stack = await stage({
    operators: 0,
    workspace: false,
    footballData: { seasons },
    operatorFlags: [...BRISK_LEASE, '--allow-endpoint', door.url],
  });
  const operator = await stack.startOperator({ flags: ['--log-level', 'debug'], onLine: (line) => lines.push(line) });
  await operator.leads();
  await stack.workspace(QUICK);
});
afterAll(async () => {
  await stack?.stop();
  await door?.[Symbol.asyncDispose]();
});

const secret = (name: string, key: string, value: string): Promise<void> =>
  stack.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData: { [key]: value } });
const pass = (seconds: number): Promise<void> => walkTo(stack, stack.clock.now().add({ seconds }));

interface WithConditions {
  readonly status?:
    | { readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message: string }[] | undefined }
    | undefined;
}
const condition = ({ status }: WithConditions, type: string) => status?.conditions?.find((each) => each.type === type);
const message = (object: WithConditions): string => condition(object, 'Ready')?.message ?? '';

/** The object, once it says so and asks for a person. */
async function stalledFor(name: string, reason: string): Promise<MatchNotification> {
  const object = await untilDealtWith(stack, name, reason);
  expect(condition(object, 'Stalled')).toMatchObject({ status: 'True', reason });
  expect(object.status?.phase).toBe('Blocked');
  return object;
}

const stateOf = (id: string | undefined) => stack.braze.schedules().find((schedule) => schedule.id === id)?.state;

describe('a campaign', () => {
  it.each([
    {
      what: 'that Braze does not know',
      match: '4001',
      begin: () => randomUUID(),
      reason: 'CampaignNotFound',
      says: 'Correct spec.campaignId',
      heal: (id: string) => void stack.campaign({ id }),
    },
    {
      what: 'without the fence',
      match: '4002',
      begin: () => stack.campaign({ template: UNFENCED_TEMPLATE }),
      reason: 'FenceMissing',
      says: 'paste the snippet',
      heal: (id: string) => stack.braze.changeCampaign(id, { template: fencedTemplate('matchday') }),
    },
    {
      what: 'that is stopped',
      match: '4003',
      begin: () => stack.campaign({ enabled: false }),
      reason: 'CampaignNotLive',
      says: 'start it there',
      heal: (id: string) => stack.braze.changeCampaign(id, { enabled: true }),
    },
  ])('$what is asked for by name, gets nothing, and is used once it is right', async ({ match, begin, reason, says, heal }) => {
    const campaignId = begin();
    const kickoff = inHours(stack, 4);
    const name = await stack.notify({ match, campaignId, kickoff });
    const object = await stalledFor(name, reason);
    expect(message(object)).toContain(campaignId);
    expect(message(object)).toContain(says);
    expect(stack.braze.schedules().filter((schedule) => schedule.campaignId === campaignId)).toEqual([]);
    heal(campaignId);
    await pass(130);
    const healed = await untilDealtWith(stack, name, 'Scheduled');
    expect(condition(healed, 'Stalled')).toBeUndefined();
    await walkPastSend(stack, kickoff.subtract({ hours: 1 }));
    expect(told(stack, itemOf(healed))).toEqual(onceAt(kickoff.subtract({ hours: 1 })));
  });
});

describe('an API key', () => {
  const named = { apiKeySecretRef: { name: 'braze-keyed', key: 'apiKey' } };
  const says = 'Check that the API key in the Secret is whole';
  let campaignId: string;
  const notify = (match: string, kickoff: Temporal.Instant) => stack.notify({ match, workspace: 'keyed', campaignId, kickoff });

  it('that Braze refuses is asked for, and all goes on with a right one', async () => {
    campaignId = stack.campaign({ template: fencedTemplate('keyed') });
    stack.braze.addKey({ name: 'keyed', key: FIRST_KEY, permissions: '*' });
    await secret('braze-keyed', 'apiKey', WRONG_KEY);
    await stack.workspace({ name: 'keyed', catalog: 'keyed', ...QUICK, spec: named, wait: false });
    const workspace = await stack.workspaces.waitFor('keyed', (object) => isReady(object, 'Unauthorized'));
    expect(message(workspace)).toContain(says);
    expect(condition(workspace, 'Stalled')?.status).toBe('True');
    const name = await notify('4010', inHours(stack, 6));
    const blocked = await stalledFor(name, 'Unauthorized');
    expect(message(blocked)).toContain('BrazeWorkspace keyed: ');
    expect(message(blocked)).toContain(says);
    await secret('braze-keyed', 'apiKey', FIRST_KEY);
    await pass(65);
    await untilDealtWith(stack, name, 'Scheduled');
  });

  it('that is revoked stops new sends and no armed one, until another is in the Secret', async () => {
    const kickoff = inHours(stack, 6);
    const before = await armed(stack, { match: '4011', workspace: 'keyed', campaignId, kickoff });
    stack.braze.removeKey('keyed');
    const name = await notify('4012', kickoff);
    expect(message(await stalledFor(name, 'Unauthorized'))).toContain(says);
    const during = await untilDealtWith(stack, before.metadata.name, 'Unauthorized');
    expect(during.status).toMatchObject({ phase: 'Scheduled', schedule: before.status?.schedule });
    expect(stateOf(before.status?.schedule?.id)).toBe('scheduled');
    stack.braze.addKey({ name: 'keyed', key: SECOND_KEY, permissions: '*' });
    await secret('braze-keyed', 'apiKey', SECOND_KEY);
    await pass(65);
    const after = await untilDealtWith(stack, name, 'Scheduled');
    await untilDealtWith(stack, before.metadata.name, 'Scheduled');
    const sendAt = kickoff.subtract({ hours: 1 });
    await walkPastSend(stack, sendAt);
    expect(told(stack, itemOf(before))).toEqual(onceAt(sendAt));
    expect(told(stack, itemOf(after))).toEqual(onceAt(sendAt));
  });
});

describe('Braze', () => {
  it('that refuses connections is tried again; what is armed stays, what is wanted comes', async () => {
    await stack.workspace({ name: 'door', endpoint: door.url, catalog: 'door', ...QUICK });
    const campaignId = stack.campaign({ template: fencedTemplate('door') });
    const kickoff = inHours(stack, 6);
    const sendAt = kickoff.subtract({ hours: 1 });
    const before = await armed(stack, { match: '4020', workspace: 'door', campaignId, kickoff });
    await door.shut();
    const name = await stack.notify({ match: '4021', workspace: 'door', campaignId, kickoff });
    const waiting = await stack.notifications.waitFor(name, (object) => dealtWith(object, 'BrazeUnavailable'));
    expect(condition(waiting, 'Reconciling')?.status).toBe('True');
    expect(message(waiting)).toContain('it is tried again');
    expect(message(waiting)).toContain('Braze was not reached');
    expect((await stack.notification(before.metadata.name)).status?.schedule).toEqual(before.status?.schedule);
    await door.open();
    await pass(330);
    const after = await untilDealtWith(stack, name, 'Scheduled');
    await walkPastSend(stack, sendAt);
    expect(told(stack, itemOf(before))).toEqual(onceAt(sendAt));
    expect(told(stack, itemOf(after))).toEqual(onceAt(sendAt));
  });
});

describe('football-data', () => {
  let followed: readonly string[];
  const feed = (): FixtureFeed => stack.feeds.get('pl') ?? expect.fail('the feed is not there');
  /** What is wanted and what Braze holds of every fixture of the feed. */
  const state = () =>
    stack.notifications
      .list()
      .filter(({ metadata }) => followed.includes(metadata.name))
      .map(({ metadata, spec, status }) => [metadata.name, metadata.uid, spec, status?.schedule, stateOf(status?.schedule?.id)])
      .sort();

  beforeAll(async () => {
    const now = stack.clock.now();
    const matches = await stack.footballData.admin.matches('PL');
    const ahead = matches
      .filter(({ status, utcDate }) => status === 'TIMED' && Temporal.Instant.compare(Temporal.Instant.from(utcDate), now) > 0)
      .filter(({ utcDate }) => Temporal.Instant.compare(Temporal.Instant.from(utcDate), now.add({ hours: 72 })) < 0);
    followed = ahead.map(({ id }) => `pl-${id}`);
    expect(followed.length).toBeGreaterThan(0);
    await stack.feed({ campaignId: stack.campaign(), spec: { interval: '30s', window: '3d' } });
    for (const name of followed) await untilDealtWith(stack, name, 'Scheduled');
    await stack.feeds.waitFor('pl', (object) => isReady(object, 'Fresh'));
  });

  const troubles = [
    {
      what: 'that answers 429 is asked again when it says so',
      begin: () => stack.footballData.admin.addFaults([{ kind: 'rate-limit', waitSeconds: 45, times: 1_000 }]),
      heal: () => stack.footballData.admin.clearFaults(),
      reason: 'RateLimited',
      stalled: false,
      says: /asking again in 4[56] s.*Nothing is cancelled by it.*Raise spec\.interval/,
    },
    {
      what: 'that refuses the token names the Secret',
      begin: () => secret('football-data', 'token', WRONG_TOKEN),
      heal: () => secret('football-data', 'token', SANDBOX_ACCOUNT.token),
      reason: 'AuthFailed',
      stalled: true,
      says: /Put a valid token into the Secret.*The Secret is "football-data", the key in it "token".*Nothing is cancelled by it/,
    },
    {
      what: 'that answers with a web page is tried again',
      begin: () => stack.footballData.admin.addFaults([{ kind: 'html', times: 1_000 }]),
      heal: () => stack.footballData.admin.clearFaults(),
      reason: 'ProviderUnavailable',
      stalled: false,
      says: /is not JSON \(a web page, or cut off\).*Nothing is cancelled by it.*tried again by itself/,
    },
    {
      what: 'that knows no match of the season says where to look',
      begin: () => stack.footballData.admin.edit([{ kind: 'truncate', competition: 'PL', keep: 0 }]),
      heal: () => stack.footballData.admin.edit([{ kind: 'truncate', competition: 'PL', keep: null }]),
      reason: 'NoFixtures',
      stalled: true,
      says: /lists no match for PL 2025\. Check spec\.source\.competition and spec\.source\.season.*Nothing is cancelled by it/,
    },
  ];

  it.each(troubles.map((trouble) => [trouble.what, trouble] as const))('%s; no fixture changes by it', async (_what, trouble) => {
    const { begin, heal, reason, stalled, says } = trouble;
    const before = state();
    await begin();
    await pass(40);
    const ill = await stack.feeds.waitFor('pl', (object) => isReady(object, reason));
    expect(message(ill)).toMatch(says);
    expect(condition(ill, 'Ready')?.status).toBe('False');
    expect(condition(ill, stalled ? 'Stalled' : 'Reconciling')?.status).toBe('True');
    await pass(180);
    expect(isReady(feed(), reason)).toBe(true);
    expect(state()).toEqual(before);
    await heal();
    await pass(180);
    await stack.feeds.waitFor('pl', (object) => isReady(object, 'Fresh'));
    expect(state()).toEqual(before);
  });
});

describe('a flag', () => {
  const main = path.join(import.meta.dirname, '../../src/main.ts');
  it.each([
    ['--lease-duration', ['--lease-duration', 'banana']],
    ['--lease-duration', ['--lease-duration', '1s']],
    ['--allow-endpoint', ['--allow-endpoint', 'https://example.test/path']],
    ['--concurrency', ['--concurrency', '0']],
    ['--log-level', ['--log-level', 'loud']],
    ['--no-such-flag', ['--no-such-flag']],
    ['--kubeconfig', ['--kubeconfig', '/nowhere/kubeconfig']],
  ])('%s that can not be used ends the process with 2 and one line that names it', async (key, flags) => {
    const { code, stdout, stderr } = await runTied({ command: process.execPath, args: [main, 'run', ...flags] });
    expect({ code, stdout, lines: stderr.split('\n').filter(Boolean).length }).toEqual({ code: 2, stdout: '', lines: 1 });
    expect(stderr).toContain(key);
  });
});

describe('a secret', () => {
  it('is in no log line, no event, no object but its own, and no metric', async () => {
    const [operator] = stack.operators;
    const said = {
      log: lines.join('\n'),
      events: await stack.kubectlOrThrow(['get', 'events.events.k8s.io', '-o', 'json']),
      objects: await stack.kubectlOrThrow(['get', 'mn,bw,ff,leases', '-o', 'json', '--show-managed-fields']),
      metrics: (await operator?.metrics()) ?? '',
    };
    expect(said.log).toContain('"level":"debug"');
    expect(said.log).toContain('Unauthorized');
    expect(said.events).toContain('CatalogCreated');
    expect(said.objects).toContain('"kind": "BrazeWorkspace"');
    expect(said.metrics).toContain('code="401"');
    for (const [where, text] of Object.entries(said)) {
      const found = SECRETS.filter((secretText) => text.includes(secretText));
      expect({ where, found }).toEqual({ where, found: [] });
      expect(text).not.toMatch(/Bearer /);
    }
  });
});
