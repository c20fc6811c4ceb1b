/** The given texts by flag, with the defaults behind them; each method takes the flags of its kind only and throws `ConfigError`. */
import type { Config } from './config.ts';
import { ConfigError } from './config-error.ts';
import { type FlagName, type FlagNameOf, flagRow } from './flags.ts';
import type { Given, GivenFlags } from './sources.ts';
import { type Address, toAddress, toCount, toDatabaseUrl, toDurationMs, toLevel, toList, toOrigin, toSwitch, toUrl } from './values.ts';

export class FlagReader {
  readonly #given: GivenFlags;

  constructor(given: GivenFlags) {
    this.#given = given;
  }

  text(name: FlagNameOf<'text'>): string | undefined {
    return this.#read(name, (text) => text.trim() || fail('must not be empty'));
  }

  requiredText(name: FlagNameOf<'text'>): string {
    return this.#required(name, this.text(name));
  }

  list(name: FlagNameOf<'list'>): string[] {
    return toList(this.#given.get(name)?.values ?? []);
  }

  origins(name: FlagNameOf<'origins'>): string[] {
    const origins = toList(this.#given.get(name)?.values ?? []).map((text) => this.#convert(name, text, toOrigin));
    return [...new Set(origins)];
  }

  durationMs(name: FlagNameOf<'duration'>): number {
    return this.#required(name, this.#read(name, toDurationMs));
  }

  count(name: FlagNameOf<'count'>, range: { min: number; max: number }): number {
    return this.#required(
      name,
      this.#read(name, (text) => toCount(text, range)),
    );
  }

  switch(name: FlagNameOf<'switch'>): boolean {
    return this.#required(name, this.#read(name, toSwitch));
  }

  level(name: FlagNameOf<'level'>): Config['logLevel'] {
    return this.#required(name, this.#read(name, toLevel));
  }

  url(name: FlagNameOf<'url'>): string {
    return this.#required(name, this.#read(name, toUrl));
  }

  address(name: FlagNameOf<'address'>): Address | undefined {
    return this.#read(name, toAddress);
  }

  database(name: FlagNameOf<'database'>, env: Readonly<Record<string, string | undefined>>): Config['database'] {
    const url = this.#read(name, toDatabaseUrl);
    const passwordFile = this.text('database-password-file');
    if (url !== undefined) return { kind: 'url', url, passwordFile };
    return ['PGHOST', 'PGSERVICE', 'PGDATABASE'].some((variable) => env[variable]) ? { kind: 'environment', passwordFile } : undefined;
  }

  pem(name: FlagNameOf<'text'>, readFile: (path: string) => string): string | undefined {
    const given = this.#given.get(name);
    const path = this.text(name);
    if (given === undefined || path === undefined) return undefined;
    const pem = readNamedFile(given, path, readFile);
    if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw new ConfigError(`${given.where}: ${path} holds no PEM certificate`);
    return pem;
  }

  /** What no flag can know alone. The words are those of the leader election, which would refuse the same. */
  checkTogether({ lease: { durationMs, renewDeadlineMs, retryPeriodMs } }: Config): void {
    if (retryPeriodMs < 1_000) throw new ConfigError(`${this.#where('retry-period')}: must be 1s or more`);
    if (durationMs < 2_000) throw new ConfigError(`${this.#where('lease-duration')}: must be 2s or more`);
    if (renewDeadlineMs >= durationMs) throw new ConfigError(`${this.#where('renew-deadline')}: must be shorter than lease-duration`);
    if (renewDeadlineMs <= 1.2 * retryPeriodMs)
      throw new ConfigError(`${this.#where('renew-deadline')}: must be longer than 1.2 times retry-period`);
  }

  #read<Value>(name: FlagName, convert: (text: string) => Value): Value | undefined {
    const text = this.#given.get(name)?.values.at(-1) ?? flagRow(name).default;
    return text === undefined ? undefined : this.#convert(name, text, convert);
  }

  #convert<Value>(name: FlagName, text: string, convert: (text: string) => Value): Value {
    try {
      return convert(text);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const shown = flagRow(name).secret ? '' : ` ${JSON.stringify(text)}`;
      throw new ConfigError(`${this.#where(name)}:${shown} ${error.message}`, { cause: error });
    }
  }

  #required<Value>(name: FlagName, value: Value | undefined): Value {
    if (value === undefined) throw new ConfigError(`--${name}: must be given`);
    return value;
  }

  #where(name: FlagName): string {
    return this.#given.get(name)?.where ?? `--${name}`;
  }
}

/** The text of a file that a flag names. */
export function readNamedFile({ where }: Given, path: string, readFile: (path: string) => string): string {
  try {
    return readFile(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new ConfigError(`${where}: ${path} can not be read (${code})`, { cause: error });
  }
}

function fail(message: string): never {
  throw new RangeError(message);
}
