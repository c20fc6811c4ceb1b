/**
 * Finds and reads the configuration: `--kubeconfig`, else the pod's service account, else `KUBECONFIG`, else `~/.kube/config`.
 * Synchronous and small; read at start and again after a 401, never per request.
 */

import { existsSync, readFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { parse } from 'yaml';

const SERVICE_ACCOUNT_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';

export interface KubeconfigSource {
  /** File(s) as in `KUBECONFIG`; when given nothing else is looked at. */
  readonly kubeconfig?: string;
  /** Context inside the kubeconfig; its current one when absent. Naming one rules the in-cluster configuration out. */
  readonly context?: string;
  /** The process' environment, for `KUBECONFIG`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** No usable configuration. The message says what was tried and what to give instead. */
export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError';
}

/** One cluster and one user of it. */
export interface ClusterAccess {
  readonly server: string;
  readonly proxyUrl: string | undefined;
  readonly namespace: string | undefined;
  /** Headers and TLS material for now: reads files and runs plug-ins as needed. */
  authenticate(): Promise<RequestOptions>;
}

interface Loaded {
  readonly config: KubeConfig;
  /** By user; client-node knows the older spelling `token-file` only. */
  readonly tokenFiles: ReadonlyMap<string, string>;
  readonly origin: string;
}

/** Throws `KubeconfigError` when nothing usable is found. */
export function loadKubeconfig(source: KubeconfigSource): ClusterAccess {
  const loaded = load(source);
  const { config, tokenFiles, origin } = loaded;
  if (source.context !== undefined) config.setCurrentContext(source.context);
  const context = config.getContextObject(config.getCurrentContext());
  if (context === null) throw new KubeconfigError(noContext(loaded, source.context));
  const cluster = config.getCurrentCluster();
  if (cluster === null)
    throw new KubeconfigError(`${origin}: context "${context.name}" names cluster "${context.cluster}", which is not there`);
  if (!URL.canParse(cluster.server))
    throw new KubeconfigError(`${origin}: the server "${cluster.server}" of cluster "${cluster.name}" is no URL`);
  const tokenFile = tokenFiles.get(context.user);
  return {
    server: cluster.server,
    proxyUrl: cluster.proxyUrl,
    namespace: context.namespace,
    authenticate: () => authenticate(config, tokenFile, origin),
  };
}

/** The text of `--ca-file`. */
export function readCaFile(file: string): string {
  const text = attempt(() => readFileSync(file, 'utf8'));
  if (!text.ok) throw new KubeconfigError(`CA file ${file} can't be read: ${text.said}`);
  if (!text.value.includes('BEGIN CERTIFICATE')) throw new KubeconfigError(`CA file ${file} holds no PEM certificate`);
  return text.value;
}

async function authenticate(config: KubeConfig, tokenFile: string | undefined, origin: string): Promise<RequestOptions> {
  const options: RequestOptions = {};
  const failure = await config.applyToHTTPSOptions(options).then(
    () => undefined,
    (error: unknown) => firstLine(error),
  );
  const user = config.getCurrentUser()?.name ?? '';
  if (failure !== undefined) throw new KubeconfigError(`${origin}: no credentials for user "${user}": ${failure}`);
  if (tokenFile === undefined) return options;
  const token = attempt(() => readFileSync(tokenFile, 'utf8').trim());
  if (!token.ok) throw new KubeconfigError(`${origin}: no credentials for user "${user}": ${token.said}`);
  return { ...options, headers: { ...namedHeaders(options), Authorization: `Bearer ${token.value}` } };
}

/** What `action` gave, or the first line of what it threw: the rest of a parser's message quotes the file, tokens included. */
function attempt<V>(action: () => V): { ok: true; value: V } | { ok: false; said: string } {
  try {
    return { ok: true, value: action() };
  } catch (error) {
    return { ok: false, said: firstLine(error) };
  }
}

function firstLine(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? '').slice(0, 200) : 'unknown';
}

function namedHeaders(options: RequestOptions): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) if (typeof value === 'string') headers[name] = value;
  return headers;
}

function load(source: KubeconfigSource): Loaded {
  if (source.kubeconfig !== undefined) return loadFiles(source.kubeconfig);
  if (source.context === undefined && existsSync(SERVICE_ACCOUNT_TOKEN)) return loadInCluster();
  const listed = source.env?.['KUBECONFIG'];
  return loadFiles(listed === undefined || listed === '' ? join(homedir(), '.kube', 'config') : listed);
}

function loadInCluster(): Loaded {
  const config = new KubeConfig();
  config.loadFromCluster();
  return { config, tokenFiles: new Map(), origin: 'in-cluster service account' };
}

/** Several files are merged as kubectl does: the first to name a thing wins, a missing file is passed over. */
function loadFiles(list: string): Loaded {
  const files = list.split(delimiter).filter((file) => file !== '' && existsSync(file));
  if (files.length === 0) {
    throw new KubeconfigError(`no kubeconfig at ${list} and not running in a cluster: give --kubeconfig or set KUBECONFIG`);
  }
  const merged = new KubeConfig();
  const tokenFiles = new Map<string, string>();
  for (const file of files) {
    const one = loadFile(file);
    for (const [user, path] of readTokenFiles(file)) if (!tokenFiles.has(user)) tokenFiles.set(user, path);
    merged.clusters = firstWins(merged.clusters, one.clusters);
    merged.users = firstWins(merged.users, one.users);
    merged.contexts = firstWins(merged.contexts, one.contexts);
    merged.currentContext ??= one.currentContext;
  }
  return { config: merged, tokenFiles, origin: `kubeconfig ${files.join(delimiter)}` };
}

function loadFile(file: string): KubeConfig {
  const config = new KubeConfig();
  const read = attempt(() => config.loadFromFile(file));
  if (!read.ok) throw new KubeconfigError(`kubeconfig ${file} can't be read: ${read.said}`);
  return config;
}

function readTokenFiles(file: string): Map<string, string> {
  const found = new Map<string, string>();
  const document: unknown = parse(readFileSync(file, 'utf8'));
  for (const entry of listAt(document, 'users')) {
    const name = textAt(entry, 'name');
    const path = textAt(valueAt(entry, 'user'), 'tokenFile');
    if (name !== undefined && path !== undefined && path !== '') found.set(name, resolve(dirname(file), path));
  }
  return found;
}

function valueAt(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, field) : undefined;
}
function textAt(value: unknown, field: string): string | undefined {
  const found = valueAt(value, field);
  return typeof found === 'string' ? found : undefined;
}
function listAt(value: unknown, field: string): readonly unknown[] {
  const found = valueAt(value, field);
  return Array.isArray(found) ? found : [];
}

function firstWins<N extends { readonly name: string }>(have: readonly N[], more: readonly N[]): N[] {
  const names = new Set(have.map((one) => one.name));
  return [...have, ...more.filter((one) => !names.has(one.name))];
}

function noContext({ config, origin }: Loaded, wanted: string | undefined): string {
  const names = config.contexts.map((context) => context.name).join(', ');
  const what = wanted === undefined ? 'no current-context is set' : `no context "${wanted}"`;
  return `${origin}: ${what}; there are: ${names === '' ? 'none' : names}. Give --context`;
}
