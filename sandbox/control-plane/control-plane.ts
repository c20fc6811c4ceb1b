/**
 * A real control plane for the sandbox and the tests: etcd and kube-apiserver, no Docker, nothing installed by hand.
 *
 * Several may run at once, each with its own ports, data, certificate and token. Each server is tied to this process and the directory to
 * them all (see ../process): whatever ends this process, Ctrl-C and SIGKILL included, leaves no server and no data behind. There is
 * nothing to recover after a crash, because nothing survives it.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePorts } from '../process/ports.ts';
import { PortTaken, ServerProcess } from '../process/server-process.ts';
import { makeTiedDirectory, type TiedDirectory } from '../process/tied-directory.ts';
import type { StopOptions } from '../process/tied-process.ts';
import { type Binaries, type FindOptions, findBinaries } from './binaries.ts';
import { type Component, ESSENTIAL } from './components.ts';
import { type Credentials, kubeconfig, readServerCertificate, writeCredentials } from './credentials.ts';
import { type Kubectl, makeKubectl } from './kubectl.ts';
import { untilReady } from './ready.ts';
import { apiServer, controllerManager, etcd, type Site } from './servers.ts';

/** A cluster that somebody can work with, whoever runs it. */
export interface Cluster extends AsyncDisposable {
  /** Its current context is the cluster, with admin rights. Gone after `stop`. */
  readonly kubeconfigPath: string;
  readonly kubectl: Kubectl;
  /** The program behind `kubectl`, for people who have none of their own. */
  readonly kubectlProgram: string;
  stop(): Promise<void>;
}

/** A cluster of our own, that can be broken on purpose. */
export interface ControlPlane extends Cluster {
  /** `https://127.0.0.1:<port>`; the same after a restart. */
  readonly server: string;
  /** Certificate authority of `server`, PEM in base64 as in a kubeconfig. */
  readonly caData: string;
  /** Bearer token of a member of system:masters. */
  readonly adminToken: string;
  readonly binaries: Binaries;
  /** Data, certificates, credentials; gone after `stop`, and when this process is gone. */
  readonly directory: string;
  /** To stop, freeze (SIGSTOP) or kill it without this object's knowledge. Throws before it was started again. */
  readonly apiServerPid: number;
  readonly etcdPid: number;
  /** The end of what the latest API server said. */
  apiServerTail(): string;
  /** SIGTERM unless told; killed after 10 s. */
  stopApiServer(options?: StopOptions): Promise<void>;
  /** On the same port and data; resolves when ready. */
  startApiServer(): Promise<void>;
  restartApiServer(options?: StopOptions): Promise<void>;
}

export interface ControlPlaneOptions extends Omit<FindOptions, 'components'> {
  /** Added to the API server's flags, such as `--min-request-timeout=5`; of a flag given twice the last one counts. */
  readonly apiServerFlags?: readonly string[];
  /** Also run kube-controller-manager: garbage collection, deletion of namespaces. Building it takes minutes when cold. */
  readonly controllerManager?: boolean;
  /** How long the servers may take; 60 s unless told (a loaded machine is slow, a broken one ends sooner by itself). */
  readonly readyTimeoutMs?: number;
}

/** Ports are chosen before they are used; losing that race this often in a row is something else. */
const ATTEMPTS = 5;

