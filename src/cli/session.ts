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
  readonly env: Io['env'];
  /** Adds a line to standard output. */
  say(line?: string): void;
}

/** The cluster is looked for when a verb first asks for it: `KubeconfigError` is thrown then. Close it in the end. */
export function openSession(input: Input, { env, out, clock }: Io): Session & { close(): Promise<void> } {
  let connection: Connection | undefined;
  const kube = (): Connection => {
    connection ??= connectionOf(input, { env, clock });
    return connection;
  };
  const namespace = (): string => input.text('namespace') ?? kube().namespace ?? 'default';
  return {
    get kube() {
      return kube();
    },
    get namespace() {
      return namespace();
    },
    get listed() {
      return input.on('all-namespaces') ? undefined : namespace();
    },
    dryRun: input.dryRun,
    now: clock.now(),
    env,
    say: (line = '') => out(`${line}\n`),
    close: async () => await connection?.close(),
  };
}

function connectionOf(input: Input, { env, clock }: Pick<Io, 'env' | 'clock'>): Connection {
  const [kubeconfig, context] = [input.text('kubeconfig'), input.text('context')];
  return connect({
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
    env,
    clock,
    userAgent: CLI_FIELD_MANAGER,
    connections: 4,
  });
}
