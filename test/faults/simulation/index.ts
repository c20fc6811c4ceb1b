/**
 * The simulation campaign: the operator's own code in worlds of a seed each, where everything that may go wrong does, and each promise is
 * watched after every step. `runSimulation` is what a test, the command and the planted bugs call; the same seeds give the same worlds.
 */

import { START } from './fixtures.ts';
import { describeSwarm, drawSwarm, type Swarm, simpler } from './swarm.ts';
import { type Violation, World } from './world.ts';

export interface SimulationOptions {
  readonly seeds: number;
  readonly firstSeed?: number;
  /** End with the first seed that shows something. */
  readonly stopAtFirst?: boolean;
  /** Begin no further seed after this, of `performance.now()`. */
  readonly untilMs?: number;
  /** Only worlds of this kind. */
  readonly fenced?: boolean;
  /** Also worlds with a second owner of the same match. */
  readonly rivals?: boolean;
  /** Finds a smaller world that shows the same, and its history. */
  readonly shrink?: boolean;
  readonly onSeed?: (seed: number, world: World) => void;
  readonly onViolation?: (violation: FoundViolation) => void;
}

export interface FoundViolation extends Violation {
  readonly seed: number;
  /** What the seed drew, after shrinking. */
  readonly swarm: string;
  /** Lines up to the violation; empty unless asked to shrink. */
  readonly history: readonly string[];
}

export interface SimulationReport {
  readonly violations: readonly FoundViolation[];
  readonly seeds: number;
  readonly simulatedSeconds: number;
  readonly wallSeconds: number;
  /** Of this process: what counts on a machine that others use too. */
  readonly cpuSeconds: number;
  readonly passes: number;
  readonly deliveries: number;
  /** Events of the operator by reason, and what happened in the worlds. */
  readonly counts: ReadonlyMap<string, number>;
}

export async function runSimulation(options: SimulationOptions): Promise<SimulationReport> {
  const { seeds, firstSeed = 1, stopAtFirst = false, untilMs = Number.POSITIVE_INFINITY } = options;
  const began = performance.now();
  const cpu = process.cpuUsage();
  const total = { seeds: 0, simulatedMs: 0, passes: 0, deliveries: 0 };
  const counts = new Map<string, number>();
  const violations: FoundViolation[] = [];
  for (let seed = firstSeed; seed < firstSeed + seeds && performance.now() < untilMs; seed += 1) {
    const swarm = drawSwarm(seed, options);
    const world = await runWorld(swarm);
    options.onSeed?.(seed, world);
    total.seeds += 1;
    total.simulatedMs += world.scheduler.nowMs - START;
    total.passes += world.passes;
    total.deliveries += world.braze.deliveries.length;
    for (const [what, count] of world.counts) counts.set(what, (counts.get(what) ?? 0) + count);
    const [first] = world.violations;
    if (first === undefined) continue;
    const found = await explain(first, swarm, options.shrink === true);
    violations.push(found);
    options.onViolation?.(found);
    if (stopAtFirst) break;
  }
  const { simulatedMs, ...rest } = total;
  const { user, system } = process.cpuUsage(cpu);
  const wallSeconds = (performance.now() - began) / 1_000;
  return { violations, ...rest, counts, simulatedSeconds: simulatedMs / 1_000, wallSeconds, cpuSeconds: (user + system) / 1e6 };
}

/** One world, to its end or its first violation. A promise that nobody handles is a violation too. */
export async function runWorld(swarm: Swarm, options: { history?: boolean; untilMs?: number } = {}): Promise<World> {
  const world = new World(swarm, options);
  const onRejection = (reason: unknown): void =>
    world.violation('a promise was rejected and nobody heard', reason instanceof Error ? String(reason.stack) : String(reason));
  process.on('unhandledRejection', onRejection);
  try {
    await world.run();
  } finally {
    process.off('unhandledRejection', onRejection);
  }
  return world;
}

/** The smallest world found that breaks the same rule, with its history. */
async function explain(violation: Violation, swarm: Swarm, shrinks: boolean): Promise<FoundViolation> {
  if (!shrinks) return { ...violation, seed: swarm.seed, swarm: describeSwarm(swarm), history: [] };
  let [small, found] = [swarm, violation];
  for (let again = true; again; ) {
    again = false;
    for (const candidate of simpler(small)) {
      const [first] = (await runWorld(candidate)).violations;
      if (first?.rule !== violation.rule) continue;
      [small, found, again] = [candidate, first, true];
      break;
    }
  }
  const { history } = await runWorld(small, { history: true });
  return { ...found, seed: swarm.seed, swarm: describeSwarm(small), history };
}
