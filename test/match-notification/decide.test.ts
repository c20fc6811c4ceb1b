import { describe, expect, it } from 'vitest';
import { instant } from '../../src/base/instants.ts';
import { decide, RULES } from '../../src/reconcilers/match-notification/decide.ts';
import type { Step } from '../../src/reconcilers/match-notification/step.ts';
import { ARMED } from './cases/armed.ts';
import { CAMPAIGN_CASES } from './cases/campaign.ts';
import type { Case } from './cases/case.ts';
import { CREATE } from './cases/create.ts';
import { DRIFT } from './cases/drift.ts';
import { ENDING } from './cases/ending.ts';
import { GOING } from './cases/going.ts';
import { UNFENCED } from './cases/unfenced.ts';
import { notification } from './objects.ts';
import { factsOf } from './situations.ts';

function decided(one: Case): Step {
  const bare = notification({ ...(one.spec ? { spec: one.spec } : {}), ...(one.metadata ? { metadata: one.metadata } : {}) });
  const object = one.status ? { ...bare, status: one.status(bare) } : bare;
  return decide(object, factsOf(object, one.facts), instant(one.now ?? '2026-12-06T09:00:00Z'));
}

describe('a decision', () => {
  it.each([...CREATE, ...ARMED, ...ENDING, ...GOING, ...CAMPAIGN_CASES, ...DRIFT, ...UNFENCED].map((one) => [one.says, one] as const))(
    '%s',
    (_says, one) => {
      const step = decided(one);
      const told = `${step.kind}: ${step.why} (${step.shown.reason}: ${step.shown.message})`;
      expect(step.kind, told).toBe(one.step);
      if (one.reason !== undefined) expect(step.shown.reason, told).toBe(one.reason);
      if (one.phase !== undefined) expect(step.shown.phase, told).toBe(one.phase);
      one.also?.(step);
    },
  );

  it('tries its rules in this order', () => {
    expect(Object.keys(RULES)).toEqual([
      'released',
      'adoptFinalizer',
      'sendWentOut',
      'lockOccasion',
      'letGo',
      'operationInFlight',
      'reopen',
      'adopt',
      'ownsNothingAndGoes',
      'keyGoneForGood',
      'workspaceUnusable',
      'workspaceUnfenced',
      'occasionIsOver',
      'goalIsNothing',
      'strays',
      'scheduleIsOwned',
      'leftovers',
    ]);
  });
});
