/**
 * The drift drill (docs/drift.md): armed sends are tampered with in Braze in every way that somebody with a key or the dashboard has, hours
 * and minutes before their time. Each is found, named, and put right or handed to a person before the send; then fans are counted. It
 * prints its table.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../sandbox/process/until.ts';
import type { Stack } from '../../sandbox/stack/index.ts';
import type { DRIFT_REASONS } from '../../src/crds/words.ts';
import { armedSend, type Hand, mend, notesOf, readBy, type Send, Sightings, tamper } from './drift-support.ts';
import { table, tell } from './scale-support.ts';
import { inHours, onceAt, stage, told, untilDealtWith, walkPastSend, walkTo } from './support.ts';

type Kind = keyof typeof DRIFT_REASONS;

interface Tampering {
  readonly what: string;
  readonly hand: Hand;
  readonly kind: Kind;
  /** What the condition tells to do, or that nothing is to do. */
  readonly remedy: string;
  /** What a person does; absent: the operator puts it right by itself. */
  readonly mend?: Hand;
}

const TAMPERINGS: readonly Tampering[] = [
  { what: 'catalog item deleted', hand: tamper.deleteItem, kind: 'ItemMissing', remedy: 'it is written again' },
  { what: 'item closed', hand: tamper.closeItem, kind: 'ItemChanged', remedy: 'it is written again' },
  { what: 'item: token edited', hand: tamper.changeToken, kind: 'ItemChanged', remedy: 'it is written again' },
  { what: 'item: name edited', hand: tamper.changeNames, kind: 'ItemChanged', remedy: 'it is written again' },
  {
    what: 'schedule deleted',
    hand: tamper.deleteSchedule,
    kind: 'ScheduleNotListed',
    remedy: 'kubectl matchday suspend',
    mend: mend.suspendAndResume,
  },
  { what: 'campaign stopped', hand: tamper.stopCampaign, kind: 'CampaignNotLive', remedy: 'Start it in Braze', mend: mend.startCampaign },
  { what: 'fence removed', hand: tamper.removeFence, kind: 'FenceMissing', remedy: 'Paste the snippet', mend: mend.pasteFence },
];

const isByHand = ({ mend: hand }: Tampering): boolean => hand !== undefined;

/** When somebody comes, and the looks that find it: what a person mends first, then the read-back of the items. Minutes before the send. */
const ATTACKS = [
  { when: '3 h before', at: 179, byHand: { from: 121, to: 118 }, items: { from: 61, to: 59 } },
  { when: '9 min before', at: 9, byHand: { from: 6, to: 3.7 }, items: { from: 3.2, to: 2 } },
] as const;

let stack: Stack;
let sightings: Sightings;
const rows: Record<string, string>[] = [];
beforeAll(async () => {
  stack = await stage({ braze: { options: { listApiSchedules: true } } });
  sightings = new Sightings(stack);
});
afterAll(async () => {
  tell(table('drift drill: found after, and left before the send, in minutes of the clock', rows));
  sightings?.[Symbol.dispose]();
  await stack?.stop();
});

const minutesBefore = (sendAt: Temporal.Instant, minutes: number): Temporal.Instant =>
  sendAt.subtract({ seconds: Math.round(minutes * 60) });
const minutesBetween = (from: Temporal.Instant, to: Temporal.Instant): string => (from.until(to).total('seconds') / 60).toFixed(0);
const counted = (series: string): Promise<number> => stack.operators[0]?.metric(series) ?? Promise.resolve(0);

/** Found: said in the condition with what to do, once in an event, and counted. */
async function found(send: Send, { kind, remedy }: Pick<Tampering, 'kind' | 'remedy'>) {
  const sighting = await until(() => sightings.of(send.name, kind), { what: `${send.name} to be Drifted/${kind}`, timeoutMs: 30_000 });
  expect(sighting).toMatchObject({ phase: 'Scheduled', message: expect.stringContaining(remedy) });
  const heard = () => notesOf(stack, send.name).then(({ Drifted = [] }) => (Drifted.length > 0 ? Drifted : undefined));
  const notes = await until(heard, { what: `an event Drifted of ${send.name}`, timeoutMs: 10_000, everyMs: 200 });
  expect(notes).toEqual([expect.stringContaining(sighting.message.slice(0, 200))]);
  expect(sightings.kindsOf(send.name)).toEqual([kind]);
  return sighting;
}

interface Attacked {
  readonly tampering: Tampering;
  readonly send: Send;
}

/** Tampers with all of them at once, lets what a person mends be mended when it is found, and the items be read back; the rows of the table. */
async function attack(times: (typeof ATTACKS)[number], sendAt: Temporal.Instant, attacked: readonly Attacked[]) {
  const { when, at, byHand, items } = times;
  const walk = ({ from, to }: { readonly from: number; readonly to: number }): Promise<void> =>
    walkTo(stack, minutesBefore(sendAt, to), { from: minutesBefore(sendAt, from) });
  await walk({ from: at + 1, to: at });
  for (const { tampering, send } of attacked) await tampering.hand(stack, send);
  const begun = stack.clock.now();
  const settle = async ({ tampering, send }: Attacked) => {
    const { at: foundAt } = await found(send, tampering);
    if (tampering.mend) expect(await counted(`matchday_drift{kind="${tampering.kind}"}`)).toBeGreaterThan(0);
    await tampering.mend?.(stack, send);
    return {
      when,
      tampering: tampering.what,
      kind: tampering.kind,
      found: minutesBetween(begun, foundAt),
      left: minutesBetween(foundAt, sendAt),
      'what happened': tampering.mend ? 'told to a person, who mends it' : 'written again',
    };
  };
  const settled: Awaited<ReturnType<typeof settle>>[] = [];
  await walk(byHand);
  for (const one of attacked.filter(({ tampering }) => isByHand(tampering))) settled.push(await settle(one));
  await walk(items);
  for (const one of attacked.filter(({ tampering }) => !isByHand(tampering))) settled.push(await settle(one));
  return settled;
}