/** Starts a control plane and resolves when it is ready. Throws `NoControlPlane` when there is none to start, else with the failed server's own words. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const extra: Component[] = options.controllerManager ? ['kube-controller-manager'] : [];
  const binaries = await findBinaries({ ...options, components: [...ESSENTIAL, ...extra] });
  for (let attempt = 1; ; attempt += 1) {
    const directory = await makeTiedDirectory({ prefix: 'matchday-control-plane-' });
    let plane: Plane | undefined;
    try {
      plane = await Plane.make({ directory, binaries, options });
      await plane.start();
      return plane;
    } catch (error) {
      await (plane?.stop() ?? directory.remove());
      if (!(error instanceof PortTaken) || attempt === ATTEMPTS) throw error;
    }
  }
}

interface Parts {
  readonly directory: TiedDirectory;
  readonly binaries: Binaries;
  readonly options: ControlPlaneOptions;
}

class Plane implements ControlPlane {
  readonly server: string;
  readonly binaries: Binaries;
  readonly directory: string;
  readonly kubeconfigPath: string;
  readonly kubectl: Kubectl;
  readonly kubectlProgram: string;
  readonly #port: number;
  readonly #tied: TiedDirectory;
  readonly #credentials: Credentials;
  readonly #readyTimeoutMs: number;
  readonly #etcd: ServerProcess;
  readonly #apiServer: ServerProcess;
  readonly #controllerManager: ServerProcess | undefined;
  #certificate = '';

  static async make({ directory, binaries, options }: Parts): Promise<Plane> {
    return new Plane({ directory, binaries, options }, await writeCredentials(directory.path), await freePorts(3));
  }

  private constructor({ directory: tied, binaries, options }: Parts, credentials: Credentials, ports: readonly number[]) {
    const [port = 0, client = 0, peer = 0] = ports;
    const directory = tied.path;
    const site: Site = { binaries, directory, lease: tied.lease };
    this.server = `https://127.0.0.1:${port}`;
    this.binaries = binaries;
    this.directory = directory;
    this.kubeconfigPath = path.join(directory, 'kubeconfig');
    this.#port = port;
    this.#tied = tied;
    this.#credentials = credentials;
    this.#readyTimeoutMs = options.readyTimeoutMs ?? 60_000;
    this.#etcd = new ServerProcess(etcd(site, { client, peer }));
    const flags = options.apiServerFlags ?? [];
    this.#apiServer = new ServerProcess(
      apiServer(site, { port, etcdPort: client, certificateDirectory: this.#certificateDirectory, credentials, flags }),
    );
    if (options.controllerManager) {
      this.#controllerManager = new ServerProcess(controllerManager(site, { kubeconfigPath: this.kubeconfigPath, credentials }));
    }
    this.kubectlProgram = binaries.get('kubectl') ?? 'kubectl';
    this.kubectl = makeKubectl({
      program: this.kubectlProgram,
      kubeconfigPath: this.kubeconfigPath,
      cacheDirectory: path.join(directory, 'kubectl-cache'),
      lease: tied.lease,
    });
  }

  get caData(): string {
    return Buffer.from(this.#certificate).toString('base64');
  }

  get adminToken(): string {
    return this.#credentials.adminToken;
  }

  get apiServerPid(): number {
    return this.#apiServer.pid;
  }

  get etcdPid(): number {
    return this.#etcd.pid;
  }

  get #certificateDirectory(): string {
    return path.join(this.directory, 'certificates');
  }

  /** Both at once: the API server waits for its etcd by itself. */
  async start(): Promise<void> {
    await this.#etcd.start();
    await Promise.race([this.startApiServer(), this.#etcd.failed()]);
    const { adminToken: token } = this.#credentials;
    const text = kubeconfig({ server: this.server, token, certificateAuthority: this.#certificate });
    await writeFile(this.kubeconfigPath, text, { mode: 0o600 });
    await this.#controllerManager?.start();
  }

  async startApiServer(): Promise<void> {
    await this.#apiServer.start();
    const giveUp = new AbortController();
    const ready = untilReady({
      port: this.#port,
      token: this.#credentials.adminToken,
      readCertificate: () => readServerCertificate(this.#certificateDirectory),
      timeoutMs: this.#readyTimeoutMs,
      signal: giveUp.signal,
    });
    try {
      this.#certificate = await Promise.race([ready, this.#apiServer.failed()]);
    } finally {
      giveUp.abort();
    }
  }

  stopApiServer(options?: StopOptions): Promise<void> {
    return this.#apiServer.stop(options);
  }

  async restartApiServer(options?: StopOptions): Promise<void> {
    await this.stopApiServer(options);
    await this.startApiServer();
  }

  apiServerTail(): string {
    return this.#apiServer.tail();
  }

  /** By SIGKILL: an API server that is asked politely waits for its clients, and nothing here is worth saving. */
  async stop(): Promise<void> {
    const kill: StopOptions = { signal: 'SIGKILL' };
    await Promise.all([this.#controllerManager?.stop(kill), this.#apiServer.stop(kill), this.#etcd.stop(kill)]);
    await this.#tied.remove();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
