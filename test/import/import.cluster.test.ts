/** A cut-over from the old system in both ways, with an operator that runs all the while: its data in, every match told exactly once. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { FENCED_TEMPLATE, UNFENCED_TEMPLATE } from '../../sandbox/braze/index.ts';
import { loadSeasons } from '../../sandbox/football-data/seasons.ts';
import { Postgres } from '../../sandbox/postgres/postgres.ts';
import type { Stack } from '../../sandbox/stack/index.ts';
import { runCli } from '../../src/cli/index.ts';
import { takenFields } from '../../src/cli/owners.ts';
import { MATCH_NOTIFICATIONS } from '../../src/crds/resources.ts';
import { stage, untilDealtWith, walkPastSend, walkTo } from '../operator/support.ts';
import { deleteOld, makeOldTables, OLD_DATABASE, scheduleOld, toldByMatch, writeEntry } from './old-system.ts';

const PATIENT = { timeout: 240_000 };
const ONE_FAN = ['fan-1'];

let postgres: Postgres;
beforeAll(async () => {
  postgres = await Postgres.start();
});
afterAll(async () => await postgres?.[Symbol.asyncDispose]());

/** Whole hours from the start; a match of each kind that an old table has. */
const KINDS = ['live', 'moved', 'stale', 'orphan', 'pending', 'sent', 'twice', 'postponed', 'over'] as const;
type Kind = (typeof KINDS)[number];

interface Site {
  readonly stack: Stack;
  readonly start: Temporal.Instant;
  readonly ids: Readonly<Record<Kind, string>>;
  readonly from: string;
  readonly oldCampaign: string;
}

const inHours = (start: Temporal.Instant, hours: number): Temporal.Instant => start.add({ minutes: Math.round(hours * 60) });

/** A season of nine matches in which all kick off six hours from now, but the one that is over and the one that was just announced. */
function seasonOf(start: Temporal.Instant) {
  const [season] = loadSeasons({ competitions: ['PL'] });
  if (season === undefined) throw new Error('there is no recorded season of PL');
  const kickoffs: Partial<Record<Kind, number>> = { moved: 8, sent: 1.5, over: -20 };
  const statuses: Partial<Record<Kind, string>> = { postponed: 'POSTPONED', over: 'FINISHED' };
  const matches = season.matches.slice(0, KINDS.length).map((row, index) => {
    const kind = KINDS[index] ?? 'live';
    return { ...row, status: statuses[kind] ?? 'TIMED', utcDate: inHours(start, kickoffs[kind] ?? 6).toString({ smallestUnit: 'second' }) };
  });
  const ids = KINDS.map((kind, index) => [kind, String(matches[index]?.id)] as const);
  return { season: { ...season, matches }, ids: Object.fromEntries(ids) as Record<Kind, string> };
}

async function siteOf(): Promise<Site> {
  const now = Temporal.Now.instant().round({ smallestUnit: 'minute', roundingMode: 'ceil' });
  const { season, ids } = seasonOf(now);
  const stack = await stage({ instant: now, footballData: { seasons: [season] } });
  onTestFinished(() => stack.stop());
  const oldCampaign = stack.campaign({ template: UNFENCED_TEMPLATE, users: ONE_FAN });
  return { stack, start: now, ids, from: await makeOldTables(postgres), oldCampaign };
}

/** What the old system left behind when its cron was stopped. */
async function oldWork({ stack, start, ids, oldCampaign }: Site): Promise<void> {
  const calling = { braze: stack.braze, campaignId: oldCampaign };
  const five = inHours(start, 5);
  const entry = (kind: Kind, scheduleId: string, sendAt = five, status = 'scheduled') =>
    writeEntry(postgres, { match: ids[kind], scheduleId, sendAt, status });
  const first = inHours(start, 0.05);
  await entry('sent', await scheduleOld(calling, ids.sent, first), first, 'sent');
  for (const kind of ['live', 'moved', 'postponed', 'twice', 'twice'] as const)
    await entry(kind, await scheduleOld(calling, ids[kind], five));
  const stale = await scheduleOld(calling, ids.stale, five);
  await entry('stale', stale);
  await scheduleOld(calling, ids.orphan, five);
  await entry('orphan', 'pending-aaa-111', five, 'pending');
  await entry('pending', 'pending-bbb-222', five, 'pending');
  await entry('over', 'old-over', inHours(start, -21), 'sent');
  await walkPastSend(stack, first);
  // A young schedule is not known to a delete yet.
  await deleteOld(calling, stale);
}

async function importOld({ stack, from, oldCampaign }: Site, ...flags: readonly string[]) {
  let said = '';
  const say = (text: string): void => {
    said += text;
  };
  const where = ['--kubeconfig', stack.cluster.kubeconfigPath, '-n', stack.namespace, '--allow-endpoint', stack.braze.url];
  const argv = ['import', '--from', from, '--campaign', oldCampaign, '--football-data-url', stack.footballData.url, ...where, ...flags];
  const code = await runCli(argv, { out: say, err: say, env: {}, clock: stack.clock });
  return { code, said };
}

const verdictOf = (said: string, match: string): string | undefined =>
  said
    .split('\n')
    .find((line) => line.startsWith(`${match} `))
    ?.split(/ {3,}/)[4];

const VERDICTS = {
  live: 'adopt',
  moved: 'adopt',
  stale: 'adopt',
  orphan: 'unresolved',
  pending: 'unresolved',
  sent: 'sent',
  twice: 'unresolved',
  postponed: 'adopt',
  over: 'over',
} as const satisfies Record<Kind, string>;

