/** The translator that a feed names: whether it may be called, with which key, and what stands against it. Never throws. */
import { parseDuration } from '../../base/durations.ts';
import { hasPassed, plusMs } from '../../base/instants.ts';
import { ApiError } from '../../controller/client-errors.ts';
import type { KubeClient, KubeObject, Resource } from '../../controller/types.ts';
import type { FixtureFeedSpec } from '../../crds/fixture-feed.ts';
import { allowedUrl } from '../../translation/allowed-url.ts';
import type { RemoteNames } from '../../translation/remote-names.ts';
import type { Translators } from '../../translation/translators.ts';
import type { NameProblem } from './name-table.ts';

type Provider = NonNullable<NonNullable<FixtureFeedSpec['translation']>['provider']>;

const SECRETS: Resource = { group: '', version: 'v1', plural: 'secrets', kind: 'Secret' };
const KEY_EVERY_MS = 60_000;
const TIMEOUT_MS = 5_000;

interface Secret extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

export interface TranslatorPorts {
  readonly kube: Pick<KubeClient, 'get'>;
  readonly translators: Translators;
  readonly allowTranslators: readonly string[];
  readonly registerSecret: (owner: string, value: string) => void;
}

export interface TranslatorUse {
  /** The feed, as `indexKey` spells it. */
  readonly id: string;
  readonly namespace: string;
  readonly provider: Provider;
  readonly now: Temporal.Instant;
  readonly signal: AbortSignal;
  /** A person asked: what failed before is tried again. */
  readonly forced: boolean;
  readonly onNews: () => void;
}

type Key = { readonly value: string | undefined } | { readonly problem: NameProblem };

/** The translator of one feed. */
export class FeedTranslator {
  #key: Key | undefined;
  #keyFrom = '';
  #readAt: Temporal.Instant | undefined;
  #refused: NameProblem | undefined;
  #names: RemoteNames | undefined;

  /** Undefined: it can't be used. */
  get source(): RemoteNames | undefined {
    return this.#names;
  }

  get problem(): NameProblem | undefined {
    const said = this.#names?.problem;
    if (said === undefined) return this.#refused;
    const reason = said.kind === 'unauthorized' ? 'TranslatorUnauthorized' : 'TranslatorUnavailable';
    return { reason, message: `The translator: ${said.message}. The original names are used where there is no other.` };
  }

  async prepare(use: TranslatorUse, ports: TranslatorPorts): Promise<void> {
    const { id, namespace, provider, forced, onNews } = use;
    const url = allowedUrl(provider.url, ports.allowTranslators);
    const key: Key =
      'refused' in url ? { problem: { reason: 'TranslatorNotAllowed', message: url.refused } } : await this.#apiKey(use, ports);
    if ('refused' in url || 'problem' in key) {
      if ('problem' in key) this.#refuse(use, ports, key.problem);
      return;
    }
    this.#refused = undefined;
    this.#names = ports.translators.use(id, {
      namespace,
      base: url.base,
      source: provider.source,
      keyFrom: this.#keyFrom,
      apiKey: key.value,
      requestsPerMinute: provider.requestsPerMinute,
      timeoutMs: parseDuration(provider.timeout),
      onNews,
    });
    if (forced) this.#names.retry();
  }

  #refuse({ id }: TranslatorUse, { translators }: TranslatorPorts, problem: NameProblem): void {
    translators.leave(id);
    this.#names = undefined;
    this.#refused = problem;
  }

  async #apiKey({ namespace, provider, now, signal, forced }: TranslatorUse, ports: TranslatorPorts): Promise<Key> {
    const ref = provider.apiKeySecretRef;
    if (ref === undefined) return { value: undefined };
    const keyFrom = `${namespace}/${ref.name}/${ref.key}`;
    const fresh = this.#readAt !== undefined && !hasPassed(plusMs(this.#readAt, KEY_EVERY_MS), now);
    if (this.#key !== undefined && this.#keyFrom === keyFrom && fresh && !forced) return this.#key;
    const read = await readKey(ports.kube, { namespace, ...ref }, AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]));
    const known = this.#keyFrom === keyFrom ? this.#key : undefined;
    const key = read ?? known ?? missing(`Secret "${ref.name}" in namespace "${namespace}" could not be read just now; it is tried again.`);
    if ('value' in key && key.value !== undefined) ports.registerSecret(keyFrom, key.value);
    this.#key = key;
    this.#keyFrom = keyFrom;
    this.#readAt = now;
    return key;
  }
}

const missing = (message: string): Key => ({ problem: { reason: 'TranslatorKeyNotFound', message } });

/** Undefined: it could not be found out now. */
async function readKey(
  kube: Pick<KubeClient, 'get'>,
  { namespace, name, key }: { readonly namespace: string; readonly name: string; readonly key: string },
  signal: AbortSignal,
): Promise<Key | undefined> {
  const where = `Secret "${name}" in namespace "${namespace}"`;
  try {
    const secret = await kube.get<Secret>(SECRETS, { namespace, name }, { signal });
    const value = Buffer.from(secret.data?.[key] ?? '', 'base64')
      .toString('utf8')
      .trim();
    return value === '' ? missing(`${where} has no key "${key}", or it is empty: put the translator's API key there.`) : { value };
  } catch (error) {
    if (error instanceof ApiError && error.isForbidden) return missing(`The operator may not read ${where}.`);
    if (error instanceof ApiError && error.isNotFound) return missing(`There is no ${where}: create it with the translator's API key.`);
    return undefined;
  }
}
