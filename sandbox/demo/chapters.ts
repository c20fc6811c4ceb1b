/** The story, chapter by chapter. Each waits for what it tells, so nothing is claimed that did not happen. */
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import { REQUESTED_AT } from '../../src/crds/words.ts';
import type { Delivery, Fault } from '../braze/index.ts';
import type { MatchRow } from '../football-data/rows.ts';
import { isReady, type Stack } from '../stack/index.ts';
import { sentencesOn } from './narrator.ts';
import { type Screen, timeOf } from './screen.ts';
import { type Cast, setScene } from './stage.ts';
import { itemOf, type Tally, tally } from './tally.ts';

const FEED = 'pl';
/** Matchday 33 and the two rounds after it: 29 fixtures. */
const WINDOW = '16d';
/** Nine fixtures are this near: all of them are scheduled within one minute of Braze's limit of creates. */
const HORIZON = '6d12h';
const WAIT_MS = 90_000;

export interface Play {
  readonly stack: Stack;
  readonly screen: Screen;
  /** Aborted when the demo is to end: Ctrl-C, or its time is up. */
  readonly signal: AbortSignal;
}

export async function play(show: Play): Promise<Tally> {
  await theStage(show);
  const cast = await setScene(show.stack);
  const campaignId = show.stack.campaign({ name: 'Match day push' });
  const forget = narrate(show);
  try {
    await fixturesArrive(show, cast, campaignId);
    await sendsAreScheduled(show, cast);
    await aKickoffMoves(show, cast);
    await anAnswerIsLost(show, cast);
    await theFirstSends(show, cast);
  } finally {
    forget();
  }
  return await theReckoning(show);
}

const nameOf = ({ id }: MatchRow): string => `${FEED}-${id}`;
const fixtureOf = ({ homeTeam, awayTeam }: MatchRow): string => `${homeTeam.name} v ${awayTeam.name}`;

function narrate({ stack, screen }: Play): () => void {
  return stack.notifications.onChange((before, after) => {
    if (after === undefined) return;
    for (const { text, style } of sentencesOn(before, after)) screen.line(after.status?.fixture ?? after.metadata.name, text, style);
  });
}

async function theStage({ stack, screen, signal }: Play): Promise<void> {
  screen.chapter(
    'The stage',
    'A real etcd and kube-apiserver. Braze and football-data.org are simulated on real sockets, with their limits and their oddities.',
  );
  screen.line('Kubernetes', `ready, KUBECONFIG=${stack.cluster.kubeconfigPath}`);
  screen.line('Braze', stack.braze.url);
  screen.line('football-data.org', stack.footballData.url);
  const operator = await screen.waiting('the operator starts', stack.startOperator({ name: 'operator' }));
  screen.line('operator', `process ${operator.pid}, metrics ${operator.metricsUrl}`);
  await screen.waiting(
    'the operator waits out its new lease, as somebody else might believe to hold it',
    aborting(signal, operator.leads()),
  );
  screen.line('operator', 'leads');
}

async function fixturesArrive({ stack, screen, signal }: Play, { unconfirmed }: Cast, campaignId: string): Promise<void> {
  screen.chapter(
    'Fixtures arrive',
    'A BrazeWorkspace says where to send; a FixtureFeed polls the Premier League and makes a MatchNotification of each fixture.',
  );
  await stack.workspace({ margin: '10s', requestTimeout: '1s', spec: { horizon: HORIZON } });
  screen.line('BrazeWorkspace main', 'Ready: key, endpoint and catalog are as needed');
  await stack.feed({ name: FEED, campaignId, spec: { interval: '15s', window: WINDOW } });
  const followed = async (): Promise<number> => {
    const feed = await stack.feeds.waitFor(FEED, (object) => isReady(object), { timeoutMs: WAIT_MS, signal, what: 'the feed to be Fresh' });
    const count = feed.status?.applied ?? 0;
    await stack.notifications.until(() => (stack.notifications.list().length >= count ? true : undefined), { signal });
    screen.line(`FixtureFeed ${FEED}`, `${feed.status?.fixtures} fixtures read, ${count} kick off within ${WINDOW} and are objects now`);
    return count;
  };
  await screen.waiting('the feed polls', followed());
  screen.line(fixtureOf(unconfirmed), 'held: its kickoff is not confirmed by the league yet');
}

