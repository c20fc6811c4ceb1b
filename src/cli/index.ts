/**
 * The command line: every verb of `matchday` but `run`. One process does one thing with the user's own rights and ends; it holds no state,
 * calls no Braze (but `import`, which reads campaigns), and whatever it writes is one write under the version of the object that it
 * looked at.
 */
import { abandon } from './abandon.ts';
import { approve } from './approve.ts';
import type { Command, Io } from './command.ts';
import { type ExitCode, failureOf } from './errors.ts';
import { COMMON_FLAGS } from './flags.ts';
import { commandHelp, overallHelp } from './help.ts';
import { importOld } from './import/index.ts';
import { readInput } from './input.ts';
import { ledger } from './ledger.ts';
import { plan } from './plan/index.ts';
import { reconcile } from './reconcile.ts';
import { release } from './release.ts';
import { resolve } from './resolve.ts';
import { openSession } from './session.ts';
import { status } from './status/index.ts';
import { resume, suspend } from './suspend.ts';
import { takeOver } from './take-over.ts';

/** In the order of the help: looking first, then what changes something. */
export const COMMANDS: readonly Command[] = [
  status,
  plan,
  resolve,
  release,
  approve,
  reconcile,
  suspend,
  resume,
  takeOver,
  abandon,
  importOld,
  ledger,
];

/** What `argv` asks for; never throws. */
export async function runCli(argv: readonly string[], io: Io): Promise<ExitCode> {
  const [verb, ...rest] = argv;
  if (verb === undefined || verb === '--help' || verb === '-h' || verb === 'help') return help(rest[0], io);
  const command = COMMANDS.find(({ name }) => name === verb);
  if (command === undefined) return unknownVerb(verb, io);
  if (rest.some((argument) => argument === '--help' || argument === '-h')) return help(verb, io);
  try {
    return await runVerb(command, rest, io);
  } catch (error) {
    const { message, exitCode } = failureOf(error, verb);
    io.err(`error: ${message}\n`);
    return exitCode;
  }
}

async function runVerb(command: Command, argv: readonly string[], io: Io): Promise<ExitCode> {
  const input = readInput(argv, { ...command, flags: [...COMMON_FLAGS, ...command.flags] });
  const session = openSession(input, io);
  try {
    return await command.run(session, input);
  } finally {
    await session.close();
  }
}

function help(verb: string | undefined, io: Io): ExitCode {
  if (verb === undefined) {
    io.out(overallHelp(COMMANDS));
    return 0;
  }
  const command = COMMANDS.find(({ name }) => name === verb);
  if (command === undefined) return unknownVerb(verb, io);
  io.out(commandHelp(command));
  return 0;
}

function unknownVerb(verb: string, { err }: Io): ExitCode {
  err(`error: there is no command "${verb}".\nSee "matchday --help".\n`);
  return 2;
}