async function cutOver(site: Site): Promise<void> {
  const { stack, start, ids } = site;
  const dry = await importOld(site);
  expect([dry.code, dry.said]).toEqual([0, expect.stringContaining('Nothing is written without --apply.')]);
  expect(Object.fromEntries(KINDS.map((kind) => [kind, verdictOf(dry.said, ids[kind])]))).toEqual(VERDICTS);
  expect(await stack.kubectlOrThrow(['get', 'mn', '-o', 'name'])).toBe('');
  // Two at once, and once more.
  const both = await Promise.all([importOld(site, '--apply'), importOld(site, '--apply')]);
  expect(both.map(({ code, said }) => [code, said])).toEqual([0, 0].map((code) => [code, expect.stringContaining('Applied.')]));
  const names = (await stack.kubectlOrThrow(['get', 'mn', '-o', 'name'])).trim().split('\n');
  const versions = await generations(stack);
  await leaveHalfMade(stack, `pl-${ids.live}`);
  const again = await importOld(site, '--apply');
  expect(await takenOf(stack, names)).toEqual([]);
  expect(again.said).toContain('done');
  expect(again.said).not.toMatch(/ (adopt|sent) {3}/);
  expect(await generations(stack)).toEqual(versions);
  expect(names).toHaveLength(KINDS.length - 1);
  await stack.kubectlOrThrow(['patch', 'ff', 'pl', '--type', 'merge', '-p', '{"spec":{"suspend":false}}']);
  // What the old system's row was wrong about is asked again for five minutes.
  await walkTo(stack, stack.clock.now().add({ minutes: 14 }));
  for (const kind of ['live', 'moved', 'stale', 'orphan', 'pending', 'twice'] as const)
    await untilDealtWith(stack, `pl-${ids[kind]}`, 'Scheduled');
  await untilDealtWith(stack, `pl-${ids.sent}`, 'Sent');
  await untilDealtWith(stack, `pl-${ids.postponed}`, 'Held');
  for (const hours of [0.5, 5, 7]) await walkPastSend(stack, inHours(start, hours));
  expect(toldByMatch(stack.braze)).toEqual(
    Object.fromEntries((['live', 'moved', 'stale', 'orphan', 'pending', 'sent', 'twice'] as const).map((kind) => [ids[kind], 1])),
  );
}

/** As an import that died between its first write and the feed's. */
async function leaveHalfMade(stack: Stack, name: string): Promise<void> {
  const { apiVersion, kind, metadata, spec } = await stack.notification(name);
  const { namespace, annotations } = metadata;
  const body = { apiVersion, kind, metadata: { name, namespace, annotations }, spec };
  await stack.connection.patch(
    MATCH_NOTIFICATIONS,
    { namespace, name },
    { type: 'apply', body, fieldManager: 'kubectl-matchday', force: true },
  );
  expect(await takenOf(stack, [name])).toContain(`${name} sendAt`);
}

/** Fields that a feed would leave alone, because somebody else owns them. */
async function takenOf(stack: Stack, names: readonly string[]): Promise<readonly string[]> {
  const objects = await Promise.all(names.map((name) => stack.notification(name.replace(/^.*\//, ''))));
  return objects.flatMap((object) => takenFields(object).map(({ field }) => `${object.metadata.name} ${field}`));
}

/** What people and feeds wrote; the operator writes status and nothing else. */
async function generations(stack: Stack): Promise<string> {
  return await stack.kubectlOrThrow([
    'get',
    'mn',
    '-o',
    'jsonpath={range .items[*]}{.metadata.name} {.metadata.generation} {.metadata.annotations}{"\\n"}{end}',
  ]);
}

describe('a cut-over from the old system', PATIENT, () => {
  it('in the same campaign, with the fence pasted in, tells of every match once', async () => {
    const site = await siteOf();
    const { stack, oldCampaign } = site;
    await stack.feed({ campaignId: oldCampaign, spec: { suspend: true } });
    await oldWork(site);
    const early = await importOld(site, '--apply');
    expect([early.code, early.said]).toEqual([1, expect.stringContaining('Paste the fence into every message first')]);
    stack.braze.changeCampaign(oldCampaign, { template: FENCED_TEMPLATE });
    await cutOver(site);
  });

  it('to a new campaign, with the old one stopped, tells of every match once', async () => {
    const site = await siteOf();
    const { stack, oldCampaign } = site;
    await stack.feed({ campaignId: stack.campaign({ users: ONE_FAN }), spec: { suspend: true } });
    await oldWork(site);
    const early = await importOld(site, '--apply');
    expect([early.code, early.said]).toEqual([1, expect.stringContaining(`The old campaign ${oldCampaign} is live`)]);
    stack.braze.changeCampaign(oldCampaign, { enabled: false });
    await postgres.query("insert into scheduler_locks values ('braze-scheduler', gen_random_uuid(), now() + interval '1 day')", [], {
      database: OLD_DATABASE,
    });
    const locked = await importOld(site, '--apply');
    expect([locked.code, locked.said]).toEqual([1, expect.stringContaining('A run of the old system holds braze-scheduler')]);
    expect(await stack.kubectlOrThrow(['get', 'mn', '-o', 'name'])).toBe('');
    await postgres.query('delete from scheduler_locks', [], { database: OLD_DATABASE });
    await cutOver(site);
  });
});
