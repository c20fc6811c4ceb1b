/**
 * Scrapes the operators of a sandbox as Prometheus would, on the sandbox's clock: every 30 s of moved time (what the Prometheus Operator
 * does unless told), with the operator's name for its `pod`. The clock stands still during a scrape, so that a busy machine makes a scene
 * slower and never leaves a hole in it. What is recorded is all that the rules get to see.
 */
import type { Operator, Stack } from '../../sandbox/stack/index.ts';
import { readPage, type Series } from '../metrics/page.ts';

export const SCRAPE_SECONDS = 30;
/** A minute a second: calls of some milliseconds stay calls of less than a second. */
const WALKING = 60;
/** Until something that is waited for is served, in moved minutes. */
const PATIENCE_MINUTES = 30;

/** What the scrapes said of one series. `slot`: number of the half minute; `undefined`: the operator answered without it, or not any more. */
interface Sample {
  readonly slot: number;
  readonly value: number | undefined;
}

export interface Recording {
  readonly begins: Temporal.Instant;
  readonly slots: number;
  /** By series, as promtool writes them: `name{label="value"}`. */
  readonly series: ReadonlyMap<string, readonly Sample[]>;
}

export class Recorder {
  readonly #stack: Stack;
  readonly #wanted: ReadonlySet<string>;
  readonly #series = new Map<string, Sample[]>();
  #begins: Temporal.Instant | undefined;
  #slots = 0;

  /** `wanted`: names of the metrics that are kept. */
  constructor(stack: Stack, wanted: ReadonlySet<string>) {
    this.#stack = stack;
    this.#wanted = wanted;
  }

  /** Lets so many minutes pass, scraping on the way. `rate`: moved seconds in a real one. The first call begins the recording. */
  async pass(minutes: number, { rate = WALKING }: { readonly rate?: number } = {}): Promise<void> {
    const end = this.#stack.clock.now().add({ seconds: minutes * 60 });
    while (Temporal.Instant.compare(this.#stack.clock.now(), end) < 0) await this.#next(rate);
  }

  /** Lets time pass until a scrape of any operator shows such a series. Throws when none does in half an hour. */
  async untilServed(name: string, fits: (series: Series, now: Temporal.Instant) => boolean): Promise<void> {
    for (let slot = 0; slot < (PATIENCE_MINUTES * 60) / SCRAPE_SECONDS; slot += 1) {
      const served = await this.#next(WALKING);
      if (served.some((series) => series.name === name && fits(series, this.#stack.clock.now()))) return;
    }
    throw new Error(`${name} was not served as awaited within ${PATIENCE_MINUTES} minutes`);
  }

  recording(): Recording {
    if (this.#begins === undefined) throw new Error('nothing was recorded');
    return { begins: this.#begins, slots: this.#slots, series: this.#series };
  }

  /** One scrape, and the way to the next. */
  async #next(rate: number): Promise<readonly Series[]> {
    const { clock } = this.#stack;
    this.#begins ??= clock.now().round({ smallestUnit: 'second', roundingMode: 'floor' });
    clock.setRate(0);
    const slot = Math.floor((clock.now().epochMilliseconds - this.#begins.epochMilliseconds) / 1000 / SCRAPE_SECONDS);
    const served = (await Promise.all(this.#stack.operators.map((operator) => this.#scrape(operator, slot)))).flat();
    this.#slots = slot + 1;
    clock.setRate(rate);
    try {
      await reached(this.#stack, this.#begins.add({ seconds: this.#slots * SCRAPE_SECONDS }));
    } finally {
      clock.setRate(1);
    }
    return served;
  }

  async #scrape(operator: Operator, slot: number): Promise<readonly Series[]> {
    // One that has ended serves nothing: Prometheus marks its series as ended.
    const text = await operator.metrics().catch(() => '');
    const served = readPage(text).series.filter(({ name }) => this.#wanted.has(name));
    const keys = new Set(served.map((one) => this.#keep(operator, one, slot)));
    for (const [key, samples] of this.#series) {
      if (key.includes(podOf(operator)) && !keys.has(key) && samples.at(-1)?.value !== undefined) samples.push({ slot, value: undefined });
    }
    return served;
  }

  #keep(operator: Operator, { name, labels, value }: Series, slot: number): string {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}=${JSON.stringify(text)}`);
    const key = `${name}{${[...pairs, podOf(operator)].sort().join(',')}}`;
    const samples = this.#series.get(key) ?? [];
    samples.push({ slot, value });
    this.#series.set(key, samples);
    return key;
  }
}

const podOf = ({ name }: Operator): string => `pod=${JSON.stringify(name)}`;

async function reached({ clock }: Stack, at: Temporal.Instant): Promise<void> {
  while (Temporal.Instant.compare(clock.now(), at) < 0) await new Promise((resolve) => setTimeout(resolve, clock.delayMs(at)));
}
