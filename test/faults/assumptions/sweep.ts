/** One step of the sweep: a send armed at the default margin, changed just before it, in a Braze that is a little worse than assumed. */
import { Cell } from '../cell.ts';
import { told } from '../end-state.ts';
import type { Lane } from '../lane.ts';
import { idle } from '../pace.ts';
import { type Assumption, MARGIN_S, type Situation } from './situations.ts';

export interface Step {
  readonly assumption: Assumption;
  readonly situation: Situation;
  readonly ms: number;
}

/** What became of it, for the fans and in the object's own words. */
export interface Finding {
  readonly fans: 'right' | 'told twice' | 'not told' | 'told although cancelled' | 'told at the old time';
  /** Of how many fans. */
  readonly share: string;
  readonly says: string;
}

/** A back-to-normal for `setOptions`. */
const NORMAL = { renderLagMs: 0, asyncLagMs: 500, sendDurationMs: 0, bestEffortWindowMs: 20 * 60_000 } as const;
const ASYNCHRONOUS = { limits: { catalogSyncPerMinute: 15 } } as const;

export async function sweepStep(lane: Lane, { assumption, situation, ms }: Step): Promise<Finding> {
  await lane.pair();
  const { braze } = lane.stack;
  const cell = new Cell(lane, { ownWorkspace: true });
  try {
    const fence = { catalog: cell.catalog, margin: `${MARGIN_S}s` };
    await cell.createWorkspace({ fence, ...(assumption.asynchronous ? ASYNCHRONOUS : {}) });
    await cell.armed();
    braze.setOptions({ ...NORMAL, ...assumption.options(ms) });
    await live(cell, situation, ms);
    await braze.settled();
    return await findingOf(cell, situation);
  } finally {
    braze.setOptions(NORMAL);
    if (cell.seen !== undefined) await cell.delete();
  }
}

async function live(cell: Cell, situation: Situation, ms: number): Promise<void> {
  const first = cell.sendAt;
  const at = first.subtract({ seconds: situation.leadS });
  const { meddle } = situation;
  if (meddle !== undefined) {
    await cell.jumpTo(first.subtract({ seconds: meddle.leadS + 8 }));
    await cell.walkTo(first.subtract({ seconds: meddle.leadS }));
    await idle(cell);
    meddle.act(cell);
  }
  if (situation.leadS > 0) {
    await cell.jumpTo(at.subtract({ seconds: 10 }));
    await cell.walkTo(at);
  } else {
    await cell.passSend(first);
    await cell.jumpTo(at);
  }
  await situation.act(cell);
  await idle(cell);
  // What is not done by now goes on while time passes.
  await cell.walkTo(Temporal.Instant.compare(first, cell.now) > 0 ? first.add({ seconds: 4 }) : cell.now);
  await cell.passSend(first);
  await cell.jumpTo(cell.now.add({ milliseconds: ms }));
  if (situation.wantedMin !== undefined && situation.wantedMin > 0) {
    await cell.passSend(first.add({ minutes: situation.wantedMin }));
    await cell.jumpTo(cell.now.add({ milliseconds: ms }));
  }
  await idle(cell);
}

async function findingOf(cell: Cell, { wantedMin }: Situation): Promise<Finding> {
  const base = (cell.sendAt.epochMilliseconds - cell.base.epochMilliseconds) / 60_000 - (wantedMin ?? 0);
  const fans = cell.lane.stack.braze.campaigns().find(({ id }) => id === cell.campaignId)?.users ?? [];
  const lists = Object.entries(told(cell));
  const count = (fits: (times: readonly number[]) => boolean): number =>
    fans.filter(({ id }) => fits(lists.find(([user]) => user === id)?.[1] ?? [])).length;
  // A new occasion is told beside the first.
  const wanted = wantedMin === undefined ? [] : wantedMin > 60 ? [base, base + wantedMin] : [base + wantedMin];
  const isRight = (times: readonly number[]): boolean => JSON.stringify([...times].sort((a, b) => a - b)) === JSON.stringify(wanted);
  const says = await saysOf(cell);
  const wrong = count((times) => !isRight(times));
  const of = (some: number): string => `${some} of ${fans.length}`;
  if (wrong === 0) return { fans: 'right', share: of(fans.length), says };
  const twice = count((times) => times.length > wanted.length && wanted.length > 0);
  if (twice > 0) return { fans: 'told twice', share: of(twice), says };
  if (wantedMin === undefined) return { fans: 'told although cancelled', share: of(wrong), says };
  const missed = count((times) => times.length < wanted.length);
  return missed > 0 ? { fans: 'not told', share: of(missed), says } : { fans: 'told at the old time', share: of(wrong), says };
}

interface Events {
  readonly items: readonly { readonly type?: string; readonly reason?: string; readonly regarding?: { readonly name?: string } }[];
}

/** Phase, conditions that are no good news, and warnings. */
async function saysOf(cell: Cell): Promise<string> {
  const { connection, namespace } = cell.lane.stack;
  const { status } = cell.seen ?? {};
  const reason = status?.conditions?.find(({ type }) => type === 'Ready')?.reason;
  const drifted = status?.conditions?.find(({ type }) => type === 'Drifted')?.reason;
  const answer = await connection.raw({ method: 'GET', path: `/apis/events.k8s.io/v1/namespaces/${namespace}/events` });
  const warnings = (answer as Events).items
    .filter(({ type, regarding }) => type === 'Warning' && regarding?.name === cell.name)
    .map((event) => event.reason ?? '');
  const words = [
    status?.phase === reason ? status?.phase : `${status?.phase}/${reason}`,
    status?.lastSent === undefined ? undefined : status.lastSent.reason === 'PresumedSent' ? 'PresumedSent' : undefined,
    drifted,
    ...warnings,
  ];
  return [...new Set(words)].filter((word) => word !== undefined).join(', ');
}
