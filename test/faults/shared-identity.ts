/**
 * Two operators that bear one name: what would happen if identities were not drawn anew in each life. The proxy of the second tells it that it
 * holds the lease whenever the first does, and tells the API server that the first renewed it whenever the second does. Both lead.
 */
import { LEASES, type Lease } from '../../src/controller/election-lease.ts';
import type { LineVerdict } from '../support/watch-gate.ts';
import type { Lane, Member } from './lane.ts';

const LEASE = 'matchday';

/** Resolves when `second` leads beside the holder of the lease. */
export async function shareIdentity(lane: Lane, second: Member): Promise<void> {
  const { connection, namespace } = lane.stack;
  const { spec } = await connection.get<Lease>(LEASES, { namespace, name: LEASE });
  const names = new Names(spec?.holderIdentity ?? '');
  second.proxy.fault(({ url, isWatch }) => !isWatch && url.pathname.includes('/leases'), {
    kind: 'rewrite',
    request: (body) => names.outwards(body),
    answer: (body) => names.inwards(body),
  });
  second.proxy.judgeLines(
    ({ plural, text }): LineVerdict => (plural === 'leases' ? { kind: 'say', text: `${names.inwards(text.trim())}\n` } : { kind: 'pass' }),
  );
  await second.operator.leads();
}

class Names {
  readonly #first: string;
  #second: string | undefined;

  constructor(first: string) {
    this.#first = first;
  }

  outwards(body: string): string {
    if (body === '') return body;
    this.#second ??= (JSON.parse(body) as Lease).spec?.holderIdentity;
    return this.#second === undefined ? body : body.replaceAll(this.#second, this.#first);
  }

  /** Until it has said its own name, a lease that nobody holds: then it says it. */
  inwards(body: string): string {
    if (this.#second !== undefined) return body.replaceAll(this.#first, this.#second);
    return body.replace(`"holderIdentity":"${this.#first}",`, '').replace(/"leaseDurationSeconds":\d+/, '"leaseDurationSeconds":1');
  }
}
