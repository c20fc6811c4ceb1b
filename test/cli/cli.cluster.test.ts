/** The command line as people use it: the real program as a child process, the real API server, and an operator that acts upon what is said. */
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { DEFAULT_API_KEY, UNFENCED_TEMPLATE } from '../../sandbox/braze/index.ts';
import { SANDBOX_ACCOUNT } from '../../sandbox/football-data/accounts.ts';
import { firstKickoffAt, loadSeasons } from '../../sandbox/football-data/seasons.ts';
import { runTied } from '../../sandbox/process/run-tied.ts';
import { isReady, type Stack } from '../../sandbox/stack/index.ts';
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import { armed, inHours, stage, untilDealtWith, walkPastSend, walkTo } from '../operator/support.ts';
import { type Matchday, matchdayOf } from './support.ts';

/** Many processes are started one after the other. */
const PATIENT = { timeout: 120_000 };

let stack: Stack;
let matchday: Matchday;
let fenced: string;
let plain: string;

beforeAll(async () => {
  const season = loadSeasons({ competitions: ['PL'] });
  const soon = Temporal.Now.instant().add({ hours: 30 }).toString({ smallestUnit: 'second' });
  const seasons = loadSeasons({ competitions: ['PL'], retime: firstKickoffAt(season, { after: '2026-03-14T00:00:00Z', at: soon }) });
  stack = await stage({ footballData: { seasons } });
  await stack.workspace({ name: 'plain', requestTimeout: '1s', spec: { fence: undefined } });
  fenced = stack.campaign();
  plain = stack.campaign({ template: UNFENCED_TEMPLATE });
  matchday = matchdayOf(stack);
});
afterAll(async () => {
  matchday?.dispose();
  await stack?.stop();
});

const pass = (time: Temporal.DurationLike): Promise<void> => walkTo(stack, stack.clock.now().add(time));

/** One in the unfenced workspace whose create got no answer: with `drop-after` Braze has made it. */
async function inDoubt(match: string, kind: 'drop-after' | 'drop-before'): Promise<string> {
  stack.braze.fault({ match: { endpoint: 'campaign-create', campaignId: plain }, action: { kind } });
  const name = await stack.notify({ match, workspace: 'plain', campaignId: plain, kickoff: inHours(stack, 48) });
  await untilDealtWith(stack, name, 'CreateUnresolved');
  return name;
}
const schedulesOf = (match: string) => stack.braze.schedules().filter(({ notification }) => notification?.includes(match));
const annotationOf = (object: MatchNotification, name: string) => object.metadata.annotations?.[`matchday.dev/${name}`];

describe('matchday resolve', PATIENT, () => {
  it('shows the evidence first and writes nothing in a dry run; then the operator goes on with what was found', async () => {
    const name = await inDoubt('9001', 'drop-after');
    const [made] = schedulesOf('9001');
    const overview = await matchday('status');
    expect(overview.stdout).toContain(`→ Look in Braze, then: matchday resolve ${name} -n ${stack.namespace}`);
    const dry = await matchday('resolve', name, '--schedule-id', made?.id ?? '', '--dry-run');
    expect([dry.code, dry.stdout]).toEqual([
      0,
      expect.stringMatching(/lost answer +Create of [\s\S]*The operator takes schedule [\s\S]*\(client dry run\)/),
    ]);
    expect(annotationOf(await stack.notification(name), 'resolve')).toBeUndefined();
    const said = await matchday('resolve', name, '--schedule-id', made?.id ?? '');
    expect([said.code, said.stdout]).toEqual([0, expect.stringMatching(/resolved\. Now Scheduled/)]);
    expect((await stack.notification(name)).status?.schedule?.id).toBe(made?.id);
    expect(schedulesOf('9001')).toHaveLength(1);
    const again = await matchday('resolve', name, '--not-created');
    expect([again.code, again.stdout]).toEqual([1, '']);
    expect(again.stderr).toContain(`MatchNotification ${stack.namespace}/${name}: no call of it waits for an answer`);
  });

  it('--not-created makes the schedule that was never made', async () => {
    const name = await inDoubt('9002', 'drop-before');
    expect(schedulesOf('9002')).toEqual([]);
    const { code } = await matchday('resolve', name, '--not-created');
    expect(code).toBe(0);
    await untilDealtWith(stack, name, 'Scheduled');
    expect(schedulesOf('9002')).toHaveLength(1);
    const { stdout } = await matchday('status', name);
    expect(stdout).toMatch(/a person +said what became of the call/);
  });

  it('--not-sent opens a send again that counts as sent, and not before Braze is surely through with it', async () => {
    const kickoff = inHours(stack, 2);
    const { metadata } = await armed(stack, { match: '9003', campaignId: fenced, kickoff });
    const sendAt = kickoff.subtract({ hours: 1 });
    await walkPastSend(stack, sendAt);
    await untilDealtWith(stack, metadata.name, 'Sent');
    const early = await matchday('resolve', metadata.name, '--not-sent');
    expect([early.code, early.stderr]).toEqual([1, expect.stringContaining('Braze may still be sending')]);
    const over = sendAt.add({ minutes: 15 });
    await walkTo(stack, over.add({ seconds: 10 }), { from: over });
    const { code, stdout } = await matchday('resolve', metadata.name, '--not-sent');
    expect([code, stdout]).toEqual([0, expect.stringMatching(/counts as sent +Sent, recorded/)]);
    expect((await stack.notification(metadata.name)).status?.lastSent?.disprovedAt).toBeTruthy();
  });

  it('says which object there is not', async () => {
    const { code, stderr } = await matchday('resolve', 'pl-nobody', '--not-sent');
    expect([code, stderr]).toEqual([1, expect.stringContaining(`There is no MatchNotification ${stack.namespace}/pl-nobody`)]);
  });
});

