/** The operator's functions with one rule broken on purpose: a search that is worth its time finds what each breaks. */
import { create } from '../../../src/reconcilers/match-notification/create.ts';
import { RULES } from '../../../src/reconcilers/match-notification/decide.ts';
import type { Reading } from '../../../src/reconcilers/match-notification/record.ts';
import { View } from '../../../src/reconcilers/match-notification/view.ts';
import { REAL, type Rules } from './rules.ts';
import type { Status } from './things.ts';

/** A reading for which nothing is near its send. */
const noMargin = (at: Reading): Reading => ({ ...at, settings: { ...at.settings, marginMs: -86_400_000 } });
const noBuffer = (at: Reading): Reading => ({ ...at, settings: { ...at.settings, updateBufferMs: at.settings.marginMs } });

/** The decision without some of its rules; `insideMargin` is the margin itself. */
function without(...left: readonly (keyof typeof RULES | 'insideMargin')[]): Rules['decide'] {
  const rules = Object.entries(RULES).filter(([name]) => !left.includes(name));
  return (object, given, now) => {
    const settings = left.includes('insideMargin') ? { ...given.settings, marginMs: -86_400_000 } : given.settings;
    const facts = { ...given, settings };
    const view = new View(object, facts, now);
    for (const [, answer] of rules) {
      const step = answer(view);
      if (step) return step;
    }
    return create(view);
  };
}

/** Nothing says afterwards that the token was about to be opened. */
const unannounced = (before: Status, after: Status): Status => {
  const { occasion: _, ...rest } = after;
  const { unsettled: __, ...fence } = after.fence ?? {};
  const kept = before.occasion ? { occasion: before.occasion } : {};
  return after.fence ? { ...rest, ...kept, fence: { ...after.fence, ...fence, unsettled: before.fence?.unsettled ?? [] } } : after;
};

export const PLANTED = {
  'every delete is believed': { ...REAL, sweepProves: () => true },
  'deletes inside the buffer are believed': {
    ...REAL,
    sweepProves: (status, target, at) => REAL.sweepProves(status, target, noBuffer(at)),
  },
  'deletes inside the buffer are believed once closed, whatever is unsettled': {
    ...REAL,
    sweepProves: (status, target, at) => {
      const { unsettled: _, ...fence } = status.fence ?? {};
      return REAL.sweepProves(status.fence ? { ...status, fence: { ...status.fence, ...fence, unsettled: [] } } : status, target, at);
    },
  },
  'nothing counts as sent because it was near': {
    ...REAL,
    decide: without('lockOccasion', 'sendWentOut', 'insideMargin'),
    sweepProves: (status, target, at) => REAL.sweepProves(status, target, noMargin(at)),
    confirmFence: (status, put, at) => REAL.confirmFence(status, put, noMargin(at)),
  },
  'the next is made beside leftovers': { ...REAL, decide: without('leftovers') },
  'a close read inside the margin is believed': {
    ...REAL,
    confirmFence: (status, put, at) => REAL.confirmFence(status, put, noMargin(at)),
  },
  'opened without announcement': {
    ...REAL,
    announce: (status, what, at) => unannounced(status, REAL.announce(status, what, at)),
    recordCreated: (status, made, desired, at) => unannounced(status, REAL.recordCreated(status, made, desired, at)),
  },
  'the memory of the item is ignored': {
    ...REAL,
    decide: (object, facts, now) =>
      REAL.decide(
        object,
        object.status?.fence === undefined && object.metadata.uid.startsWith('uid2')
          ? { ...facts, itemRead: { item: facts.desired.item, at: now, found: undefined } }
          : facts,
        now,
      ),
  },
  'a read-back settles a write that was only accepted': {
    ...REAL,
    confirmFence: (status, _put, at) => REAL.confirmFence(status, 'stored', at),
  },
  'a late create needs no proof': {
    ...REAL,
    decide: (object, facts, now) => {
      const step = REAL.decide(object, facts, now);
      const near = (step.kind === 'Rest' || step.kind === 'RecordSent') && object.status?.occasion?.locked === true;
      const view = new View(object, facts, now);
      return near && view.schedule === undefined ? create(view) : step;
    },
  },
} as const satisfies Record<string, Rules>;
