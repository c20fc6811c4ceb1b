/** How a resource, an object and their parameters are spelled in the API server's URLs. */

import type { ObjectKey, Resource } from './types.ts';

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** `/apis/<group>/<version>[/namespaces/<ns>]/<plural>`; all namespaces, or a cluster-scoped kind, when `namespace` is empty. */
export function collectionPath(resource: Resource, namespace?: string): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const scope = namespace === undefined || namespace === '' ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${root}${scope}/${resource.plural}`;
}

/** The path of one object, or of its subresource. */
export function objectPath(resource: Resource, key: ObjectKey, subresource?: string): string {
  const path = `${collectionPath(resource, key.namespace)}/${encodeURIComponent(key.name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

/** `?a=b&c=d` of the parameters that are set; '' when none is. */
export function queryString(query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== '') parameters.set(name, String(value));
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

/** What errors call a request: `PUT matchnotifications/status default/pl-1`. */
export function requestName(
  method: string,
  resource: Resource,
  about: { key?: ObjectKey; namespace?: string; subresource?: string },
): string {
  const what = about.subresource === undefined ? resource.plural : `${resource.plural}/${about.subresource}`;
  const namespace = about.key?.namespace ?? about.namespace ?? '';
  const object = about.key === undefined ? '' : about.key.name;
  const where = [namespace, object].filter((part) => part !== '').join('/');
  return where === '' ? `${method} ${what}` : `${method} ${what} ${where}`;
}
