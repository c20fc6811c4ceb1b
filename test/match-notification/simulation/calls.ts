/**
 * Calls between the operators and their remote sides, held in the driver's hand: each takes effect when the driver says so (or never),
 * and is answered, or its answer lost, before or after that.
 */
export interface Call {
  readonly id: number;
  readonly name: string;
  readonly life: object;
  /** Runs once, at the remote side. */
  effect: (() => unknown) | undefined;
  result: unknown;
  taken: boolean;
  answered: boolean;
  readonly answer: (value: unknown) => void;
  readonly lose: () => void;
}

export class Calls {
  #open: Call[] = [];
  #next = 0;

  /** `lost` makes the value or throws the error of a call without answer. */
  hold<T>(name: string, life: object, effect: () => T, lost: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const call: Call = {
        id: this.#next++,
        name,
        life,
        effect,
        result: undefined,
        taken: false,
        answered: false,
        answer: (value) => {
          if (value instanceof Error) reject(value);
          else resolve(value as T);
        },
        lose: () => {
          try {
            resolve(lost());
          } catch (error) {
            reject(error);
          }
        },
      };
      this.#open.push(call);
    });
  }

  get open(): readonly Call[] {
    return this.#open;
  }

  /** The call takes effect at the remote side. */
  take(call: Call): void {
    if (call.taken || call.effect === undefined) return;
    call.taken = true;
    try {
      call.result = call.effect();
    } catch (error) {
      call.result = error;
    }
    this.#tidy();
  }

  /** Its answer arrives; it takes effect first if it has not yet. */
  reply(call: Call): void {
    this.take(call);
    if (!call.answered) call.answer(call.result);
    call.answered = true;
    this.#tidy();
  }

  /** The caller hears nothing; the call itself may still take effect later. */
  drop(call: Call): void {
    if (call.answered) return;
    call.answered = true;
    call.lose();
    this.#tidy();
  }

  /** Its process died: nobody listens any more, the call may still take effect. */
  orphan(life: object): void {
    for (const call of this.#open) if (call.life === life) call.answered = true;
    this.#tidy();
  }

  #tidy(): void {
    this.#open = this.#open.filter((call) => !(call.taken && call.answered));
  }
}
