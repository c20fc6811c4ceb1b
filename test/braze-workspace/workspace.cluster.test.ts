import { describe, expect, it, onTestFinished } from 'vitest';
import { DEFAULT_API_KEY, FENCED_TEMPLATE, UNFENCED_TEMPLATE } from '../../sandbox/braze/index.ts';
import { FENCED, OWNER, PLAIN, type StageOptions, stageWorkspace, type WorkspaceStage } from './stage.ts';

async function staged(options: StageOptions = {}): Promise<WorkspaceStage> {
  const stage = await stageWorkspace(options);
  onTestFinished(() => stage.stop());
  return stage;
}

async function ready(options: StageOptions = {}): Promise<WorkspaceStage> {
  const stage = await staged(options);
  await stage.notification('pl-1', FENCED);
  await stage.passUntil('Ready');
  return stage;
}

/** What the notifications see. */
function seen(stage: WorkspaceStage, campaign = FENCED) {
  const found = stage.lookup();
  return found.kind === 'usable' ? { kind: found.kind, campaign: found.campaign(campaign) } : { kind: found.kind, ...found.problem };
}

const OWNING = {
  schedule: {
    id: 's1',
    campaignId: FENCED,
    sendAt: '2026-12-08T11:30:00Z',
    firesAt: '2026-12-08T11:30:00Z',
    attempt: 1,
    token: 't.1.x',
    audienceHash: 'a',
    propertiesHash: 'p',
    recordedAt: '2026-12-06T08:00:00Z',
  },
};

describe('a workspace that is used for the first time', () => {
  it('gets its catalog, looks at its campaign, and wakes the notifications', async () => {
    const stage = await staged();
    await stage.notification('pl-1', FENCED);
    expect(seen(stage)).toMatchObject({ kind: 'unusable', reason: 'BrazeUnavailable', stalled: false });
    await stage.passUntil('Ready');
    expect(seen(stage)).toMatchObject({ kind: 'usable', campaign: { found: true, live: 'True', fenced: 'True' } });
    expect(stage.condition('FenceReady')).toMatchObject({ status: 'True' });
    expect(stage.object().status?.campaigns).toMatchObject([{ id: FENCED, live: 'True', fenced: 'True' }]);
    expect(stage.object().metadata.finalizers).toEqual(['matchday.dev/in-use']);
    expect(stage.events).toContain('CatalogCreated: Catalog matchday was created in Braze.');
    expect(stage.woken).toBeGreaterThan(0);
    const [catalog] = stage.braze.catalogs();
    expect(catalog?.items['matchday-workspace']).toMatchObject({
      owner: `${OWNER}/${stage.cluster.namespace}/main`,
      uid: stage.object().metadata.uid,
    });
  });

  it('makes neither calls nor writes when nothing changes, nor after a restart', async () => {
    const stage = await ready();
    const [calls, writes] = [stage.calls(), stage.writes];
    for (let n = 0; n < 5; n += 1) await stage.pass();
    stage.restart();
    for (let n = 0; n < 5; n += 1) await stage.pass();
    expect([stage.calls(), stage.writes]).toEqual([calls, writes]);
    expect(seen(stage)).toMatchObject({ kind: 'usable', campaign: { fenced: 'True' } });
  });

  it('adds the fields that an existing catalog lacks', async () => {
    const stage = await staged();
    stage.braze.createCatalog('matchday', [
      { name: 'id', type: 'string' },
      { name: 'home', type: 'string' },
    ]);
    await stage.passUntil('Ready');
    expect(stage.events.join()).toMatch(/CatalogExtended: Catalog matchday got the fields token, state/);
  });

  it('says which field of an existing catalog cannot be used', async () => {
    const stage = await staged();
    stage.braze.createCatalog('matchday', [
      { name: 'id', type: 'string' },
      { name: 'token', type: 'number' },
    ]);
    const condition = await stage.passUntil('CatalogInvalid');
    expect(condition.message).toContain('has the field token as number');
    expect(seen(stage)).toMatchObject({ kind: 'unusable', stalled: true });
  });
});

