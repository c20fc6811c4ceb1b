/** How the command line fails: with a sentence that names the object and the remedy, and an exit code. No stack, no header, no secret. */
import { ApiError, ApiUnreachable } from '../controller/client-errors.ts';
import { KubeconfigError } from '../controller/credentials-kubeconfig.ts';

/** 0: done. 1: refused, failed, or not seen in time. 2: it was asked wrongly, or there is no configuration to work with. */
export type ExitCode = 0 | 1 | 2;

/** What was asked can't be done as things stand. */
export class CliError extends Error {
  override readonly name = 'CliError';
}

/** The command was spelled wrongly. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface Failure {
  readonly message: string;
  readonly exitCode: ExitCode;
}

/** `verb`: for the pointer to its help. Anything unforeseen keeps its message and loses its stack. */
export function failureOf(error: unknown, verb: string): Failure {
  if (error instanceof UsageError) return { message: `${error.message}\nSee "matchday ${verb} --help".`, exitCode: 2 };
  if (error instanceof KubeconfigError) return { message: `${error.message} (see --kubeconfig and --context)`, exitCode: 2 };
  if (error instanceof ApiError) return { message: answered(error), exitCode: 1 };
  if (error instanceof ApiUnreachable) return { message: unanswered(error), exitCode: 1 };
  return { message: error instanceof Error ? error.message : String(error), exitCode: 1 };
}

function answered(error: ApiError): string {
  if (error.isUnauthorized)
    return `The API server does not know you: renew your credentials, or choose another --context. (${error.message})`;
  if (error.isForbidden) return `You may not do that: ask for the permission that the API server names. (${error.message})`;
  if (error.isNotFound && error.message.includes('page not found'))
    return 'The kinds of matchday are not in this cluster: choose another --context, or install them with kubectl apply -f deploy/crds.';
  if (error.isConflict) return `The object changed meanwhile, again and again: try once more. (${error.message})`;
  return `The API server refused it. (${error.message})`;
}

function unanswered(error: ApiUnreachable): string {
  const done = error.sent ? ' Whether a write took effect is not known: look with matchday status before trying again.' : '';
  return `The API server did not answer (${error.message}).${done} Check the network, --kubeconfig and --context.`;
}
