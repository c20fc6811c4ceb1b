/** A campaign: many cells of one kind of disturbance, over lanes side by side, with a table in the end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Lane, type LaneOptions } from './lane.ts';
import { type Run, runCell } from './run-cell.ts';
import { randomFrom, shuffled } from './sampling.ts';
import { ASYNCHRONOUS_WORKLOADS, UNFENCED_WORKLOADS, WORKLOADS, type Workload } from './workloads.ts';
import { extraWritesOf, judgeWrites } from './writes.ts';

/** How often a cell is begun that says nothing, because the machine or this harness failed it. */
const ATTEMPTS = 3;

/** One cell to be run. */
export interface Planned {
  /** The row of the table that it counts in. */
  readonly row: string;
  /** What identifies it among all cells of the campaign. */
  readonly name: string;
  run(lane: Lane, references: References): Promise<Run>;
}

export type References = ReadonlyMap<Workload, Run>;

export interface Campaign {
  readonly name: string;
  readonly workloads: readonly Workload[];
  /** How many more writes of the object than in an undisturbed run its disturbances explain; any number unless told. */
  readonly extraWrites?: number;
  /** How many a planned run counts for, of those that `RUNS` asks for; one unless told. */
  readonly perCell?: number;
  /** Its lanes keep a ledger, which is judged after each cell. */
  readonly keepsLedger?: boolean;
  /** All cells, in any order. */
  plan(references: References, seed: number): readonly Planned[];
}

export interface CampaignOptions {
  readonly seed: number;
  readonly runs: number;
  readonly minutes: number;
  readonly lanes: number;
  /** Only cells whose row and name contain it. */
  readonly only: string;
  readonly lane: Omit<LaneOptions, 'number' | 'campaign'>;
  readonly say: (line: string) => void;
}

export interface Result {
  readonly planned: Planned;
  readonly run: Run;
}

export interface Report {
  readonly campaign: string;
  /** How many each result counts for. */
  readonly perCell: number;
  readonly possible: number;
  readonly results: readonly Result[];
  /** Cells in which an operator ended without having been struck, as by a lease lost on a busy machine; they were run again. */
  readonly void: readonly string[];
  /** How many of them said nothing each time: nobody knows what is wrong with them, so each counts as failed. */
  readonly unjudged: number;
  readonly seconds: number;
  /** The most writes of an object beyond those of its undisturbed run. */
  readonly extraWrites: number;
  readonly errors: ReadonlyMap<string, number>;
}

export async function runCampaign(campaign: Campaign, options: CampaignOptions): Promise<Report> {
  const { say, seed, runs, minutes } = options;
  await using lanes = new Lanes(campaign.name, options);
  await lanes.start();
  const wanted = campaign.workloads;
  say(`${campaign.name}: ${wanted.length} workloads undisturbed first`);
  const references = await undisturbed(lanes, wanted, say);
  const all = campaign.plan(references, seed).filter(({ row, name }) => `${row} ${name}`.includes(options.only));
  const perCell = campaign.perCell ?? 1;
  const chosen = drawn(all, { count: Math.ceil(runs / perCell), seed });
  say(`${campaign.name}: ${chosen.length} cells, of ${all.length} there are, ${options.lanes} side by side, seed ${seed}`);
  const began = performance.now();
  const results: Result[] = [];
  await lanes.each(chosen, {
    until: began + minutes * 60_000,
    run: async (lane, planned) => judgeWrites(await planned.run(lane, references), references, campaign.extraWrites),
    done: (planned, run) => {
      results.push({ planned, run });
      progress(say, { planned, run, count: results.length, all: chosen.length, seed });
    },
  });
  const errors = await lanes.lastLook();
  const seconds = (performance.now() - began) / 1000;
  const extraWrites = Math.max(0, ...results.map(({ run }) => extraWritesOf(run, references)));
  return {
    campaign: campaign.name,
    perCell,
    possible: all.length,
    results,
    void: lanes.void,
    unjudged: lanes.unjudged,
    seconds,
    extraWrites,
    errors,
  };
}

/** In the order of the seed. Who asks for more than there are has them again and again: what races in a cell ends another way each time. */
function drawn<T>(all: readonly T[], { count, seed }: { readonly count: number; readonly seed: number }): readonly T[] {
  const order = shuffled(all, randomFrom(seed));
  if (count === Number.POSITIVE_INFINITY || all.length === 0) return order;
  const rounds = Math.ceil(count / all.length);
  return Array.from({ length: rounds }, () => order)
    .flat()
    .slice(0, count);
}

/** What each workload comes to by itself. One that goes wrong each time ends the run: there is nothing to hold a disturbed one against. */
async function undisturbed(lanes: Lanes, workloads: readonly Workload[], say: (line: string) => void): Promise<References> {
  const references = new Map<Workload, Run>();
  for (let attempt = 1; references.size < workloads.length; attempt += 1) {
    const missing = workloads.filter((each) => !references.has(each));
    await lanes.each(missing, {
      until: Number.POSITIVE_INFINITY,
      run: (lane, workload) => runCell(lane, workload),
      done: (workload, run) => {
        say(`  ${workload.name}: ${run.effects.length} effects, ${run.seconds.toFixed(1)} s${run.violations.length > 0 ? ', wrong' : ''}`);
        if (run.violations.length === 0) references.set(workload, run);
        else if (attempt === ATTEMPTS || run.unforgivable)
          throw new Error(`undisturbed, ${workload.name} went wrong: ${run.violations.join('; ')}\n${run.history}`);
      },
    });
    if (attempt === ATTEMPTS && references.size < workloads.length) throw new Error(`undisturbed, not all workloads came to an end`);
  }
  return references;
}

