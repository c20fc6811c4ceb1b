/** The story, chapter by chapter. Each waits for what it tells, so nothing is claimed that did not happen. */
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import { REQUESTED_AT } from '../../src/crds/words.ts';
import type { MatchRow } from '../football-data/rows.ts';
import { isReady } from '../stack/index.ts';
import { type Detail, sentencesOn, short } from './narrator.ts';
import type { Play } from './play.ts';
import { timeOf } from './screen.ts';
import { showNotifications, theFirstSends, theReckoning } from './sends.ts';
import { type Cast, setScene } from './stage.ts';
import { itemOf, type Tally } from './tally.ts';
import { aborting } from './waits.ts';

const FEED = 'pl';
/** Matchday 33 and the two rounds after it: 29 fixtures. */
const WINDOW = '16d';
/** Nine fixtures are this near: all of them are scheduled within one minute of Braze's limit of creates. */
const HORIZON = '6d12h';
const WAIT_MS = 90_000;

export async function play(show: Play): Promise<Tally> {
  await theStage(show);
  const cast = await setScene(show.stack);
  show.screen.line(
    'clock',
    `set to ${timeOf(show.stack.clock.now())} UTC, and the season to a Saturday whose first sends are due at ${timeOf(cast.firstSendAt)}`,
  );
  const campaignId = show.stack.campaign({ name: 'Match day push' });
  await narrated(show, 'brief', async () => {
    await fixturesArrive(show, cast, campaignId);
    await sendsAreScheduled(show, cast);
  });
  await narrated(show, 'every step', async () => {
    await aKickoffMoves(show, cast);
    await anAnswerIsLost(show, cast);
  });
  await theFirstSends(show, cast);
  return await theReckoning(show);
}

const nameOf = ({ id }: MatchRow): string => `${FEED}-${id}`;
const fixtureOf = ({ homeTeam, awayTeam }: MatchRow): string => `${homeTeam.name} v ${awayTeam.name}`;

/** Says what happens to the objects while `chapters` run. */
async function narrated({ stack, screen }: Play, detail: Detail, chapters: () => Promise<void>): Promise<void> {
  const forget = stack.notifications.onChange((before, after) => {
    if (after === undefined) return;
    for (const { text, style } of sentencesOn(before, after, detail))
      screen.line(after.status?.fixture ?? after.metadata.name, text, style);
  });
  await chapters().finally(forget);
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

async function sendsAreScheduled(show: Play, { first, unconfirmed }: Cast): Promise<void> {
  const { stack, screen, signal } = show;
  screen.chapter(
    'Sends are scheduled',
    'Nearest first, as Braze allows 10 creates a minute for one audience. A fixture this close to its send must be seen in two answers.',
  );
  const due = first.filter((match) => match !== unconfirmed);
  const all = Promise.all(due.map((match) => stack.notifications.waitFor(nameOf(match), isArmed, { timeoutMs: WAIT_MS, signal })));
  await screen.waiting('the sends of this afternoon are scheduled', all);
  await showNotifications(show);
}

async function aKickoffMoves(show: Play, { firstSendAt, moved }: Cast): Promise<void> {
  const { stack, screen, signal } = show;
  screen.chapter(
    'A kickoff moves',
    'Television brings a match forward. Two answers in a row must say so; then: close, delete the old schedule, create the new one, open.',
  );
  const utcDate = kickoffOf(firstSendAt);
  await stack.footballData.admin.edit([{ kind: 'move', id: moved.id, utcDate }]);
  screen.line(fixtureOf(moved), `football-data.org: kickoff ${moved.utcDate.slice(11, 16)} → ${utcDate.slice(11, 16)}`, 'yellow');
  await lookNow(show);
  const sent = firstSendAt.toString();
  const follows = (object: MatchNotification): boolean => isArmed(object) && sameInstant(object.status?.schedule?.sendAt, sent);
  await screen.waiting('the move is followed', stack.notifications.waitFor(nameOf(moved), follows, { timeoutMs: WAIT_MS, signal }));
}

async function anAnswerIsLost(show: Play, { firstSendAt, unconfirmed }: Cast): Promise<void> {
  const { stack, screen, signal } = show;
  screen.chapter(
    'An answer is lost',
    'A kickoff is confirmed, so a schedule is created. Braze takes it, and the connection breaks before the answer. Trying again could send twice.',
  );
  const name = nameOf(unconfirmed);
  const held = await stack.notification(name);
  const fault = stack.braze.fault({ match: { endpoint: 'campaign-create', notification: itemOf(held) }, action: { kind: 'drop-after' } });
  await stack.footballData.admin.edit([{ kind: 'confirm', id: unconfirmed.id, utcDate: kickoffOf(firstSendAt) }]);
  screen.line(fixtureOf(unconfirmed), 'football-data.org: the kickoff is confirmed', 'yellow');
  await lookNow(show);
  await screen.waiting("the create call's turn comes", aborting(signal, fault.struck()));
  screen.line(
    fixtureOf(unconfirmed),
    `Braze made ${short(fault.hits[0]?.scheduleId ?? '')}, and the connection broke before it said so`,
    'red',
  );
  const armed = stack.notifications.waitFor(name, isArmed, { timeoutMs: WAIT_MS, signal });
  await screen.waiting('that call can not be running any more soon; then a new one is made', armed);
}

/** A poll at once rather than at its time: an annotation that everybody may set. */
async function lookNow({ stack, screen }: Play): Promise<void> {
  const args = ['annotate', '--overwrite', 'ff', FEED, `${REQUESTED_AT}=${timeOf(stack.clock.now())}`];
  await stack.kubectlOrThrow(args);
  screen.line(`FixtureFeed ${FEED}`, `asked to look at once: kubectl ${args.join(' ')}`);
}

const isArmed = ({ status }: MatchNotification): boolean =>
  status?.schedule !== undefined &&
  status.fence?.confirmed === true &&
  status.fence.state === 'open' &&
  status.fence.token === status.schedule.token;

const sameInstant = (a: string | undefined, b: string): boolean =>
  a !== undefined && Temporal.Instant.from(a).equals(Temporal.Instant.from(b));
const kickoffOf = (sendAt: Temporal.Instant): string => sendAt.add({ hours: 1 }).toString();
