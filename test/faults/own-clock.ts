/** The clock of one operator: it goes with the lane's, until it is stepped or made to run faster or slower than that. */
import { SandboxClock } from '../../sandbox/clock/sandbox-clock.ts';
import { type ServedClock, serveClock } from '../../sandbox/clock/serve-clock.ts';

export class OwnClock extends SandboxClock implements AsyncDisposable {
  readonly #base: SandboxClock;
  readonly #unfollow: () => void;
  #served: ServedClock | undefined;
  #leadMs = 0;
  #factor = 1;
  /** Real time since which the lead grows by the factor. */
  #sinceMs = Date.now();
  /** Of the base, in that time. */
  #baseRate: number;

  static async of(base: SandboxClock): Promise<OwnClock> {
    const clock = new OwnClock(base);
    await clock.#serve();
    return clock;
  }

  private constructor(base: SandboxClock) {
    super();
    this.#base = base;
    this.#baseRate = base.state.rate;
    this.#unfollow = base.onMoved(() => this.#follow());
    this.#follow();
  }

  get url(): string {
    if (this.#served === undefined) throw new Error('this clock is not served');
    return this.#served.url;
  }

  /** From now on it reads so much more than the lane's. */
  lead(ms: number): void {
    this.#noteLead();
    this.#leadMs = ms;
    this.#follow();
  }

  /** From now on it runs so many times as fast; at 1 again it keeps what it has gained or lost. */
  setFactor(factor: number): void {
    this.#noteLead();
    this.#factor = factor;
    this.#follow();
  }

  /** As the lane's clock again. */
  heal(): void {
    this.#factor = 1;
    this.lead(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unfollow();
    await this.#served?.close();
  }

  async #serve(): Promise<void> {
    this.#served = await serveClock(this);
  }

  #follow(): void {
    this.#noteLead();
    const { instant, anchoredAt, rate } = this.#base.state;
    this.#baseRate = rate;
    // The base's own anchor: nothing is rounded, and an undisturbed clock agrees to the millisecond.
    const late = (Date.now() - anchoredAt) * rate * (this.#factor - 1);
    const at = Temporal.Instant.from(instant).add({ milliseconds: Math.round(this.#leadMs - late) });
    this.replace({ instant: at.toString(), anchoredAt, rate: rate * this.#factor });
  }

  /** What it gained or lost since the last time. */
  #noteLead(): void {
    const now = Date.now();
    this.#leadMs += (now - this.#sinceMs) * this.#baseRate * (this.#factor - 1);
    this.#sinceMs = now;
  }
}
