/** The end of the story: what Braze sent, and whether that is what the objects promised. */
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import type { Delivery } from '../braze/index.ts';
import { isReady } from '../stack/index.ts';
import { short } from './narrator.ts';
import type { Play } from './play.ts';
import type { Cast } from './stage.ts';
import { type Tally, tally } from './tally.ts';
import { untilTime } from './waits.ts';

const WAIT_MS = 90_000;
/** From a send's instant until its renderings are looked at. */
const RENDER_MS = 200;

export async function theFirstSends({ stack, screen, signal }: Play, { firstSendAt }: Cast): Promise<void> {
  screen.chapter(
    'The first sends',
    'Braze renders each message. The fence is in it: a schedule whose token is not the one in the catalog item aborts itself.',
  );
  const { clock, braze, notifications } = stack;
  await screen.waiting('the first sends', untilTime(clock, firstSendAt.add({ milliseconds: RENDER_MS }), signal), firstSendAt);
  await braze.settled();
  for (const group of bySchedule(braze.deliveries())) {
    screen.line(group.text, `delivered to ${group.users} fans by ${short(group.scheduleId)}`, 'green');
  }
  for (const group of bySchedule(braze.aborts())) {
    screen.line(
      'the schedule that nobody knew',
      `aborted for ${group.users} fans: ${short(group.scheduleId)}, "${group.reason}"`,
      'yellow',
    );
  }
  const due = (): readonly MatchNotification[] => notifications.list().filter((object) => isDue(object, clock.now()));
  const sent = (): number | undefined => (due().every(({ status }) => status?.phase === 'Sent') ? due().length : undefined);
  const all = notifications.until(sent, { timeoutMs: WAIT_MS, signal, what: 'the sends that are due to be Sent' });
  screen.line('operator', `${await screen.waiting('the operator sees that they went out', all)} MatchNotifications are Sent`);
}

export async function theReckoning(show: Play): Promise<Tally> {
  const { stack, screen } = show;
  screen.chapter('The reckoning', "Braze's own record of what each fan got, against the objects.");
  const users = stack.braze.campaigns().flatMap((campaign) => campaign.users.map(({ id }) => id));
  const notifications = stack.notifications.list();
  const result = tally({ notifications, deliveries: stack.braze.deliveries(), users, now: stack.clock.now() });
  await showNotifications(show);
  const { fixtures, scheduled, once, twice, lost } = result;
  const table = { fixtures, scheduled, 'delivered once': once.length, twice: twice.length, lost: lost.length };
  screen.print(`   ${Object.keys(table).join('   ')}`);
  const row = Object.entries(table).map(([column, number]) => String(number).padStart(column.length));
  screen.print(`   ${screen.styled(row.join('   '), 'bold', twice.length + lost.length === 0 ? 'green' : 'red')}`);
  screen.print();
  const beyond = notifications.filter((object) => isReady(object, 'BeyondHorizon')).length;
  screen.print(`   ${beyond} more kick off beyond the workspace's horizon; each is scheduled when it comes nearer.`);
  const stopped = bySchedule(stack.braze.aborts()).length;
  screen.print(`   ${stopped} schedule whose id nobody ever learnt came due as well; the fence stopped it.`);
  screen.print();
  return result;
}

export async function showNotifications({ stack, screen }: Play): Promise<void> {
  const args = ['get', 'mn', '--sort-by=.spec.sendAt'];
  const inNamespace = stack.namespace === 'default' ? '' : `-n ${stack.namespace} `;
  screen.command(`kubectl ${inNamespace}${args.join(' ')}`, await stack.kubectlOrThrow(args));
}

const isDue = ({ spec }: MatchNotification, now: Temporal.Instant): boolean =>
  spec.hold === undefined && Temporal.Instant.compare(spec.sendAt, now) <= 0;

interface Group {
  readonly scheduleId: string;
  readonly users: number;
  /** What they read. */
  readonly text: string;
  /** Why they read nothing. */
  readonly reason: string;
}

/** What became of each schedule, in the order of the sends. */
function bySchedule(deliveries: readonly Delivery[]): Group[] {
  const groups = Map.groupBy(deliveries, ({ scheduleId }) => scheduleId);
  return [...groups].map(([scheduleId, group]) => {
    const [first] = group;
    const text = Object.values(first?.messages[0]?.fields ?? {})
      .join(' ')
      .trim();
    return { scheduleId, users: group.length, text, reason: first?.reason ?? '' };
  });
}
