/** The feed's API token: read by name from the feed's own namespace at each poll, so that a changed Secret needs no restart. */
import { ApiError } from '../../controller/client-errors.ts';
import type { KubeClient, KubeObject, Resource } from '../../controller/types.ts';
import type { FixtureFeed } from '../../crds/fixture-feed.ts';

const SECRETS: Resource = { group: '', version: 'v1', plural: 'secrets', kind: 'Secret' };

interface Secret extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

export type Token = { readonly token: string } | { readonly missing: string };

/** `missing` says what to do. Throws `ApiError` and `ApiUnreachable` for anything but "not there" and "not allowed". */
export async function readToken(kube: Pick<KubeClient, 'get'>, feed: FixtureFeed, signal: AbortSignal): Promise<Token> {
  const { name, key } = feed.spec.source.tokenSecretRef;
  const { namespace } = feed.metadata;
  const where = `Secret "${name}" in namespace "${namespace}"`;
  try {
    const secret = await kube.get<Secret>(SECRETS, { namespace, name }, { signal });
    // A line end at the end is what `echo` and editors leave.
    const token = Buffer.from(secret.data?.[key] ?? '', 'base64')
      .toString('utf8')
      .trim();
    if (token === '') return { missing: `${where} has no key "${key}", or it is empty: put the football-data.org token there.` };
    if (!/^[\x21-\x7e]+$/.test(token)) return { missing: `Key "${key}" of ${where} holds no token: it must be one word of ASCII.` };
    return { token };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.isNotFound) return { missing: `There is no ${where}: create it with the football-data.org token under the key "${key}".` };
    if (error.isForbidden) return { missing: `The operator may not read ${where}: allow its service account to get Secrets there.` };
    throw error;
  }
}
