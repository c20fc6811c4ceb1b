/** What the operator was told, checked. */
import type { LogLevel } from '../telemetry/log.ts';
import type { Address } from './values.ts';

export interface Config {
  /** Undefined: the pod's service account, else `KUBECONFIG`, else the home directory. */
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  /** Empty: all. */
  readonly watchNamespaces: readonly string[];
  readonly lease: {
    readonly namespace: string;
    readonly name: string;
    readonly durationMs: number;
    readonly renewDeadlineMs: number;
    readonly retryPeriodMs: number;
  };
  /** Undefined: the uid of namespace kube-system. */
  readonly ownerId: string | undefined;
  /** Origins as `URL.origin` spells them. */
  readonly allowedEndpoints: readonly string[];
  /** Origins as `URL.origin` spells them. */
  readonly allowedTranslators: readonly string[];
  /** PEM text of `--ca-file`. */
  readonly extraCa: string | undefined;
  /** Without a slash at its end. */
  readonly footballDataUrl: string;
  /** Undefined: no ledger. `environment`: the `PG*` variables say where. */
  readonly database:
    | (({ readonly kind: 'url'; readonly url: string } | { readonly kind: 'environment' }) & { readonly passwordFile?: string | undefined })
    | undefined;
  readonly ledgerGraceMs: number;
  /** Undefined: not served. */
  readonly metricsAddress: Address | undefined;
  readonly healthAddress: Address | undefined;
  readonly logLevel: LogLevel;
  /** Reconciles at once, per controller. */
  readonly concurrency: number;
  readonly dryRun: boolean;
}