async function sendsAreScheduled({ stack, screen, signal }: Play, { first, unconfirmed }: Cast): Promise<void> {
  screen.chapter(
    'Sends are scheduled',
    'Nearest first, as Braze allows 10 creates a minute for one audience. A fixture this close to its send must be seen in two answers.',
  );
  const due = first.filter((match) => match !== unconfirmed);
  const all = Promise.all(due.map((match) => stack.notifications.waitFor(nameOf(match), isArmed, { timeoutMs: WAIT_MS, signal })));
  await screen.waiting('the sends of this afternoon are scheduled', all);
  await showNotifications(stack, screen);
}

async function aKickoffMoves({ stack, screen, signal }: Play, { firstSendAt, moved }: Cast): Promise<void> {
  screen.chapter(
    'A kickoff moves',
    'Television brings a match forward. Two answers in a row must say so; then: close, delete the old schedule, create the new one, open.',
  );
  const utcDate = kickoffOf(firstSendAt);
  await stack.footballData.admin.edit([{ kind: 'move', id: moved.id, utcDate }]);
  screen.line(fixtureOf(moved), `football-data.org: kickoff ${moved.utcDate.slice(11, 16)} → ${utcDate.slice(11, 16)}`, 'yellow');
  await lookNow(stack, screen);
  const sent = firstSendAt.toString();
  const follows = (object: MatchNotification): boolean => isArmed(object) && sameInstant(object.status?.schedule?.sendAt, sent);
  await screen.waiting('the move is followed', stack.notifications.waitFor(nameOf(moved), follows, { timeoutMs: WAIT_MS, signal }));
}

async function anAnswerIsLost({ stack, screen, signal }: Play, { firstSendAt, unconfirmed }: Cast): Promise<void> {
  screen.chapter(
    'An answer is lost',
    'A kickoff is confirmed, so a schedule is created. Braze takes it, and the connection breaks before it has answered.',
  );
  const name = nameOf(unconfirmed);
  const held = await stack.notification(name);
  const fault = stack.braze.fault({ match: { endpoint: 'campaign-create', notification: itemOf(held) }, action: { kind: 'drop-after' } });
  await stack.footballData.admin.edit([{ kind: 'confirm', id: unconfirmed.id, utcDate: kickoffOf(firstSendAt) }]);
  screen.line(fixtureOf(unconfirmed), 'football-data.org: the kickoff is confirmed', 'yellow');
  await lookNow(stack, screen);
  await screen.waiting("the create call's turn comes", aborting(signal, fault.struck()));
  screen.line(fixtureOf(unconfirmed), `Braze made schedule ${shortId(fault)} and never answered`, 'red');
  const armed = stack.notifications.waitFor(name, isArmed, { timeoutMs: WAIT_MS, signal });
  await screen.waiting('until that call can not be running any more, then a new one is made', armed);
}

async function theFirstSends({ stack, screen, signal }: Play, { firstSendAt }: Cast): Promise<void> {
  screen.chapter(
    'The first sends',
    'Braze renders each message. The fence is in it: a schedule whose token is not the one in the catalog item aborts itself.',
  );
  await screen.waiting('the first sends', untilTime(stack, firstSendAt.add({ milliseconds: 200 }), signal), firstSendAt);
  await stack.braze.settled();
  for (const [what, deliveries] of bySchedule(stack.braze.deliveries())) {
    const [one] = deliveries;
    screen.line('Braze', `delivered to ${deliveries.length} fans: "${what.split('|')[0]}"`, 'green');
    if (one === undefined) continue;
  }
  for (const [, aborts] of bySchedule(stack.braze.aborts())) {
    const [one] = aborts;
    screen.line('Braze', `aborted for ${aborts.length} fans: schedule ${one?.scheduleId.slice(0, 8)}…, ${one?.reason}`, 'yellow');
  }
  const due = (): readonly MatchNotification[] => stack.notifications.list().filter((object) => isDue(object, stack.clock.now()));
  const settled = (): true | undefined => (due().every((object) => object.status?.phase === 'Sent') ? true : undefined);
  await screen.waiting(
    'the operator sees that they went out',
    stack.notifications.until(settled, { timeoutMs: WAIT_MS, signal, what: 'the sends that are due to be Sent' }),
  );
}

