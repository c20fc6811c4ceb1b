/** The campaign `simulation`: worlds instead of cells, in this very process. `RUNS=all` is a hundred thousand. */
import type { Entry, Orders, Outcome } from '../entries.ts';
import { type FoundViolation, runSimulation, type SimulationReport } from './index.ts';

const ALL = 100_000;
const CI = 2_000;
const HISTORY_LINES = 120;
const TELL_EVERY = 500;

export const simulation: Entry = { name: 'simulation', ci: CI, share: 4, run };

async function run({ runs, seed, minutes, say }: Orders): Promise<Outcome> {
  const seeds = Number.isFinite(runs) ? runs : ALL;
  const report = await runSimulation({
    seeds,
    firstSeed: seed,
    untilMs: performance.now() + minutes * 60_000,
    shrink: true,
    onSeed: (current) => {
      if ((current - seed + 1) % TELL_EVERY === 0) say(`  ${current - seed + 1} of ${seeds} worlds`);
    },
    onViolation: (violation) => say(describe(violation)),
  });
  return { cells: report.seeds, violations: report.violations.length, text: table(report) };
}

/** What somebody needs to see it again, and what led to it. */
function describe({ seed, rule, detail, swarm, history }: FoundViolation): string {
  const lines = history.slice(-HISTORY_LINES);
  return [
    `VIOLATION, seed ${seed}: ${rule}`,
    detail,
    `smallest world found: ${swarm}`,
    ...lines,
    `again: CAMPAIGN=simulation RUNS=1 SEED=${seed}`,
  ].join('\n');
}

function table(report: SimulationReport): string {
  const { seeds, simulatedSeconds, wallSeconds, cpuSeconds, passes, deliveries, violations, counts } = report;
  const bound = violations.length === 0 && seeds > 0 ? `; 0 in ${seeds} bounds the rate at ${(300 / seeds).toFixed(3)} % (3/N)` : '';
  const hours = (simulatedSeconds / 3_600).toFixed(0);
  return [
    `simulation: ${seeds} worlds in ${wallSeconds.toFixed(0)} s (${(seeds / wallSeconds).toFixed(1)} a second), ${violations.length} violations${bound}`,
    `${hours} simulated hours: ${(simulatedSeconds / wallSeconds).toFixed(0)} × real time, ${(simulatedSeconds / cpuSeconds).toFixed(0)} × of the processor's`,
    `${passes} passes, ${deliveries} deliveries; ${[...counts].map(([what, count]) => `${what} ${count}`).join(', ')}`,
  ].join('\n');
}