describe('a key', () => {
  it('that is missing is asked for by name, and used once it is there', async () => {
    const stage = await staged({ apiKey: null });
    const condition = await stage.passUntil('SecretNotFound');
    expect(condition.message).toContain('create it with the Braze REST API key under "apiKey"');
    expect(seen(stage)).toMatchObject({ kind: 'unusable', reason: 'SecretNotFound', stalled: true });
    expect(stage.calls()).toBe(0);
    await stage.setKey(DEFAULT_API_KEY);
    await stage.passUntil('Ready');
  });

  it('that is wrong stops all calls but one probe a minute, and a right one is used without a restart', async () => {
    const stage = await staged({ apiKey: 'wrong-key-of-nobody' });
    await stage.notification('pl-1', FENCED);
    const condition = await stage.passUntil('Unauthorized');
    expect(condition.message).toContain('Check that the API key in the Secret');
    expect(seen(stage)).toMatchObject({ kind: 'unusable', reason: 'Unauthorized', stalled: true });
    const [calls, from] = [stage.calls(), stage.clock.now()];
    for (let n = 0; n < 6; n += 1) await stage.pass();
    const minutes = stage.clock.now().since(from).total('minutes');
    expect(stage.calls() - calls).toBeLessThanOrEqual(Math.ceil(minutes));
    await stage.setKey(DEFAULT_API_KEY);
    await stage.passUntil('Ready');
    expect(JSON.stringify([stage.object(), stage.events, stage.log.lines])).not.toContain('wrong-key-of-nobody');
  });

  it('that is revoked later shows, and its successor heals', async () => {
    const stage = await ready();
    stage.braze.addKey({ name: 'next', key: 'next-key-of-ours', permissions: '*' });
    stage.braze.removeKey('default');
    const workspace = stage.lookup();
    if (workspace.kind !== 'usable') throw new Error('not usable');
    await workspace.braze.deleteSchedule({ campaignId: FENCED, scheduleId: 's1' });
    expect(seen(stage)).toMatchObject({ kind: 'unusable', reason: 'Unauthorized' });
    await stage.passUntil('Unauthorized');
    await stage.setKey('next-key-of-ours');
    await stage.passUntil('Ready');
    expect(seen(stage)).toMatchObject({ kind: 'usable' });
  });

  it('that leads to another Braze workspace is not used, until a person says that it is right', async () => {
    const stage = await ready();
    stage.braze.setItem('matchday', 'matchday-workspace', { owner: 'other/ns/main', uid: 'u', token: '', state: 'closed' });
    stage.braze.addKey({ name: 'next', key: 'next-key-of-ours', permissions: '*' });
    await stage.setKey('next-key-of-ours');
    const condition = await stage.passUntil('WorkspaceChanged');
    expect(condition.message).toContain('matchday.dev/take-over=other/ns/main');
    expect(seen(stage)).toMatchObject({ kind: 'unusable', reason: 'WorkspaceChanged', stalled: true });
    stage.restart();
    await stage.passUntil('WorkspaceChanged');
    await stage.kubectl(['annotate', 'bw', 'main', 'matchday.dev/take-over=other/ns/main', 'matchday.dev/requested-at=now']);
    await stage.passUntil('Ready');
  });

  it('whose Secret vanished still cleans up what is owned, and makes nothing new', async () => {
    const stage = await staged();
    await stage.notification('pl-1', FENCED, OWNING);
    await stage.passUntil('Ready');
    await stage.kubectl(['delete', 'secret', 'braze']);
    await stage.passUntil('SecretNotFound');
    expect(seen(stage)).toMatchObject({ kind: 'usable', campaign: { fenced: 'Unknown' } });
  });
});

