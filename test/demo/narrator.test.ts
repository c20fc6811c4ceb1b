import { describe, expect, it } from 'vitest';
import { sentencesOn } from '../../sandbox/demo/narrator.ts';
import type { MatchNotificationStatus } from '../../src/crds/match-notification.ts';
import { CAMPAIGN, notification } from '../match-notification/objects.ts';

type Status = MatchNotificationStatus;
const SEND_AT = '2026-12-06T11:30:00Z';
const intent = { operationId: 'op-1', at: SEND_AT, action: 'created', outcome: 'unknown', attempt: 1, sendAt: SEND_AT } as const;
const schedule = {
  ...{ id: '76798c72-0000', campaignId: CAMPAIGN, sendAt: SEND_AT, firesAt: SEND_AT, attempt: 1, token: 'one' },
  ...{ audienceHash: 'a', propertiesHash: 'p', recordedAt: SEND_AT },
};
const operation: NonNullable<Status['operation']> = {
  ...({ id: 'op-1', kind: 'Create' } as const),
  ...{ attempt: 1, token: 'one', campaignId: CAMPAIGN, sendAt: SEND_AT, firesAt: SEND_AT },
  ...{ audienceHash: 'a', propertiesHash: 'p', startedAt: SEND_AT, holder: 'me' },
};
const fence = { item: 'i', token: 'one', state: 'open', confirmed: true, contentHash: 'c', announcedAt: SEND_AT } as const;

const calling: Status = { operation, history: { '000001': intent } };
const recorded: Status = {
  schedule,
  fence: { ...fence, confirmed: false },
  history: { '000001': { ...intent, outcome: 'done', scheduleId: schedule.id } },
};
const open: Status = { ...recorded, fence };
const closed: Status = { ...recorded, fence: { ...fence, token: '', state: 'closed', confirmed: false } };

const said = (before: Status | undefined, after: Status): readonly string[] =>
  sentencesOn(notification(before === undefined ? {} : { status: before }), notification({ status: after })).map(({ text }) => text);

describe('the narrator of the demo', () => {
  it('does not call an answer lost that is still on its way', () => {
    expect(said({}, calling)).toEqual([]);
  });

  it('tells of a schedule when its id is on record', () => {
    expect(said(calling, recorded)).toEqual(['created: Braze holds schedule 76798c72 for 11:30']);
  });

  it('tells of a lost answer when nobody waits for it any more', () => {
    expect(said(calling, { history: calling.history })).toEqual([expect.stringMatching(/^its answer was lost/)]);
  });

  it('tells of the opening when it is confirmed, once', () => {
    expect(said(recorded, open)).toEqual([expect.stringMatching(/^opened/)]);
    expect(said(open, open)).toEqual([]);
  });

  it('tells of the closing, then of the deletion', () => {
    expect(said(open, closed)).toEqual([expect.stringMatching(/^closed/)]);
    const deleted = { ...closed.history, '000002': { ...intent, action: 'moved', outcome: 'done', scheduleId: schedule.id } as const };
    expect(said(closed, { ...closed, history: deleted })).toEqual(['deleted: schedule 76798c72 is gone from Braze']);
  });

  it('says in one sentence that a send is armed when that is enough', () => {
    const sentences = sentencesOn(notification({ status: recorded }), notification({ status: open }), 'brief');
    expect(sentences.map(({ text }) => text)).toEqual(['scheduled for 11:30: Braze holds schedule 76798c72']);
    expect(sentencesOn(notification({ status: calling }), notification({ status: recorded }), 'brief')).toEqual([]);
  });

  it('tells what the feed wishes differently', () => {
    const hold = { reason: 'Postponed', message: 'The match is postponed.' } as const;
    const moved = notification({ spec: { sendAt: '2026-12-06T10:30:00Z' } });
    expect(sentencesOn(notification(), moved)).toEqual([{ text: 'the feed moves the send: 11:30 → 10:30' }]);
    expect(sentencesOn(notification(), notification({ spec: { hold } }))).toEqual([{ text: 'held: The match is postponed.' }]);
    expect(sentencesOn(notification({ spec: { hold } }), notification())).toEqual([{ text: 'not held any more (Postponed)' }]);
  });
});
