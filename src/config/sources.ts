/**
 * The three places a flag can be given in: arguments, environment, file; the first that has it decides, whole lists included. What
 * none of the flags is called is an error in each of them: a mistyped `--allow-endpont` must not start an operator that quietly
 * does something else.
 */
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { ConfigError } from './config-error.ts';
import { FLAG_NAMES, type FlagName, flagRow, isFlagName, variableOf } from './flags.ts';

/** What was given for a flag, as text, and where, for messages. */
export interface Given {
  readonly values: readonly string[];
  readonly where: string;
}
export type GivenFlags = ReadonlyMap<FlagName, Given>;

/** `--name value`, `--name=value`, `--switch`. The last of several wins, but lists collect. Throws `ConfigError`. */
export function fromArguments(argv: readonly string[]): GivenFlags {
  const given = new Map<FlagName, Given>();
  const rest = [...argv];
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    const [, name = '', inline] = /^--([^=]*)(?:=(.*))?$/s.exec(argument) ?? [];
    if (!isFlagName(name)) throw new ConfigError(unknownArgument(argument));
    const value = inline ?? (flagRow(name).kind === 'switch' ? switchValue(rest) : rest.shift());
    if (value === undefined || (inline === undefined && value.startsWith('--'))) throw new ConfigError(`--${name}: a value must follow`);
    const before = isMany(name) ? (given.get(name)?.values ?? []) : [];
    given.set(name, { values: [...before, value], where: `--${name}` });
  }
  return given;
}

/** A service named `matchday` makes Kubernetes set `MATCHDAY_PORT_…` and `MATCHDAY_SERVICE_…` in every pod of its namespace. */
const SERVICE_LINK = /^MATCHDAY(?:_[A-Z0-9_]+)?_(?:SERVICE_(?:HOST|PORT(?:_[A-Z0-9_]+)?)|PORT(?:_[A-Z0-9_]+)?)$/;

/** `MATCHDAY_<FLAG>`; an empty one counts as not set. Throws `ConfigError`. */
export function fromEnvironment(env: Readonly<Record<string, string | undefined>>): GivenFlags {
  const byVariable = new Map(FLAG_NAMES.map((name) => [variableOf(name), name]));
  const given = new Map<FlagName, Given>();
  for (const [variable, value = ''] of Object.entries(env)) {
    if (!variable.startsWith('MATCHDAY_') || SERVICE_LINK.test(variable)) continue;
    const name = byVariable.get(variable);
    if (name === undefined) throw new ConfigError(`${variable}: there is no such setting; matchday run --help lists them`);
    if (value !== '') given.set(name, { values: [value], where: variable });
  }
  return given;
}

const SCALAR = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const FILE = z.record(z.string(), z.union([SCALAR, z.array(SCALAR)]));

/** The keys of a YAML mapping. Throws `ConfigError`. */
export function fromFile(path: string, text: string): GivenFlags {
  const given = new Map<FlagName, Given>();
  for (const [key, value] of Object.entries(parseFile(path, text))) {
    const where = `${key} (in ${path})`;
    if (!isFlagName(key)) throw new ConfigError(`${where}: there is no such setting; matchday run --help lists them`);
    if (key === 'config') throw new ConfigError(`${where}: a configuration file can not name another one`);
    if (Array.isArray(value) && !isMany(key)) throw new ConfigError(`${where}: takes one value, not a list`);
    given.set(key, { values: Array.isArray(value) ? value : [value], where });
  }
  return given;
}

function parseFile(path: string, text: string): Record<string, string | string[]> {
  const document = parseDocument(text);
  // Only the first line of the message: the rest quotes the file, passwords included.
  const problem = document.errors[0]?.message.split('\n')[0];
  if (problem !== undefined) throw new ConfigError(`--config ${path}: not YAML: ${problem.replace(/:$/, '')}`);
  const content: unknown = document.toJS() ?? {};
  const parsed = FILE.safeParse(content);
  if (parsed.success) return parsed.data;
  const key = parsed.error.issues[0]?.path[0];
  throw new ConfigError(
    key === undefined
      ? `--config ${path}: must hold keys and values, such as "log-level: debug"`
      : `${String(key)} (in ${path}): must be a text, a number, true or false, or a list of these`,
  );
}

function isMany(name: FlagName): boolean {
  const { kind } = flagRow(name);
  return kind === 'list' || kind === 'origins';
}

function switchValue(rest: string[]): string {
  return rest[0] === 'true' || rest[0] === 'false' ? String(rest.shift()) : 'true';
}

function unknownArgument(argument: string): string {
  // Only the name: what follows an equals sign may be a password.
  const name = argument.split('=')[0];
  return argument.startsWith('--')
    ? `${name}: there is no such flag; matchday run --help lists them`
    : `"${name}": an argument that belongs to no flag; matchday run --help lists them`;
}