describe('a campaign', () => {
  it('without the fence is named, and is well a minute after the fence was pasted', async () => {
    const stage = await staged();
    await stage.notification('pl-1', PLAIN);
    const condition = await stage.passUntil('FenceMissing');
    expect(condition.message).toContain(`Campaign ${PLAIN} is not fenced`);
    expect(seen(stage, PLAIN)).toMatchObject({ kind: 'usable', campaign: { live: 'True', fenced: 'False' } });
    stage.braze.changeCampaign(PLAIN, { template: FENCED_TEMPLATE });
    const woken = stage.woken;
    await stage.passUntil('Ready');
    expect(stage.woken).toBeGreaterThan(woken);
  });

  it('that Braze does not know stops only itself', async () => {
    const stage = await staged();
    await stage.notification('pl-1', 'campaign-of-nobody');
    await stage.passUntil('Ready');
    expect(stage.condition('Ready')?.message).toContain('campaign-of-nobody: Braze knows no such API-triggered campaign');
    expect(seen(stage, 'campaign-of-nobody')).toMatchObject({ kind: 'usable', campaign: { found: false } });
  });

  it('that lost its fence is only believed to have after a second look', async () => {
    const stage = await ready();
    stage.braze.changeCampaign(FENCED, { template: UNFENCED_TEMPLATE });
    await stage.kubectl(['annotate', 'bw', 'main', 'matchday.dev/requested-at=now']);
    await stage.pass();
    expect(seen(stage)).toMatchObject({ campaign: { fenced: 'True' } });
    await stage.passUntil('FenceMissing');
    expect(seen(stage)).toMatchObject({ campaign: { fenced: 'False' } });
  });

  it('asked for that nobody looked at is looked at', async () => {
    const stage = await ready();
    expect(seen(stage, PLAIN)).toMatchObject({ campaign: undefined });
    await stage.pass();
    expect(seen(stage, PLAIN)).toMatchObject({ campaign: { fenced: 'False' } });
  });

  it('listed in assumeFenced is taken at the word', async () => {
    const stage = await staged({ spec: { fence: { catalog: 'matchday', assumeFenced: [PLAIN] } } });
    await stage.notification('pl-1', PLAIN);
    await stage.passUntil('Ready');
    expect(seen(stage, PLAIN)).toMatchObject({ campaign: { live: 'True', fenced: 'True' } });
  });
});

describe('Braze', () => {
  it('that is down at the start is tried again until it answers', async () => {
    const stage = await staged();
    await stage.notification('pl-1', FENCED);
    stage.braze.fault({ action: { kind: 'error-before' }, times: 3 });
    await stage.passUntil('BrazeUnavailable');
    expect(seen(stage)).toMatchObject({ kind: 'unusable', reason: 'BrazeUnavailable', stalled: false });
    await stage.passUntil('Ready');
  });

  it('whose catalog calls fail later does not keep schedules from being deleted', async () => {
    const stage = await ready();
    const fault = stage.braze.fault({ match: { endpoint: 'catalogs-list' }, action: { kind: 'error-before' }, times: 100 });
    await stage.kubectl(['annotate', 'bw', 'main', 'matchday.dev/requested-at=now']);
    await stage.pass();
    expect(fault.hits).toHaveLength(1);
    expect(seen(stage)).toMatchObject({ kind: 'usable' });
  });
});

describe('after a send', () => {
  const at = '2026-12-06T09:00:00Z';
  const lastSent = { sendAt: at, firesAt: at, at, reason: 'Sent', campaignId: FENCED };

  it('its campaign is asked once for all of its sends, and only those are woken', async () => {
    const stage = await staged();
    await stage.notification('pl-1', FENCED, { phase: 'Sent', lastSent });
    await stage.notification('pl-2', FENCED, { phase: 'Sent', lastSent });
    await stage.notification('pl-3', FENCED);
    await stage.passUntil('Ready');
    const [woken, calls] = [stage.woken, stage.calls()];
    const asked = (): readonly string[] => stage.braze.log.where({ afterSeq: calls }).map(({ endpoint }) => endpoint);
    stage.wokenAlone.splice(0);
    while (Temporal.Instant.compare(stage.clock.now(), Temporal.Instant.from('2026-12-06T09:14:00Z')) < 0) await stage.pass();
    expect(asked()).toEqual(['campaign-details']);
    expect([stage.woken, stage.wokenAlone.toSorted()]).toEqual([woken, ['pl-1', 'pl-2']]);
    const found = stage.lookup();
    expect(found.kind === 'usable' && found.sends(FENCED)).toMatchObject({ lastSent: undefined });
    while (Temporal.Instant.compare(stage.clock.now(), Temporal.Instant.from('2026-12-06T12:00:00Z')) < 0) await stage.pass();
    expect(asked()).toEqual(['campaign-details', 'campaign-details']);
  });
});

