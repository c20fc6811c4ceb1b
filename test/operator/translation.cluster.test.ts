/**
 * Team names in Arabic, all the way to what fans are shown: one from a person's table, the others from a translator that takes minutes
 * for each and then breaks. Neither is waited for; what comes later is a write of the catalog item and nothing else.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fencedTemplate } from '../../sandbox/braze/index.ts';
import type { Season } from '../../sandbox/football-data/rows.ts';
import { loadSeasons } from '../../sandbox/football-data/seasons.ts';
import { until } from '../../sandbox/process/until.ts';
import type { Stack } from '../../sandbox/stack/index.ts';
import { SandboxTranslator } from '../../sandbox/translator/translator.ts';
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import { BRISK_LEASE, dealtWith, itemOf, lastCall, onceAt, stage, story, told, untilDealtWith, walkPastSend } from './support.ts';

const TEMPLATE = fencedTemplate('matchday').replace(
  '{{ items[0].home }} v {{ items[0].away }}',
  '{{ items[0].home_ar }} – {{ items[0].away_ar }}',
);
const [VILLA, ARSENAL, SPURS] = ['أستون فيلا', 'أرسنال', 'توتنهام'];

let stack: Stack;
let translator: SandboxTranslator;
let kickoff: Temporal.Instant;
let requests = 0;

/** Two matches of the season, hours ahead: Villa v Arsenal, and the one that moves, Villa v Tottenham. */
const [FIRST, SECOND] = [600040, 600055];
const [first, second] = [`pl-${FIRST}`, `pl-${SECOND}`];
/** As football-data.org numbers Aston Villa. */
const VILLA_ID = '192522';

function seasonOfTwo(): readonly Season[] {
  const kickoffs = new Map([
    [FIRST, kickoff],
    [SECOND, kickoff.add({ hours: 2 })],
  ]);
  return loadSeasons({ competitions: ['PL'] }).map((season) => ({
    ...season,
    matches: season.matches.flatMap((row) => {
      const utcDate = kickoffs.get(row.id)?.toString({ smallestUnit: 'second' });
      return utcDate === undefined ? [] : [{ ...row, utcDate, status: 'TIMED' }];
    }),
  }));
}

beforeAll(async () => {
  const now = Temporal.Now.instant().round({ smallestUnit: 'minute', roundingMode: 'ceil' });
  kickoff = now.add({ hours: 4 });
  translator = await SandboxTranslator.start({ words: { ar: { 'Arsenal FC': ARSENAL, 'Tottenham Hotspur FC': SPURS } } });
  translator.latencyMs = 600_000;
  stack = await stage({ footballData: { seasons: seasonOfTwo() }, operatorFlags: [...BRISK_LEASE, '--allow-translator', translator.url] });
});
afterAll(async () => {
  await stack?.stop();
  await translator?.stop();
});

const itemsNow = () => stack.braze.catalogs().find(({ name }) => name === 'matchday')?.items ?? {};
const untilItem = (object: MatchNotification, content: Readonly<Record<string, string>>) =>
  until(() => (Object.entries(content).every(([field, text]) => itemsNow()[itemOf(object)]?.[field] === text) ? true : undefined), {
    what: `the item of ${object.metadata.name} to say ${JSON.stringify(content)}; it says ${JSON.stringify(itemsNow()[itemOf(object)])}`,
    timeoutMs: 30_000,
  });
const confirmed = (name: string) =>
  stack.notifications.waitFor(name, (seen) => dealtWith(seen, 'Scheduled') && seen.status?.fence?.confirmed === true, {
    what: `${name} armed`,
  });
/** As a person would: a poll, and a look at the table, now. */
const askNow = (): Promise<string> => {
  requests += 1;
  return stack.kubectlOrThrow(['annotate', 'ff', 'pl', '--overwrite', `matchday.dev/requested-at=${requests}`]);
};
const table = (villa: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'team-names' },
  data: { [`ar.${VILLA_ID}`]: villa, 'ar.yaml': '# ids of football-data.org\n9999: نادي' },
});