function progress(
  say: (line: string) => void,
  { planned, run, count, all, seed }: { planned: Planned; run: Run; count: number; all: number; seed: number },
): void {
  if (run.violations.length > 0)
    say(`VIOLATION, seed ${seed}: ${planned.row}: ${planned.name}\n- ${run.violations.join('\n- ')}\n${run.history}`);
  else if (count % 25 === 0) say(`  ${count} of ${all}`);
}

interface Work<T, R> {
  /** No further one is begun after this, of `performance.now()`. */
  readonly until: number;
  run(lane: Lane, work: T): Promise<R>;
  done(work: T, result: R): void;
}

/** Lanes that share the work. One in which something went wrong is given up, and another takes its place. */
class Lanes implements AsyncDisposable {
  readonly void: string[] = [];
  unjudged = 0;
  readonly #campaign: string;
  readonly #options: CampaignOptions;
  readonly #lanes = new Set<Lane>();
  readonly #errors = new Map<string, number>();
  #numbers = 0;

  constructor(campaign: string, options: CampaignOptions) {
    this.#campaign = campaign;
    this.#options = options;
  }

  async start(): Promise<void> {
    const lanes = Array.from({ length: this.#options.lanes }, () => this.#open());
    await Promise.all(lanes);
  }

  async each<T, R extends Run>(work: readonly T[], how: Work<T, R>): Promise<void> {
    const queue = work.map((each) => ({ work: each, attempts: 0 }));
    await Promise.all([...this.#lanes].map((lane) => this.#work(lane, queue, how)));
  }

  /** What all lanes said of errors; secrets are looked for in what is left in the API server and in the metrics. */
  async lastLook(): Promise<ReadonlyMap<string, number>> {
    for (const lane of this.#lanes) {
      lane.ears.read('the events', await lane.stack.kubectlOrThrow(['get', 'events.events.k8s.io', '-o', 'json']));
      lane.ears.read('the objects', await lane.stack.kubectlOrThrow(['get', 'mn,bw', '-o', 'json']));
      for (const { operator } of lane.members) lane.ears.read(`the metrics of ${operator.name}`, await operator.metrics());
      this.#noteErrors(lane);
      const faults = lane.ears.take();
      if (faults.length > 0) throw new Error(`the last look at lane ${lane.number}: ${faults.join('; ')}`);
    }
    return this.#errors;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#lanes].map((lane) => lane[Symbol.asyncDispose]()));
  }

  async #open(): Promise<Lane> {
    this.#numbers += 1;
    const lane = await Lane.start({ ...this.#options.lane, campaign: this.#campaign, number: this.#numbers });
    this.#lanes.add(lane);
    return lane;
  }

  async #work<T, R extends Run>(first: Lane, queue: { work: T; attempts: number }[], how: Work<T, R>): Promise<void> {
    let lane = first;
    for (let next = queue.shift(); next !== undefined && performance.now() < how.until; next = queue.shift()) {
      const { work } = next;
      const attempts = next.attempts + 1;
      const result = await this.#attempt(lane, work, how);
      if (result !== undefined) how.done(work, result);
      else if (attempts < ATTEMPTS) queue.push({ work, attempts });
      else this.unjudged += 1;
      if (result === undefined || result.violations.length > 0) lane = await this.#replace(lane);
    }
  }

  /** Undefined when the cell says nothing about the operator: the machine, or this harness, failed it. */
  async #attempt<T, R extends Run>(lane: Lane, work: T, how: Work<T, R>): Promise<R | undefined> {
    const failures: string[] = [];
    const result = await how.run(lane, work).catch((error: unknown) => {
      failures.push(error instanceof Error ? `${error.message} ${error.stack?.split('\n')[1]?.trim() ?? ''}` : String(error));
      return undefined;
    });
    failures.push(...lane.endedAlone.splice(0));
    // Whatever ended beside the plan: nobody may be told twice, and no secret be told at all.
    if (failures.length === 0 || result?.unforgivable === true) return result;
    this.void.push(...failures);
    return undefined;
  }

  async #replace(lane: Lane): Promise<Lane> {
    this.#noteErrors(lane);
    this.#lanes.delete(lane);
    await lane[Symbol.asyncDispose]();
    await sleep(0);
    return await this.#open();
  }

  #noteErrors(lane: Lane): void {
    for (const [message, count] of lane.ears.errors) this.#errors.set(message, (this.#errors.get(message) ?? 0) + count);
  }
}

/** Throws when there is no such workload. */
export function workload(name: string): Workload {
  const found = [...WORKLOADS, ...ASYNCHRONOUS_WORKLOADS, ...UNFENCED_WORKLOADS].find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no workload ${name}`);
  return found;
}
