/** Drift is heard once: when it begins, and when it becomes another. Told after each write of status, whichever is the first to show it. */
import type { Pass } from './pass.ts';
import type { Shown } from './step.ts';
import { warning } from './voice.ts';

export function tellDrift(pass: Pass, { drifted }: Shown): void {
  const before = pass.object.status?.conditions?.find(({ type }) => type === 'Drifted');
  if (drifted === undefined || before?.reason === drifted.reason) return;
  pass.ports.counts.drifted(drifted.reason);
  warning(pass, 'Drifted', drifted.message, { kind: drifted.reason });
}