describe('names in another language', () => {
  it('are waited for by nobody: both sends are armed before a slow translator gave its first answer', async () => {
    await stack.apply(table(VILLA));
    const translation = { locales: ['ar'], configMapRef: { name: 'team-names' }, provider: { url: translator.url, timeout: '2m' } };
    await stack.feed({ campaignId: stack.campaign({ template: TEMPLATE }), spec: { interval: '10s', translation } });
    const [one, other] = [await confirmed(first), await confirmed(second)];
    await translator.askedTimes(2);
    expect(translator.answered).toBe(0);
    expect(one.spec.match).toMatchObject({ home: { names: { ar: VILLA } }, away: { name: 'Arsenal FC', names: { ar: 'Arsenal FC' } } });
    await untilItem(one, { home_ar: VILLA, away_ar: 'Arsenal FC' });
    await untilItem(other, { home_ar: VILLA, away_ar: 'Tottenham Hotspur FC' });
  });

  it('that come later are a write of each item, and no schedule is touched', async () => {
    const [one, other] = [await confirmed(first), await confirmed(second)];
    const before = lastCall(stack);
    translator.hurry();
    await untilItem(one, { home_ar: VILLA, away_ar: ARSENAL });
    await untilItem(other, { home_ar: VILLA, away_ar: SPURS });
    for (const object of [one, other]) {
      const after = await confirmed(object.metadata.name);
      expect(after.status?.schedule).toEqual(object.status?.schedule);
      expect(story(stack, itemOf(object), before)).toEqual(['open', 'read']);
    }
    expect(translator.asked.map(({ q }) => q).toSorted()).toEqual(['Arsenal FC', 'Tottenham Hotspur FC']);
  });

  it('outlive the process and the translator: a new one that gets no answer takes no name back, and follows a move', async () => {
    const [one, other] = [await confirmed(first), await confirmed(second)];
    const before = lastCall(stack);
    translator.mood = 'break';
    translator.latencyMs = 0;
    await stack.operators[0]?.stop();
    const successor = await stack.startOperator({ name: 'successor' });
    await successor.leads();
    const moved = kickoff.add({ hours: 2, minutes: 30 });
    const id = Number(other.spec.match.id);
    await stack.footballData.admin.edit([{ kind: 'move', id, utcDate: moved.toString({ smallestUnit: 'second' }) }]);
    await askNow();
    await stack.notifications.waitFor(second, ({ spec }) => Temporal.Instant.from(spec.kickoff).equals(moved), { what: 'the move' });
    const after = await confirmed(second);
    expect(after.spec.match).toEqual(other.spec.match);
    await untilItem(after, { home_ar: VILLA, away_ar: SPURS, kickoff: moved.toString({ smallestUnit: 'second' }) });
    expect(story(stack, itemOf(one), before).filter((word) => word !== 'read')).toEqual([]);
    const feed = await stack.feeds.waitFor(
      'pl',
      ({ status }) => status?.conditions?.some(({ type }) => type === 'NamesIncomplete') === true,
    );
    const said = Object.fromEntries((feed.status?.conditions ?? []).map(({ type, reason }) => [type, reason]));
    expect(said).toMatchObject({ Ready: 'Fresh', NamesIncomplete: 'TranslatorUnavailable' });
  });

  it('are what fans read, once, and a person who corrects one in the table has it in the item by the next poll', async () => {
    const one = await confirmed(first);
    const before = lastCall(stack);
    await stack.apply(table('فيلا'));
    await askNow();
    await untilItem(one, { home_ar: 'فيلا', away_ar: ARSENAL });
    await confirmed(first);
    expect(story(stack, itemOf(one), before)).toEqual(['open', 'read']);
    const sendAt = kickoff.subtract({ hours: 1 });
    await walkPastSend(stack, sendAt);
    await untilDealtWith(stack, first, 'Sent');
    expect(told(stack, itemOf(one))).toEqual(onceAt(sendAt));
    const [delivery] = stack.braze.deliveries({ notification: itemOf(one) });
    expect(delivery?.messages[0]?.fields['alert']).toContain(`فيلا – ${ARSENAL}`);
  });
});
