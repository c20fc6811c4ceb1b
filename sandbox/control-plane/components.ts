/** The programs of the control plane, and where they come from: the modules that go.mod pins and go.sum checks. */

/** What the API server says its version is; the version of k8s.io/kubernetes in go.mod (a test holds them together). */
export const KUBERNETES_VERSION = 'v1.37.2';

interface Source {
  /** The Go package that is built. */
  readonly package: string;
  /** How long a cold build took on two cores, for the progress lines. */
  readonly cold: string;
}

export const COMPONENTS = {
  etcd: { package: 'go.etcd.io/etcd/server/v3', cold: '10 s' },
  kubectl: { package: 'k8s.io/kubernetes/cmd/kubectl', cold: '1 min' },
  'kube-apiserver': { package: 'k8s.io/kubernetes/cmd/kube-apiserver', cold: '6 min' },
  'kube-controller-manager': { package: 'k8s.io/kubernetes/cmd/kube-controller-manager', cold: '2 min' },
} as const satisfies Record<string, Source>;

export type Component = keyof typeof COMPONENTS;

/** What every control plane needs; the controller manager (garbage collection, namespace deletion) is built on demand. */
export const ESSENTIAL: readonly Component[] = ['etcd', 'kubectl', 'kube-apiserver'];

const [, MAJOR, MINOR] = KUBERNETES_VERSION.match(/^v(\d+)\.(\d+)/) ?? [];

/** Without these, `kubectl version` and the API server's own version checks see v0.0.0. */
export const LINKER_FLAGS = [
  '-s -w',
  `-X k8s.io/component-base/version.gitVersion=${KUBERNETES_VERSION}`,
  `-X k8s.io/component-base/version.gitMajor=${MAJOR}`,
  `-X k8s.io/component-base/version.gitMinor=${MINOR}`,
].join(' ');
