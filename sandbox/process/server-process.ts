import type { Writable } from 'node:stream';
import { describeExit, type StopOptions, startTied, type TiedProcess } from './tied-process.ts';

/** A server that can't be started because somebody else listens on its port: choose others and try again. */
export class PortTaken extends Error {
  override readonly name = 'PortTaken';
}

export interface ServerProcessOptions {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly lease: Writable;
}

/** A server that can be stopped and started again with the same arguments, thus on the same port and data. */
export class ServerProcess {
  readonly #options: ServerProcessOptions;
  #process: TiedProcess | undefined;

  constructor(options: ServerProcessOptions) {
    this.#options = options;
  }

  /** Throws while it is stopped. */
  get pid(): number {
    return this.#running().pid;
  }

  /** The end of what the latest run said. */
  tail(): string {
    return this.#process?.output.tail() ?? '';
  }

  async start(): Promise<void> {
    if (this.#process !== undefined && this.#process.exit() === undefined) throw new Error(`${this.#options.name} is running already`);
    const { name, program, args, lease } = this.#options;
    this.#process = await startTied({ name, command: program, args, lease });
  }

  /** Harmless when it does not run. */
  async stop(options?: StopOptions): Promise<void> {
    await this.#process?.stop(options);
  }

  /** Rejects when the server ends, with the end of its output; never resolves. */
  async failed(): Promise<never> {
    const process = this.#running();
    const exit = await process.exited;
    const message = `${process.name} ended (${describeExit(exit)}). The end of its output:\n${process.output.tail()}`;
    throw /address already in use/.test(process.output.tail(50)) ? new PortTaken(message) : new Error(message);
  }

  #running(): TiedProcess {
    if (this.#process === undefined) throw new Error(`${this.#options.name} was not started`);
    return this.#process;
  }
}
