/**
 * The Lease as a standby sees it: watched, so that a lease that is given back is taken within a round trip, and the API server is not
 * asked every two seconds. A watch that lags or dies silently costs time, never safety: taking is a compare-and-set.
 */
import type { Connection } from './client.ts';
import type { LeaseFeed } from './election.ts';
import { LEASES, type Lease } from './election-lease.ts';
import { Reflector, type ReflectorNote } from './reflector.ts';
import type { StoreWentBack } from './reflector-went-back.ts';
import { keepWhole, ObjectStore } from './store.ts';

export interface WatchedLeaseOptions {
  readonly connection: Connection;
  readonly namespace: string;
  readonly name: string;
  readonly onStoreWentBack: (evidence: StoreWentBack) => void;
  /** Must not throw. */
  readonly report?: (note: ReflectorNote) => void;
}

/** Watches one Lease for as long as it is followed; each `follow` has its own watch. */
export class WatchedLease implements LeaseFeed {
  readonly #options: WatchedLeaseOptions;

  constructor(options: WatchedLeaseOptions) {
    this.#options = options;
  }

  follow(listener: (lease: Lease | undefined) => void): () => void {
    const { connection, namespace, name, onStoreWentBack, report } = this.#options;
    const key = { namespace, name };
    const store = new ObjectStore<Lease>({ transform: keepWhole<Lease>(), onHandlerFailure: () => {} });
    const tell = (): void => listener(store.get(key));
    store.subscribe(tell);
    const reflector = new Reflector<Lease>({
      connection,
      store,
      resource: LEASES,
      namespace,
      fieldSelector: `metadata.name=${name}`,
      onStoreWentBack,
      ...(report === undefined ? {} : { report }),
    });
    reflector.start();
    // A complete state without the Lease brings no event.
    void reflector.whenSynced.then((synced) => {
      if (synced) tell();
    });
    return () => {
      store.close();
      void reflector.stop();
    };
  }
}