async function theReckoning({ stack, screen }: Play): Promise<Tally> {
  screen.chapter('The reckoning', "Braze's own record of what each fan got, against the objects.");
  const users = stack.braze.campaigns().flatMap((campaign) => campaign.users.map(({ id }) => id));
  const notifications = stack.notifications.list();
  const result = tally({ notifications, deliveries: stack.braze.deliveries(), users, now: stack.clock.now() });
  await showNotifications(stack, screen);
  const columns = ['fixtures', 'scheduled', 'delivered once', 'twice', 'lost'];
  const numbers = [result.fixtures, result.scheduled, result.once.length, result.twice.length, result.lost.length];
  screen.print(`   ${columns.join('   ')}`);
  const row = numbers.map((number, index) => String(number).padStart(columns[index]?.length ?? 0)).join('   ');
  screen.print(`   ${screen.styled(row, 'bold', result.twice.length + result.lost.length === 0 ? 'green' : 'red')}`);
  screen.print();
  return result;
}

/** A poll at once rather than at its time: an annotation that everybody may set. */
async function lookNow(stack: Stack, screen: Screen): Promise<void> {
  const args = ['annotate', '--overwrite', 'ff', FEED, `${REQUESTED_AT}=${timeOf(stack.clock.now())}`];
  await stack.kubectlOrThrow(args);
  screen.line(`FixtureFeed ${FEED}`, `asked to look at once: kubectl ${args.join(' ')}`);
}

async function showNotifications(stack: Stack, screen: Screen): Promise<void> {
  const args = ['get', 'mn', '--sort-by=.spec.sendAt'];
  screen.command(`kubectl ${args.join(' ')}`, await stack.kubectlOrThrow(args));
}

const isArmed = ({ status }: MatchNotification): boolean =>
  status?.schedule !== undefined &&
  status.fence?.confirmed === true &&
  status.fence.state === 'open' &&
  status.fence.token === status.schedule.token;

const isDue = ({ spec }: MatchNotification, now: Temporal.Instant): boolean =>
  spec.hold === undefined && Temporal.Instant.compare(spec.sendAt, now) <= 0;

const sameInstant = (a: string | undefined, b: string): boolean =>
  a !== undefined && Temporal.Instant.from(a).equals(Temporal.Instant.from(b));
const kickoffOf = (sendAt: Temporal.Instant): string => sendAt.add({ hours: 1 }).toString();
const shortId = (fault: Fault): string => `${fault.hits[0]?.scheduleId?.slice(0, 8) ?? '?'}…`;

/** In the order of the sends; the key begins with what was read. */
function bySchedule(deliveries: readonly Delivery[]): Map<string, Delivery[]> {
  const schedules = new Map<string, Delivery[]>();
  for (const delivery of deliveries) {
    const text = Object.values(delivery.messages[0]?.fields ?? {})[0]?.trim() ?? '';
    const key = `${text}|${delivery.scheduleId}`;
    schedules.set(key, [...(schedules.get(key) ?? []), delivery]);
  }
  return schedules;
}

/** Resolves when the sandbox's clock shows `at`. */
async function untilTime({ clock }: Stack, at: Temporal.Instant, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const cancel = (): void => reject(signal.reason);
  signal.throwIfAborted();
  signal.addEventListener('abort', cancel, { once: true });
  const timer = setTimeout(resolve, clock.delayMs(at));
  await promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
  });
}

/** `work`, or the signal's reason. */
function aborting<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const cancel = (): void => reject(signal.reason);
  signal.addEventListener('abort', cancel, { once: true });
  return Promise.race([work, promise]).finally(() => signal.removeEventListener('abort', cancel));
}
