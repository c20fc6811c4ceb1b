/** Listens to everything that operators say: nothing of it may be a secret, a crash, or an unhandled rejection. */
import type { Operator } from '../../sandbox/stack/index.ts';

const CRASH = /unhandled|uncaught|(Type|Range|Reference|Syntax)Error|Maximum call stack|heap out of memory|AssertionError/i;

export class Eavesdropper {
  readonly #canaries: readonly string[];
  readonly #faults: string[] = [];
  readonly #errors = new Map<string, number>();
  readonly #undo = new Map<Operator, () => void>();

  /** `canaries`: texts that may appear nowhere. */
  constructor(canaries: readonly string[]) {
    this.#canaries = canaries;
  }

  listen(operator: Operator): void {
    for (const line of operator.output.lines()) this.#hear(operator.name, line);
    this.#undo.set(
      operator,
      operator.output.onLine((line) => this.#hear(operator.name, line)),
    );
  }

  /** Something else that was said: an event, a status, a page of metrics. */
  read(where: string, text: string): void {
    if (this.#canaries.some((canary) => text.includes(canary))) this.#faults.push(`${where} shows a secret`);
  }

  blame(what: string): void {
    this.#faults.push(what);
  }

  /** What was wrong since the last time. */
  take(): readonly string[] {
    return this.#faults.splice(0);
  }

  /** Lines of level error, by message. */
  get errors(): ReadonlyMap<string, number> {
    return this.#errors;
  }

  #hear(who: string, line: string): void {
    this.read(`the log of ${who}`, line);
    if (CRASH.test(line)) this.#faults.push(`${who} says: ${line.slice(0, 2_000)}`);
    const entry = parsed(line);
    if (entry === undefined) {
      if (!/ExperimentalWarning|--trace-warnings/.test(line)) this.#faults.push(`${who} says something that is no log line: ${line}`);
      return;
    }
    if (entry.level === 'error') this.#errors.set(entry.message ?? '', (this.#errors.get(entry.message ?? '') ?? 0) + 1);
  }
}

function parsed(line: string): { level?: string; message?: string } | undefined {
  try {
    return JSON.parse(line) as { level?: string; message?: string };
  } catch {
    return undefined;
  }
}
