/** How an API server that lags behind would have answered: an exact list of the past, and the same said as the beginning of a watch. */

/** The URL with these parameters; those that are undefined are taken away. */
export function withQuery(url: URL, parameters: Readonly<Record<string, string | undefined>>): URL {
  const changed = new URL(url);
  // A list knows nothing of watching.
  for (const name of parameters['resourceVersionMatch'] === 'Exact' ? WATCH_ONLY : []) changed.searchParams.delete(name);
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined) changed.searchParams.delete(name);
    else changed.searchParams.set(name, value);
  }
  return changed;
}

const WATCH_ONLY = ['watch', 'sendInitialEvents', 'allowWatchBookmarks', 'timeoutSeconds'];

interface List {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly object[];
}

/** A list as the initial state of a watch, with the mark that ends it. */
export function stateAsWatch(text: string): string {
  const { apiVersion, kind, metadata, items } = JSON.parse(text) as List;
  const annotations = { 'k8s.io/initial-events-end': 'true' };
  const mark = { kind: kind.replace(/List$/, ''), apiVersion, metadata: { resourceVersion: metadata.resourceVersion, annotations } };
  const lines = [...items.map((object) => ({ type: 'ADDED', object })), { type: 'BOOKMARK', object: mark }];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}
