/** Which sends `/metrics` shows, and which of them as not armed. */
import { describe, expect, it } from 'vitest';
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import { notification } from '../match-notification/objects.ts';
import { gaugesPage } from './gauges-page.ts';

const SEND_AT = Temporal.Instant.from('2026-12-06T11:30:00Z');
type Status = NonNullable<MatchNotification['status']>;

async function armedSeries(status: Status | undefined, now = SEND_AT.subtract({ minutes: 30 })): Promise<number | undefined> {
  const object = notification(status === undefined ? {} : { status });
  const page = await gaugesPage({ notifications: [object], now });
  const [, text] = /^matchday_send_armed\{namespace="default",name="pl-600123"\} (\S+)$/m.exec(page) ?? [];
  return text === undefined ? undefined : Number(text);
}

const stalled = (reason: string): Status => ({
  phase: 'Blocked',
  conditions: [{ type: 'Stalled', status: 'True', reason, message: '', lastTransitionTime: '2026-12-01T00:00:00Z' }],
});

describe('a send that is due within a day', () => {
  it.each<[string, Status | undefined]>([
    ['nobody has looked at it yet', undefined],
    ['a lost answer stops it', stalled('CreateUnresolved')],
    ['another owner holds its item, whom nobody here sees', stalled('OwnedElsewhere')],
  ])('is shown as not armed when %s', async (_, status) => {
    expect(await armedSeries(status)).toBe(0);
  });

  it('is not shown for the younger of two objects of one match: the older one sends, and has its own series', async () => {
    expect(await armedSeries(stalled('DuplicateMatch'))).toBeUndefined();
  });

  it('is shown from 24 hours before until it is due, so that series are few however many objects there are', async () => {
    expect(await armedSeries(undefined, SEND_AT.subtract({ hours: 24 }))).toBe(0);
    expect(await armedSeries(undefined, SEND_AT.subtract({ hours: 24, seconds: 1 }))).toBeUndefined();
    expect(await armedSeries(undefined, SEND_AT.add({ seconds: 1 }))).toBeUndefined();
  });
});
