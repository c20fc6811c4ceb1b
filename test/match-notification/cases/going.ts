/** An object that is being deleted: with its key, without it, and with its namespace. */
import { expect } from 'vitest';
import { instant } from '../../../src/base/instants.ts';
import { armed, closing } from '../situations.ts';
import { type Case, DELETING, fenceOf } from './case.ts';

const KEY_GONE: Case['facts'] = {
  problem: { reason: 'SecretNotFound', message: 'Secret braze is missing.', stalled: true },
  keyGone: true,
  namespaceEndsSince: instant('2026-12-06T09:00:00Z'),
};

export const GOING: readonly Case[] = [
  { says: 'lets go when nothing is owned', metadata: DELETING, step: 'RemoveFinalizer' },
  { says: 'closes before it goes', metadata: DELETING, status: armed, step: 'WriteFence' },
  { says: 'does not go before the schedule is gone', metadata: DELETING, status: (o) => closing(o, { confirmed: true }), step: 'Sweep' },
  {
    says: 'goes although the item could not be closed, once nothing is owned',
    metadata: DELETING,
    status: (o) => ({ fence: { ...fenceOf(o), token: '', state: 'closed', confirmed: false } }),
    facts: { notBefore: { fence: instant('2026-12-06T09:01:00Z') } },
    step: 'RemoveFinalizer',
  },
  {
    says: 'leaves Braze alone with deletionPolicy Retain',
    metadata: DELETING,
    spec: { deletionPolicy: 'Retain' },
    status: armed,
    step: 'RemoveFinalizer',
  },
  {
    says: 'abandons when a person says so, and names what it leaves',
    metadata: { ...DELETING, annotations: { 'matchday.dev/abandon': 'true' } },
    status: armed,
    step: 'RemoveFinalizer',
    also: (step) => expect(step).toMatchObject({ abandoned: [{ id: 's1' }] }),
  },
  {
    says: 'abandons when its namespace has been going for ten minutes and the key is gone, and names what it leaves',
    now: '2026-12-06T09:10:00Z',
    metadata: DELETING,
    status: armed,
    facts: KEY_GONE,
    step: 'RemoveFinalizer',
    also: (step) => expect(step).toMatchObject({ abandoned: [{ id: 's1', firesAt: '2026-12-06T11:30:00Z' }] }),
  },
  {
    says: 'waits ten minutes before it abandons: the key may be for a moment unreadable',
    now: '2026-12-06T09:09:59Z',
    metadata: DELETING,
    status: armed,
    facts: KEY_GONE,
    step: 'Rest',
    reason: 'SecretNotFound',
    also: (step) => {
      expect(step).toHaveProperty('until', instant('2026-12-06T09:10:00Z'));
      expect(step.shown.message).toContain('The namespace is being removed: at 2026-12-06 09:10');
    },
  },
  {
    says: 'does not abandon in a namespace that lives: it looks again ten minutes later',
    now: '2026-12-06T09:30:00Z',
    metadata: DELETING,
    status: armed,
    facts: { ...KEY_GONE, namespaceEndsSince: undefined },
    step: 'Rest',
    reason: 'SecretNotFound',
    also: (step) => expect(step).toHaveProperty('until', instant('2026-12-06T09:40:00Z')),
  },
  {
    says: 'does not abandon what a key can still clean up, however long the namespace goes',
    now: '2026-12-06T10:30:00Z',
    metadata: DELETING,
    status: armed,
    facts: { namespaceEndsSince: instant('2026-12-06T09:00:00Z') },
    step: 'WriteFence',
  },
  {
    says: 'abandons an open item that it holds no id for, and names it',
    now: '2026-12-06T09:10:00Z',
    metadata: DELETING,
    status: (object) => {
      const { schedule: _, ...rest } = armed(object);
      return rest;
    },
    facts: KEY_GONE,
    step: 'RemoveFinalizer',
    also: (step) => expect(step).toMatchObject({ abandoned: [], openItem: 'football-data-600123-4d1f0d4c' }),
  },
];
