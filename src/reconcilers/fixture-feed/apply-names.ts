/**
 * Names that arrived between two polls: applied at once, and nothing but them. When anything else of an object would change too, the poll
 * that is due does it all, by its own rules.
 */
import { applyAll } from './apply-all.ts';
import type { Gated, GatePorts } from './gate.ts';
import { plan } from './plan.ts';

export async function applyNames(pass: Gated, { planning, ...ports }: GatePorts): Promise<void> {
  const applies = plan(planning()).applies.filter(
    ({ shown, changes }) => shown !== undefined && changes.every((path) => path === '.spec.match'),
  );
  await applyAll(applies, { ...ports, ...pass, settled: pass.memory.settled });
}