describe('what cannot be used', () => {
  it('is a host that nobody allowed: it is never called', async () => {
    const stage = await staged({ allowEndpoints: [] });
    const condition = await stage.passUntil('EndpointNotAllowed');
    expect(condition.message).toContain('--allow-endpoint');
    expect(seen(stage)).toMatchObject({ kind: 'unusable', reason: 'EndpointNotAllowed', stalled: true });
    expect(stage.calls()).toBe(0);
  });

  it('is a workspace without a fence', async () => {
    const stage = await staged({ spec: { fence: undefined } });
    await stage.notification('pl-1', FENCED);
    await stage.passUntil('FenceMissing');
    expect(stage.lookup()).toMatchObject({ kind: 'usable', fence: undefined });
  });

  it('is one that does not exist', async () => {
    const stage = await staged();
    expect(stage.workspaces.lookup(stage.cluster.namespace, 'nobody')).toMatchObject({
      kind: 'unusable',
      problem: { reason: 'WorkspaceNotFound', stalled: true },
    });
  });
});

describe('the object', () => {
  it('stays while schedules are owned through it, and goes when nothing is', async () => {
    const stage = await staged();
    await stage.notification('pl-1', FENCED, OWNING);
    await stage.passUntil('Ready');
    await stage.kubectl(['delete', 'bw', 'main', '--wait=false']);
    await stage.pass();
    expect(stage.object().metadata.finalizers).toEqual(['matchday.dev/in-use']);
    await stage.cluster.kubectl(['patch', 'mn', 'pl-1', '--subresource', 'status', '--type', 'merge', '-p', '{"status":null}']);
    await expect
      .poll(
        async () => {
          await stage.pass();
          return (await stage.cluster.kubectl(['get', 'bw', 'main', '-o', 'name', '--ignore-not-found'])).stdout;
        },
        { timeout: 10_000 },
      )
      .toBe('');
  });

  it('tells once that its time-out is longer than the lease allows', async () => {
    const stage = await ready({ longestCallMs: 5_000 });
    await stage.pass();
    expect(stage.events.filter((event) => event.startsWith('RequestTimeoutClamped'))).toHaveLength(1);
    expect(stage.lookup()).toMatchObject({ settings: { requestTimeoutMs: 5_000 } });
  });

  it('lets the notifications look again when its spec changes', async () => {
    const stage = await ready();
    const woken = stage.woken;
    await stage.kubectl(['patch', 'bw', 'main', '--type', 'merge', '-p', '{"spec":{"suspend":true}}']);
    await stage.passUntil('Suspended');
    expect(stage.woken).toBe(woken + 1);
    expect(stage.lookup()).toMatchObject({ settings: { suspended: true } });
  });
});

describe('catalog items that nobody deletes any more', () => {
  const item = (owner: string, at: string) => ({ token: '', state: 'closed', owner, send_at: at, sent_at: '', announced_send_at: at });

  it('are deleted once a day, when their objects are gone and their sends two days past', async () => {
    const stage = await ready();
    const mine = (name: string): string => `${OWNER}/${stage.cluster.namespace}/${name}`;
    const [old, recent] = ['2026-12-05T09:00:00Z', '2026-12-06T09:00:00Z'];
    for (let n = 0; n < 60; n += 1) stage.braze.setItem('matchday', `football-data-old-${n}`, item(mine(`pl-old-${n}`), old));
    stage.braze.setItem('matchday', 'football-data-recent', item(mine('pl-recent'), recent));
    stage.braze.setItem('matchday', 'football-data-theirs', item('rival/default/pl-theirs', old));
    stage.braze.setItem('matchday', 'football-data-1', item(mine('pl-1'), old));
    const left = (): readonly string[] => Object.keys(stage.braze.catalogs()[0]?.items ?? {}).toSorted();
    stage.clock.advance(23 * 3_600_000);
    await stage.pass();
    expect(left()).toHaveLength(64);
    stage.clock.advance(3_600_000);
    await stage.pass();
    stage.clock.advance(120_000);
    expect(left()).toEqual(['football-data-1', 'football-data-recent', 'football-data-theirs', 'matchday-workspace']);
    const calls = stage.calls();
    for (let n = 0; n < 5; n += 1) await stage.pass();
    expect(stage.calls()).toBe(calls);
  });
});
