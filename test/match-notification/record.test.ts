import { describe, expect, it } from 'vitest';
import { instant } from '../../src/base/instants.ts';
import type { MatchNotificationStatus } from '../../src/crds/match-notification.ts';
import { desiredOf } from '../../src/reconcilers/match-notification/content.ts';
import {
  announce,
  confirmFence,
  intendCreate,
  type Reading,
  recordCreated,
  recordSwept,
  retireSchedule,
  sweepProves,
} from '../../src/reconcilers/match-notification/record.ts';
import { notification } from './objects.ts';
import { armed, closing, factsOf, TOKEN } from './situations.ts';

const object = notification();
const desired = desiredOf(object, 'cluster-a');
const reading = (text: string): Reading => ({ now: instant(text), brazeNow: instant(text), settings: factsOf(object).settings });
const EARLY = reading('2026-12-06T09:00:00Z');
const IN_BUFFER = reading('2026-12-06T11:20:00Z');
const IN_MARGIN = reading('2026-12-06T11:29:30Z');
const open = { item: desired.item, token: TOKEN, state: 'open', contentHash: desired.contentHash, sendAt: '2026-12-06T11:30:00Z' } as const;

function obsoleteOf(status: MatchNotificationStatus) {
  const target = status.obsolete?.[0];
  if (target === undefined) throw new Error('nothing is obsolete');
  return target;
}

describe('announcing and confirming', () => {
  it('counts a write as under way from its announcement to its read-back', () => {
    const announced = announce({}, open, EARLY);
    expect(announced.fence?.unsettled).toEqual([TOKEN]);
    expect(announced.occasion?.announced).toEqual([TOKEN]);
    expect(confirmFence(announced, 'stored', EARLY)?.fence).toMatchObject({ confirmed: true });
    expect(confirmFence(announced, 'accepted', EARLY)?.fence?.unsettled).toBeUndefined();
  });

  it('keeps the lost write under way when the announcement is repeated and confirmed', () => {
    const twice = announce(announce({}, open, EARLY), open, EARLY);
    expect(confirmFence(twice, 'stored', EARLY)?.fence?.unsettled).toEqual([TOKEN]);
  });

  it('does not take the earlier write, read back again, for an accepted one that is still to be applied', () => {
    const refreshed = announce(armed(object), { ...open, contentHash: 'other' }, EARLY);
    expect(confirmFence(refreshed, 'accepted', EARLY)?.fence).toMatchObject({ confirmed: true, unsettled: [TOKEN] });
    expect(confirmFence(refreshed, 'stored', EARLY)?.fence?.unsettled).toBeUndefined();
  });

  it('believes no close that was read inside the margin', () => {
    expect(confirmFence(closing(object), 'stored', IN_MARGIN)).toBeUndefined();
    expect(confirmFence(closing(object), 'stored', IN_BUFFER)?.fence).toMatchObject({ confirmed: true, token: '' });
  });
});

describe('an answer to a create', () => {
  it('of a campaign that is not wanted any more opens nothing: the item of the other would get its token', () => {
    const intent = { id: 'op', token: TOKEN, firesAt: instant('2026-12-06T11:30:00Z'), desired, holder: 'one' };
    const intended = intendCreate({}, intent, EARLY);
    const other = desiredOf(notification({ spec: { campaignId: '5e2f0d4c-0000-4000-8000-000000000002' } }), 'cluster-a');
    const made = { operation: intended.operation, scheduleId: 's1', dispatchId: undefined };
    const recorded = recordCreated(intended, made, other, EARLY);
    expect(recorded).toMatchObject({ obsolete: [{ id: 's1', why: 'Moved' }] });
    expect([recorded.schedule, recorded.fence, recorded.occasion?.announced]).toEqual([undefined, undefined, undefined]);
  });
});

describe('what an answer "deleted" proves', () => {
  const proves = (status: MatchNotificationStatus, at: Reading) => sweepProves(status, obsoleteOf(status), at);

  it.each([
    ['everything, outside the buffer', closing(object), EARLY, true],
    ['nothing, inside the buffer while the close is not confirmed', closing(object), IN_BUFFER, false],
    ['everything, inside the buffer once closed', closing(object, { confirmed: true }), IN_BUFFER, true],
    ['nothing, inside the buffer while a write is unsettled', closing(object, { confirmed: true, unsettled: [TOKEN] }), IN_BUFFER, false],
    ['nothing, inside the margin', closing(object, { confirmed: true }), IN_MARGIN, false],
  ])('%s', (_says, status, at, expected) => {
    expect(proves(status, at)).toBe(expected);
  });

  it('everything, at any time, for a token that was never announced', () => {
    const { occasion: _, ...rest } = closing(object);
    expect(proves(rest, IN_MARGIN)).toBe(true);
  });

  it('settles what was announced of it', () => {
    const status = closing(object, { confirmed: true, unsettled: [TOKEN] });
    const after = recordSwept(status, obsoleteOf(status), EARLY);
    expect(after.obsolete).toBeUndefined();
    expect(after.occasion?.announced).toBeUndefined();
    expect(after.fence?.unsettled).toBeUndefined();
  });
});

describe('a create', () => {
  const intent = { id: 'op1', token: TOKEN, firesAt: instant('2026-12-06T11:30:00Z'), desired, holder: 'one' };
  const intended = intendCreate({}, intent, EARLY);
  const made = { operation: intended.operation, scheduleId: 's1', dispatchId: undefined };

  it('is recorded together with the announcement of its opening', () => {
    const status = recordCreated(intended, made, desired, EARLY);
    expect(status.operation).toBeUndefined();
    expect(status.schedule).toMatchObject({ id: 's1', token: TOKEN });
    expect(status.fence).toMatchObject({ token: TOKEN, state: 'open', confirmed: false, unsettled: [TOKEN] });
    expect(status.history).toMatchObject({ '000001': { operationId: 'op1', outcome: 'done', scheduleId: 's1' } });
  });

  it('whose answer came inside the margin is to be deleted, and was never announced', () => {
    const status = recordCreated(intended, made, desired, IN_MARGIN);
    expect(status.schedule).toBeUndefined();
    expect(status.fence).toBeUndefined();
    expect(status.occasion?.announced).toBeUndefined();
    expect(status.obsolete).toMatchObject([{ id: 's1', why: 'AnsweredTooLate' }]);
  });

  it('that is retired keeps its announcement until it is gone', () => {
    const status = retireSchedule(recordCreated(intended, made, desired, EARLY), 'Moved');
    expect(status.schedule).toBeUndefined();
    expect(status.obsolete).toMatchObject([{ id: 's1', token: TOKEN }]);
    expect(status.occasion?.announced).toEqual([TOKEN]);
  });
});
