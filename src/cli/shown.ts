/** What objects say of themselves. Pure. */
import type { ConditionType } from '../crds/words.ts';

export interface SaidCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
}

export interface WithConditions {
  readonly status?: { readonly conditions?: readonly SaidCondition[] | undefined } | undefined;
}

export const conditionOf = ({ status }: WithConditions, type: ConditionType): SaidCondition | undefined =>
  status?.conditions?.find((condition) => condition.type === type);

/** The condition, if it is True. */
export function saysTrue(object: WithConditions, type: ConditionType): SaidCondition | undefined {
  const found = conditionOf(object, type);
  return found?.status === 'True' ? found : undefined;
}
