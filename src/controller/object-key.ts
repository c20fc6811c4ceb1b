/** One spelling of an object's key as text, for maps, queues and log lines: `namespace/name`. */
import type { ObjectKey } from './types.ts';

export const keyText = ({ namespace, name }: ObjectKey): string => `${namespace}/${name}`;

/** The inverse of `keyText`; a Kubernetes name holds no slash. */
export function parseKey(text: string): ObjectKey {
  const slash = text.indexOf('/');
  return { namespace: text.slice(0, Math.max(0, slash)), name: text.slice(slash + 1) };
}
