import { describe, expect, it } from 'vitest';
import { instant } from '../../src/base/instants.ts';
import { othersTurnUntil } from '../../src/reconcilers/match-notification/others-turn.ts';
import { notification } from './objects.ts';
import { armed, closing, factsOf } from './situations.ts';

const object = notification({});
const { settings } = factsOf(object);

/** What was announced at 08:59:50 for 11:30; a call may take ten seconds. */
function until(now: string, changes: { readonly ticket?: string; readonly confirmed?: boolean } = {}) {
  const status = armed(object);
  if (status.fence === undefined) throw new Error('armed() has a fence');
  const fence = { ...status.fence, confirmed: changes.confirmed ?? false, announcedAt: '2026-12-06T08:59:50Z' };
  const ticket = changes.ticket === undefined ? undefined : { announcedAt: changes.ticket, put: undefined };
  return othersTurnUntil({ ...status, fence }, { ticket, settings, now: instant(now) });
}

describe('the turn of another process', () => {
  it('lasts for two calls and a moment from what it announced', () => {
    expect(until('2026-12-06T08:59:51Z')).toEqual(instant('2026-12-06T09:00:15Z'));
    expect(until('2026-12-06T09:00:15Z')).toBeUndefined();
  });

  it('is not that of our own announcement, nor of one that is confirmed', () => {
    expect(until('2026-12-06T08:59:51Z', { ticket: '2026-12-06T08:59:50Z' })).toBeUndefined();
    expect(until('2026-12-06T08:59:51Z', { ticket: '2026-12-06T08:59:40Z' })).toEqual(instant('2026-12-06T09:00:15Z'));
    expect(until('2026-12-06T08:59:51Z', { confirmed: true })).toBeUndefined();
  });

  it('is nobody’s whose clock is more than a turn ahead of ours', () => {
    expect(until('2026-12-06T08:59:30Z')).toEqual(instant('2026-12-06T09:00:15Z'));
    expect(until('2026-12-06T08:59:25Z')).toBeUndefined();
  });

  it('does not exist near the send, of what is armed as of what is to be deleted', () => {
    const near = { ticket: undefined, settings, now: instant('2026-12-06T11:28:00Z') };
    for (const status of [armed(object), closing(object)]) {
      if (status.fence === undefined) throw new Error('these have a fence');
      const fence = { ...status.fence, confirmed: false, announcedAt: '2026-12-06T11:27:59Z' };
      expect(othersTurnUntil({ ...status, fence }, near)).toBeUndefined();
    }
  });
});
