/**
 * What the tests of the whole operator share: a sandbox on the shared control plane, a clock that is moved with care, and the log of the
 * simulated Braze read as a story.
 */
import { isReady, type Stack, type StackOptions, startStack } from '../../sandbox/stack/index.ts';
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import { clusterForTests } from '../support/cluster.ts';

/** A send can be made half a minute ahead, and a lost answer is settled after eleven seconds. */
const QUICK = { margin: '10s', requestTimeout: '1s' } as const;
/** A lease that nobody holds yet is waited out like another's: six seconds of each test file. */
export const BRISK_LEASE: readonly string[] = ['--lease-duration', '6s', '--renew-deadline', '4s', '--retry-period', '1s'];
/** A call of some milliseconds must stay one of some seconds: else Braze's clock can't be learnt from its answers. */
const WALKING = 60;

/** The sandbox with one operator that leads and the workspace `main`, unless told otherwise. */
export async function stage(options: StackOptions & { readonly workspace?: boolean } = {}): Promise<Stack> {
  const { workspace = true, ...given } = options;
  const stack = await startStack({ cluster: await clusterForTests(), operators: 1, operatorFlags: BRISK_LEASE, ...given });
  try {
    for (const operator of stack.operators.slice(0, 1)) await operator.leads();
    if (workspace) await stack.workspace(QUICK);
  } catch (error) {
    await stack.stop();
    throw error;
  }
  return stack;
}

/** A whole minute, so many hours ahead on the sandbox's clock. */
export function inHours({ clock }: Stack, hours: number): Temporal.Instant {
  const minutes = Math.ceil(clock.now().epochMilliseconds / 60_000) + hours * 60;
  return Temporal.Instant.fromEpochMilliseconds(Math.round(minutes) * 60_000);
}

/** Whether the object says that its present spec is dealt with: `Ready`, or not ready for that reason. */
export const dealtWith = (object: MatchNotification, reason?: string): boolean =>
  object.status?.observedGeneration === object.metadata.generation && isReady(object, reason);

/** The object, once it is dealt with; the error shows what it said last. */
export const untilDealtWith = (stack: Stack, name: string, reason?: string): Promise<MatchNotification> =>
  stack.notifications.waitFor(name, (object) => dealtWith(object, reason), {
    what: `${name} to be ${reason ?? 'ready'} for its present spec`,
  });

/** One that Braze holds a schedule of and whose item is confirmed open. */
export async function armed(stack: Stack, options: Parameters<Stack['notify']>[0]): Promise<MatchNotification> {
  return await untilDealtWith(stack, await stack.notify(options), 'Scheduled');
}

/** Lets time pass: at once to `from` (now unless told), the rest at a pace at which nothing is jumped over. */
export async function walkTo({ clock }: Stack, to: Temporal.Instant, { from = clock.now() } = {}): Promise<void> {
  if (Temporal.Instant.compare(clock.now(), from) < 0) clock.set(from);
  clock.setRate(WALKING);
  try {
    while (Temporal.Instant.compare(clock.now(), to) < 0) await new Promise((resolve) => setTimeout(resolve, clock.delayMs(to)));
  } finally {
    clock.setRate(1);
  }
}

/** Over the margin, the send and the look at the item a minute later; every send that was due is rendered. */
export async function walkPastSend(stack: Stack, sendAt: Temporal.Instant): Promise<void> {
  await walkTo(stack, sendAt.add({ seconds: 90 }), { from: sendAt.subtract({ seconds: 30 }) });
  await stack.braze.settled();
}

/** The catalog item of an object that once had one. */
export function itemOf(object: MatchNotification): string {
  const item = object.status?.fence?.item;
  if (item === undefined) throw new Error(`${object.metadata.name} has no catalog item yet`);
  return item;
}

/** How often each fan was told, and when: `{ 'fan-1': ['2026-12-06T11:30:00Z'], … }`. */
export function told(stack: Stack, item: string): Readonly<Record<string, readonly string[]>> {
  const times: Record<string, string[]> = {};
  for (const { user, firedMs } of stack.braze.deliveries({ notification: item })) {
    const at = Temporal.Instant.fromEpochMilliseconds(firedMs).toString();
    times[user] = [...(times[user] ?? []), at];
  }
  return times;
}

/** What `told` is when each of the campaign's five fans was told once, at `at`. */
export const onceAt = (at: Temporal.Instant): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`fan-${n}`, [at.toString()]]));

/** The last call to Braze so far. */
export const lastCall = ({ braze }: Stack): number => braze.log.entries.at(-1)?.seq ?? 0;

/**
 * What Braze was asked about one item since a call, in order: `open`, `close`, `mark` for the three writes of the item, `read` for its
 * read-backs, the last word of the endpoint for schedules. Repeated reads are one.
 */
export function story({ braze }: Stack, item: string, since = 0): readonly string[] {
  const words = braze.log
    .where({ notification: item, afterSeq: since })
    .map((entry) => (entry.endpoint.startsWith('campaign-') ? entry.endpoint.slice(9) : wordFor(entry.method, entry.body, item)));
  return words.filter((word, index) => word !== 'read' || words[index - 1] !== 'read');
}

function wordFor(method: string, body: unknown, item: string): string {
  if (method === 'GET') return 'read';
  if (method === 'DELETE') return 'remove';
  const { items } = body as { items: readonly { readonly id?: string; readonly state?: string; readonly token?: string }[] };
  const written = items.length === 1 ? items[0] : items.find(({ id }) => id === item);
  if (written?.state === 'sent') return 'mark';
  return written?.token === '' ? 'close' : 'open';
}
