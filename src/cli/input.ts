/** What a verb was given, read from its arguments: kubectl's spelling of flags, and nothing that the verb does not take. */
import { parseDuration } from '../base/durations.ts';
import { UsageError } from './errors.ts';
import { CLI_FLAGS, type CliFlagName, cliFlagRow, type SwitchName, type TextName } from './flags.ts';

export type Output = 'text' | 'wide' | 'json' | 'yaml';
export type DryRun = 'none' | 'client' | 'server';

export class Input {
  readonly args: readonly string[];
  readonly #given: ReadonlyMap<CliFlagName, readonly string[]>;

  constructor(args: readonly string[], given: ReadonlyMap<CliFlagName, readonly string[]>) {
    this.args = args;
    this.#given = given;
  }

  /** The first argument, which the verb's count of arguments makes sure is there. */
  get name(): string {
    return this.args[0] ?? '';
  }

  text(name: TextName): string | undefined {
    return this.#given.get(name)?.at(-1) ?? cliFlagRow(name).default;
  }

  texts(name: TextName): readonly string[] {
    return (this.#given.get(name) ?? []).flatMap((text) => text.split(',')).filter((text) => text !== '');
  }

  on(name: SwitchName): boolean {
    return (this.#given.get(name)?.at(-1) ?? cliFlagRow(name).default) === 'true';
  }

  durationMs(name: TextName): number {
    try {
      return parseDuration(this.text(name) ?? '0s');
    } catch (error) {
      throw new UsageError(`--${name}: ${error instanceof Error ? error.message : 'is not a duration'}.`, { cause: error });
    }
  }

  get output(): Output {
    const given = this.text('output');
    return given === 'json' || given === 'yaml' || given === 'wide' ? given : 'text';
  }

  get dryRun(): DryRun {
    const given = this.text('dry-run');
    return given === 'client' || given === 'server' ? given : 'none';
  }
}

export interface Takes {
  readonly flags: readonly CliFlagName[];
  readonly arguments: { readonly min: number; readonly max: number };
  /** Such as `NAME`, for messages. */
  readonly usage: string;
}

/** Throws `UsageError`. */
export function readInput(argv: readonly string[], takes: Takes): Input {
  const args: string[] = [];
  const given = new Map<CliFlagName, readonly string[]>();
  const rest = [...argv];
  for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
    if (next === '--') args.push(...rest.splice(0));
    else if (next.startsWith('-') && next !== '-') readFlag(next, { rest, given, takes });
    else args.push(next);
  }
  const { min, max } = takes.arguments;
  if (args.length < min) throw new UsageError(`An argument is missing: ${takes.usage}.`);
  if (args.length > max) throw new UsageError(`"${args[max]}" is an argument too many.`);
  return new Input(args, given);
}

interface Reading {
  readonly rest: string[];
  readonly given: Map<CliFlagName, readonly string[]>;
  readonly takes: Takes;
}

function readFlag(argument: string, { rest, given, takes }: Reading): void {
  const { name, inline } = named(argument, takes);
  const row = cliFlagRow(name);
  const value = inline ?? (row.takes === undefined ? 'true' : (row.bare ?? rest.shift()));
  if (value === undefined || (inline === undefined && row.takes !== undefined && value.startsWith('--')))
    throw new UsageError(`--${name}: a value must follow (${row.takes}).`);
  const choices = row.takes === undefined ? ['true', 'false'] : row.choices;
  if (choices !== undefined && !choices.includes(value)) throw new UsageError(`--${name}: must be one of ${choices.join(', ')}.`);
  given.set(name, row.many === true ? [...(given.get(name) ?? []), value] : [value]);
}

function named(argument: string, { flags }: Takes): { readonly name: CliFlagName; readonly inline: string | undefined } {
  const long = /^--([^=]+)(?:=(.*))?$/s.exec(argument);
  const short = /^-([A-Za-z])=?(.+)?$/s.exec(argument);
  const name = flags.find((flag) => flag === long?.[1] || (short !== null && cliFlagRow(flag).short === short[1]));
  if (name !== undefined) return { name, inline: long?.[2] ?? short?.[2] };
  // Only the name: what follows an equals sign may be a password.
  const spelling = argument.split('=')[0] ?? argument;
  const known = Object.keys(CLI_FLAGS).some((flag) => `--${flag}` === spelling);
  throw new UsageError(`${spelling}: ${known ? 'this command does not take it' : 'there is no such flag'}.`);
}
