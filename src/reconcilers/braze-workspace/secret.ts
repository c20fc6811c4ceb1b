/** The workspace's API key: read by name, never listed or watched, so that the operator needs no right to see other Secrets. */
import { ApiError } from '../../controller/client-errors.ts';
import type { KubeClient, KubeObject, Resource } from '../../controller/types.ts';
import type { BrazeWorkspace } from '../../crds/braze-workspace.ts';

const SECRETS: Resource = { group: '', version: 'v1', plural: 'secrets', kind: 'Secret' };

interface Secret extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

export interface ApiKey {
  readonly value: string;
  /** Changes whenever the Secret does: uid and resourceVersion. Tells nothing of the key. */
  readonly version: string;
}

export type KeyRead = { readonly key: ApiKey } | { readonly missing: string };

/** `missing` says what to do. Throws `ApiError` and `ApiUnreachable` for anything but "not there" and "not allowed". */
export async function readApiKey(kube: Pick<KubeClient, 'get'>, workspace: BrazeWorkspace, signal: AbortSignal): Promise<KeyRead> {
  const { name, key } = workspace.spec.apiKeySecretRef;
  const { namespace } = workspace.metadata;
  const where = `Secret "${name}" in namespace "${namespace}"`;
  try {
    const secret = await kube.get<Secret>(SECRETS, { namespace, name }, { signal });
    // A line end at the end is what `echo` and editors leave; a quoted key is a 401 (contracts 1.1).
    const value = Buffer.from(secret.data?.[key] ?? '', 'base64')
      .toString('utf8')
      .trim();
    if (value === '') return { missing: `${where} has no key "${key}", or it is empty: put the Braze REST API key there.` };
    if (!/^[\x21-\x7e]+$/.test(value) || /^["']|["']$/.test(value)) {
      return { missing: `Key "${key}" of ${where} is no API key: it must be one word of ASCII without quotes.` };
    }
    return { key: { value, version: `${secret.metadata.uid ?? ''}.${secret.metadata.resourceVersion ?? ''}` } };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.isNotFound) return { missing: `There is no ${where}: create it with the Braze REST API key under "${key}".` };
    if (error.isForbidden) return { missing: `The operator may not read ${where}: allow its service account to get Secrets there.` };
    throw error;
  }
}
