/** What a verb is: its words for the help and the reference, what it takes, and what it does. */
import type { Clock } from '../base/clock.ts';
import type { ExitCode } from './errors.ts';
import type { CliFlagName } from './flags.ts';
import type { Input } from './input.ts';
import type { Session } from './session.ts';

/** The process around the command line. */
export interface Io {
  /** Adds to standard output, as it is. */
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
}

export interface Example {
  readonly what: string;
  readonly command: string;
}

export interface Command {
  readonly name: string;
  /** One line, without a full stop. */
  readonly summary: string;
  /** Arguments and the flags that matter most: `NAME (--not-created | --schedule-id ID)`. */
  readonly usage: string;
  /** Paragraphs. */
  readonly about: readonly string[];
  readonly examples: readonly Example[];
  readonly arguments: { readonly min: number; readonly max: number };
  /** Beside the common ones. */
  readonly flags: readonly CliFlagName[];
  /** Throws what `failureOf` puts into words. */
  run(session: Session, input: Input): Promise<ExitCode>;
}
