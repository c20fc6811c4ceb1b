/** One run of a verb: the connection made with the user's own rights, where to look, how to write, and what to say. */
import { type Connection, connect } from '../controller/client.ts';
import type { Io } from './command.ts';
import type { DryRun, Input } from './input.ts';

/** Who the API server notes as the writer of what a verb changes. */
export const CLI_FIELD_MANAGER = 'kubectl-matchday';

export interface Session {
  readonly kube: Connection;
  /** For objects named without one. */
  readonly namespace: string;
  /** Undefined: all (`-A`). */
  readonly listed: string | undefined;
  readonly dryRun: DryRun;
  readonly now: Temporal.Instant;
  /** Adds a line to standard output. */
  say(line?: string): void;
}

/** No request is sent yet. Throws `KubeconfigError`. */
export function openSession(input: Input, { env, out, clock }: Io): Session {
  const [kubeconfig, context] = [input.text('kubeconfig'), input.text('context')];
  const kube = connect({
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
    env,
    clock,
    userAgent: CLI_FIELD_MANAGER,
    connections: 4,
  });
  const namespace = input.text('namespace') ?? kube.namespace ?? 'default';
  return {
    kube,
    namespace,
    listed: input.on('all-namespaces') ? undefined : namespace,
    dryRun: input.dryRun,
    now: clock.now(),
    say: (line = '') => out(`${line}\n`),
  };
}
