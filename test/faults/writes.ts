/** How often the object was written: the API server of a big league pays for each (design §5a). */
import type { References } from './campaign.ts';
import { story } from './effects.ts';
import { isWriteOfObject } from './quiet.ts';
import type { Run } from './run-cell.ts';

/** Beyond those of the undisturbed run of its workload. */
export function extraWritesOf(run: Run, references: References): number {
  const undisturbed = references.get(run.workload);
  if (undisturbed === undefined) return 0;
  return run.effects.filter(isWriteOfObject).length - undisturbed.effects.filter(isWriteOfObject).length;
}

/** A run with more of them than its disturbance explains is a violation. */
export function judgeWrites(run: Run, references: References, explained = Number.POSITIVE_INFINITY): Run {
  const extra = extraWritesOf(run, references);
  if (extra <= explained) return run;
  const violation = `it was written ${extra} times more than undisturbed, of which ${explained} are explained`;
  return { ...run, violations: [...run.violations, violation], history: run.history || story(run.effects) };
}
