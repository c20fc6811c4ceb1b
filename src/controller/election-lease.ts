/**
 * The Lease object and the few forms that it is written in. Pure. Every write is a compare-and-set: a PUT carries both uid and
 * resourceVersion of the record it replaces. The uid matters: a PUT of a Lease that is gone would *create* it (the API server allows
 * create-on-update for leases), with it the answer is a 409.
 */
import type { KubeObject, Resource } from './types.ts';

export const LEASES: Resource = { group: 'coordination.k8s.io', version: 'v1', plural: 'leases', kind: 'Lease' };

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/lease-v1/; the times are for people, nobody decides by them. */
export interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

export interface Lease extends KubeObject {
  readonly spec?: LeaseSpec;
}

/** Who writes, and when people are told that it was. */
export interface LeaseWriter {
  readonly identity: string;
  readonly leaseDurationMs: number;
  readonly now: Temporal.Instant;
}

/** client-go's sign of a lease that its holder gave back: nobody holds it, for one second. */
const RELEASED_SECONDS = 1;

/**
 * Its holder gave it back, so that it may be taken at once. A record whose holder was only cleared (by hand, by a tool that applies a
 * manifest) is not released: the holder does not know yet, and believes.
 */
export function isReleased({ spec }: Lease): boolean {
  return (spec?.holderIdentity ?? '') === '' && spec?.leaseDurationSeconds === RELEASED_SECONDS;
}

/** `identity` took it (and not only claimed it, see `claimed`). */
export function isTakenBy({ spec }: Lease, identity: string): boolean {
  return spec?.holderIdentity === identity && spec.acquireTime !== undefined;
}

/**
 * A Lease where none was: it names its writer but lets nobody believe, because a holder whose Lease was deleted may still do so.
 * From now on that holder's renewals fail; once the claim stood for a whole lease it may be taken like any other record.
 */
export function claimed(name: string, writer: LeaseWriter): Lease {
  return { ...empty(name), spec: { holderIdentity: writer.identity, leaseDurationSeconds: seconds(writer), leaseTransitions: 0 } };
}

/** The Lease as its holder puts it back after somebody deleted it. */
export function recreated(name: string, last: LeaseSpec | undefined, writer: LeaseWriter): Lease {
  return { ...empty(name), spec: { ...last, ...held(last, writer) } };
}

/** `lease` with a new holder. */
export function taken(lease: Lease, writer: LeaseWriter): Lease {
  const spec = { ...lease.spec, ...held(lease.spec, writer), acquireTime: microTime(writer.now) };
  return { ...lease, spec: { ...spec, leaseTransitions: (lease.spec?.leaseTransitions ?? 0) + 1 } };
}

/** `lease` held on by its holder. */
export function renewed(lease: Lease, writer: LeaseWriter): Lease {
  return { ...lease, spec: { ...lease.spec, ...held(lease.spec, writer) } };
}

/** `lease` given back: no holder (the API server refuses an empty name), one second. */
export function released(lease: Lease, writer: LeaseWriter): Lease {
  const { holderIdentity: _gone, ...spec } = { ...lease.spec, ...held(lease.spec, writer) };
  return { ...lease, spec: { ...spec, leaseDurationSeconds: RELEASED_SECONDS } };
}

/**
 * A Lease that was never held and may be taken at once. Created together with a new cluster it saves the first operator the wait
 * of a whole lease; never apply it to a cluster that may have a leader.
 */
export function freshLease(name: string): Lease {
  return { ...empty(name), spec: { leaseDurationSeconds: RELEASED_SECONDS, leaseTransitions: 0 } };
}

const empty = (name: string): Lease => ({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name } });
const seconds = (writer: LeaseWriter): number => Math.ceil(writer.leaseDurationMs / 1000);

function held(last: LeaseSpec | undefined, writer: LeaseWriter): LeaseSpec {
  return { holderIdentity: writer.identity, leaseDurationSeconds: seconds(writer), renewTime: nextRenewTime(last?.renewTime, writer.now) };
}

/**
 * Never the text that is there already: a PUT that changes nothing gets no new resourceVersion, and a standby would take a lease
 * that its holder believes it has just renewed. That is what a wall clock that stands still would do.
 */
function nextRenewTime(last: string | undefined, now: Temporal.Instant): string {
  const text = microTime(now);
  return text === last ? microTime(now.add({ microseconds: 1 })) : text;
}

/** Kubernetes' MicroTime: always six digits. */
function microTime(at: Temporal.Instant): string {
  return at.toString({ smallestUnit: 'microsecond' });
}