describe('a person’s switches', PATIENT, () => {
  it('suspend closes a send and resume makes it again', async () => {
    const { metadata } = await armed(stack, { match: '9010', campaignId: fenced, kickoff: inHours(stack, 48) });
    expect((await matchday('suspend', metadata.name)).code).toBe(0);
    await untilDealtWith(stack, metadata.name, 'Suspended');
    expect((await matchday('resume', `mn/${metadata.name}`)).stdout).toContain('resumed.');
    await untilDealtWith(stack, metadata.name, 'Scheduled');
    expect((await matchday('reconcile', metadata.name)).code).toBe(0);
    const asked = annotationOf(await stack.notification(metadata.name), 'requested-at');
    await stack.notifications.waitFor(metadata.name, ({ status }) => status?.lastHandledReconcileAt === asked);
  });

  it('abandon names what stays behind, and does nothing without --yes', async () => {
    const { metadata, status } = await armed(stack, { match: '9011', campaignId: fenced, kickoff: inHours(stack, 48) });
    const asked = await matchday('abandon', metadata.name);
    expect([asked.code, asked.stderr]).toEqual([1, expect.stringContaining(`schedule ${status?.schedule?.id}`)]);
    expect(annotationOf(await stack.notification(metadata.name), 'abandon')).toBeUndefined();
    expect((await matchday('abandon', metadata.name, '--yes')).code).toBe(0);
    await stack.kubectlOrThrow(['delete', 'mn', metadata.name, '--timeout=20s']);
    expect(schedulesOf('9011').map(({ state }) => state)).toEqual(['scheduled']);
  });

  it('take-over writes down the owner that was seen, and no other', async () => {
    const kickoff = inHours(stack, 48);
    const sendAt = kickoff.subtract({ hours: 1 }).toString();
    const open = { token: 'theirs', state: 'open', owner: 'rival/push/pl-9012', send_at: sendAt, announced_send_at: sendAt };
    stack.braze.setItem('matchday', `football-data-9012-${fenced.slice(0, 8)}`, open);
    const name = await stack.notify({ match: '9012', campaignId: fenced, kickoff });
    await untilDealtWith(stack, name, 'OwnedElsewhere');
    expect((await matchday('take-over', name, '--owner', 'somebody/else/x')).code).toBe(1);
    const { code, stdout } = await matchday('take-over', name);
    expect([code, stdout]).toEqual([0, expect.stringContaining('taken over from rival/push/pl-9012')]);
    await untilDealtWith(stack, name, 'Scheduled');
  });
});