describe('an armed send that somebody tampers with in Braze', () => {
  it('is found out, told of, and put right or handed to a person; then fans are told once', { timeout: 300_000 }, async () => {
    const kickoff = inHours(stack, 5);
    const sendAt = kickoff.subtract({ hours: 1 });
    const arm = async (tampering: Tampering, match: number): Promise<Attacked> => ({
      tampering,
      send: await armedSend(stack, String(match), kickoff),
    });
    const waves: { times: (typeof ATTACKS)[number]; attacked: readonly Attacked[] }[] = [];
    for (const [wave, times] of ATTACKS.entries()) {
      const attacked = await Promise.all(TAMPERINGS.map((tampering, index) => arm(tampering, 8100 + 100 * wave + index)));
      waves.push({ times, attacked });
      // Both in one minute are more than its synchronous catalog calls allow.
      await walkTo(stack, stack.clock.now().add({ minutes: 1 }));
    }
    // A new schedule is looked for in the listing a minute after.
    await walkTo(stack, stack.clock.now().add({ minutes: 3 }));
    for (const { times, attacked } of waves) {
      rows.push(...(await attack(times, sendAt, attacked)).map((row) => ({ ...row, delivered: 'once' })));
      for (const { send } of attacked) await untilDealtWith(stack, send.name, 'Scheduled');
    }
    for (const [kind, of] of Map.groupBy(TAMPERINGS, (tampering) => tampering.kind))
      expect(await counted(`matchday_drifts_total{kind="${kind}"}`), kind).toBe(of.length * waves.length);
    await walkPastSend(stack, sendAt);
    for (const { send } of waves.flatMap(({ attacked }) => attacked)) {
      expect((await untilDealtWith(stack, send.name, 'Sent')).status?.lastSent?.reason, send.name).toBe('Sent');
      expect(told(stack, send.item), send.name).toEqual(onceAt(sendAt));
      expect(readBy(stack, send)).toContain('Aston Villa FC v Arsenal FC');
    }
  });

  it('and that nobody mends counts as doubtful: nobody was told, and the object says so', { timeout: 120_000 }, async () => {
    const kickoff = inHours(stack, 3);
    const sendAt = kickoff.subtract({ hours: 1 });
    const [unlisted, unwritable] = await Promise.all(['8300', '8301'].map((match) => armedSend(stack, match, kickoff)));
    if (unlisted === undefined || unwritable === undefined) throw new Error('two were armed');
    await walkTo(stack, stack.clock.now().add({ minutes: 3 }));
    await walkTo(stack, minutesBefore(sendAt, 59), { from: minutesBefore(sendAt, 60) });
    await tamper.deleteSchedule(stack, unlisted);
    await tamper.deleteItem(stack, unwritable);
    const refusal = { kind: 'error-before', status: 503 } as const;
    const fault = stack.braze.fault({
      match: { endpoint: ['item-put', 'items-put'], notification: unwritable.item },
      action: refusal,
      times: 1e4,
    });
    await walkTo(stack, minutesBefore(sendAt, 2), { from: minutesBefore(sendAt, 11) });
    await found(unlisted, { kind: 'ScheduleNotListed', remedy: 'kubectl matchday suspend' });
    await found(unwritable, { kind: 'ItemMissing', remedy: 'it is written again' });
    await walkTo(stack, sendAt.subtract({ seconds: 9 }), { from: sendAt.subtract({ seconds: 30 }) });
    const stuck = await untilDealtWith(stack, unwritable.name, 'ItemMissing');
    expect(stuck.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Stalled', reason: 'ItemMissing', message: expect.stringContaining('nobody is told') }),
    );
    await walkPastSend(stack, sendAt);
    fault.remove();
    for (const [send, doubt] of [
      [unlisted, 'listing did not show'],
      [unwritable, 'last seen missing'],
    ] as const) {
      const sent = await untilDealtWith(stack, send.name, 'Sent');
      expect(sent.status?.lastSent).toMatchObject({ reason: 'PresumedSent', doubt: expect.stringContaining(doubt) });
      expect(told(stack, send.item)).toEqual({});
      expect((await notesOf(stack, send.name))['PresumedSent']).toEqual([expect.stringContaining('--not-sent')]);
    }
  });

  it('after the last read-back is found a minute after the send: that is the limit', { timeout: 120_000 }, async () => {
    const kickoff = inHours(stack, 3);
    const sendAt = kickoff.subtract({ hours: 1 });
    const send = await armedSend(stack, '8400', kickoff);
    await walkTo(stack, minutesBefore(sendAt, 2), { from: minutesBefore(sendAt, 4) });
    await tamper.deleteItem(stack, send);
    await walkPastSend(stack, sendAt);
    const notes = await until(() => notesOf(stack, send.name).then(({ SendDoubtful }) => SendDoubtful), {
      what: 'an event SendDoubtful',
      timeoutMs: 20_000,
      everyMs: 200,
    });
    expect(notes).toEqual([expect.stringContaining('look at the deliveries')]);
    expect(told(stack, send.item)).toEqual({});
  });
});
