/** The parts of the Kubernetes object model that the kinds share. */

export const GROUP = 'matchday.dev';
export const VERSION = 'v1alpha1';
export const API_VERSION = `${GROUP}/${VERSION}`;

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** What one writer owns, as the API server keeps it for server-side apply. */
export interface ManagedFields {
  readonly manager?: string;
  readonly operation?: 'Apply' | 'Update';
  readonly apiVersion?: string;
  readonly time?: string;
  readonly subresource?: string;
  readonly fieldsType?: string;
  /** A tree of `f:name` keys. */
  readonly fieldsV1?: FieldTree;
}
export interface FieldTree {
  readonly [key: string]: FieldTree;
}

export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly finalizers?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  /** Absent in the operator's caches, which strip it. */
  readonly managedFields?: readonly ManagedFields[];
}

/** An object as the API server returns it: identity is always there. */
export interface LiveMeta extends ObjectMeta {
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly observedGeneration?: number;
  readonly lastTransitionTime: string;
  readonly reason: string;
  readonly message: string;
}