describe('a feed and its editors', PATIENT, () => {
  const fresh = () => stack.feeds.waitFor('pl', (feed) => isReady(feed, 'Fresh'));
  const plan = (...args: string[]) => matchday('plan', 'pl', '--football-data-url', stack.footballData.url, ...args);
  let name: string;

  it('plan shows what will be made, and makes nothing', async () => {
    await stack.feed({ campaignId: fenced, spec: { window: '5d', interval: '1d', suspend: true } });
    const { code, stdout } = await plan('-o', 'json');
    expect(code).toBe(0);
    const [planned] = JSON.parse(stdout);
    expect(planned).toMatchObject({ feed: 'pl', objects: 0 });
    expect(planned.changes[0]).toMatchObject({ isNew: true, braze: expect.stringContaining('create a schedule for') });
    expect(stack.notifications.get(planned.changes[0].name)).toBeUndefined();
    expect((await matchday('resume', 'ff/pl')).code).toBe(0);
    await fresh();
    name = planned.changes[0].name;
    await untilDealtWith(stack, name, 'Scheduled');
    expect((await plan()).stdout).toContain(': no change (');
  });

  it('a sendAt that an editor took is kept and shown; released, the next poll sets it again', async () => {
    const { spec } = await stack.notification(name);
    const sendAt = Temporal.Instant.from(spec.sendAt).subtract({ minutes: 30 }).toString();
    const taken = { apiVersion: 'matchday.dev/v1alpha1', kind: 'MatchNotification', metadata: { name }, spec: { sendAt } };
    const editor = ['apply', '--server-side', '--force-conflicts', '--field-manager=editor', '-f', '-'];
    await stack.kubectlOrThrow(editor, { input: JSON.stringify(taken) });
    await matchday('reconcile', 'ff/pl');
    await stack.feeds.waitFor('pl', ({ status }) => status?.conflicts === 1, { what: 'the conflict to be counted' });
    expect((await stack.notification(name)).spec.sendAt).toBe(sendAt);
    expect((await matchday('status')).stdout).toMatch(new RegExp(`${name} .* sendAt \\(editor\\)`));
    expect((await plan()).stdout).toContain(`stays: editor owns it (the feed would set ${spec.sendAt})`);
    const released = await matchday('release', name, '--field', 'sendAt');
    expect([released.code, released.stdout]).toEqual([0, expect.stringContaining('sendAt is taken from editor and given to the feed')]);
    expect((await stack.notification(name)).spec.sendAt).toBe(sendAt);
    await matchday('reconcile', 'ff/pl');
    await stack.notifications.waitFor(name, (object) => object.spec.sendAt === spec.sendAt, { what: 'the sendAt of the feed' });
    await stack.feeds.waitFor('pl', ({ status }) => status?.conflicts === 0, { what: 'no conflict' });
    expect((await matchday('release', name)).stderr).toContain('nobody but feed pl owns any of its fields');
  });

  it('a hold of an editor goes when it is released: the feed owns it then, and wants none', async () => {
    await stack.kubectlOrThrow(['patch', 'mn', name, '--type=merge', '-p', '{"spec":{"hold":{"reason":"Postponed"}}}']);
    await untilDealtWith(stack, name, 'Held');
    expect((await matchday('release', name)).code).toBe(0);
    await matchday('reconcile', 'ff/pl');
    await stack.notifications.waitFor(name, (object) => object.spec.hold === undefined, { what: 'the hold to be gone' });
  });

  it('a label of the feed that somebody else set is given back like a field', async () => {
    const competition = 'matchday.dev/competition';
    await stack.kubectlOrThrow(['label', 'mn', name, `${competition}=OTHER`, '--overwrite']);
    const released = await matchday('release', name, '--field', 'labels');
    expect([released.code, released.stdout]).toEqual([0, expect.stringContaining(`labels.${competition} is taken from kubectl-label`)]);
    await matchday('reconcile', 'ff/pl');
    await stack.notifications.waitFor(name, ({ metadata }) => metadata.labels?.[competition] === 'PL', { what: 'the label of the feed' });
  });

  it('too many moves wait for an approval of exactly these', async () => {
    const moves = stack.notifications
      .list()
      .filter(({ metadata }) => metadata.labels?.['matchday.dev/feed'] === 'pl')
      .map(({ spec }) => ({ kind: 'move' as const, id: Number(spec.match.id), utcDate: later(spec.kickoff) }));
    expect(moves.length).toBeGreaterThan(5);
    await stack.footballData.admin.edit(moves);
    expect((await plan()).stdout).toContain('STOPS: ');
    await matchday('reconcile', 'ff/pl');
    // Calls are rationed by the minute, and these plans had their share.
    await pass({ minutes: 2 });
    await stack.feeds.waitFor('pl', (feed) => isReady(feed, 'TooManyChanges'));
    expect((await matchday('approve', 'pl', 'h000000000000')).code).toBe(1);
    expect((await matchday('approve', 'pl')).stdout).toContain('approved h');
    await pass({ minutes: 2 });
    await fresh();
    expect((await stack.notification(name)).spec.kickoff).toBe(moves.find(({ id }) => name === `pl-${id}`)?.utcDate);
  });
});

const later = (kickoff: string): string => Temporal.Instant.from(kickoff).add({ hours: 2 }).toString();

describe('the program', PATIENT, () => {
  it('is a plugin that kubectl finds', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'matchday-plugin-'));
    try {
      const root = path.join(import.meta.dirname, '../..');
      symlinkSync(path.join(root, 'src/main.ts'), path.join(folder, 'kubectl-matchday'));
      const PATH = [folder, path.dirname(process.execPath), process.env['PATH']].join(':');
      const args = ['matchday', 'status', '-A', '-o', 'json', '--kubeconfig', stack.cluster.kubeconfigPath];
      const { code, stdout, stderr } = await runTied({
        command: inject('sharedKubectl') ?? 'kubectl',
        args,
        env: { ...process.env, PATH },
      });
      expect([code, stderr]).toEqual([0, '']);
      expect(Object.keys(JSON.parse(stdout))).toEqual(['problems', 'sends', 'feeds', 'workspaces']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('never printed a secret', () => {
    expect(matchday.printed.length).toBeGreaterThan(20);
    for (const text of matchday.printed) for (const secret of [DEFAULT_API_KEY, SANDBOX_ACCOUNT.token]) expect(text).not.toContain(secret);
  });
});
