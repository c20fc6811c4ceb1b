/**
 * A second cluster that uses the same Braze workspace and catalog: an API server of its own with an operator of its own, on the first
 * one's clock. Its namespace is called as the first one's, so that with the same owner id it is the same owner to the catalog.
 */
import { type Stack, startStack } from '../../sandbox/stack/index.ts';
import { BRISK_LEASE } from './support.ts';

export interface Elsewhere extends AsyncDisposable {
  readonly stack: Stack;
  /** Starts its operator under this owner id and resolves when it leads; the one before ends first. */
  owner(id: string): Promise<void>;
}

/** `here`: whose Braze, catalog, clock and name of namespace it uses. */
export async function elsewhere(here: Stack): Promise<Elsewhere> {
  const stack = await startStack({ namespace: here.namespace });
  const owner = async (id: string): Promise<void> => {
    await Promise.all(stack.operators.map((operator) => operator.stop()));
    const flags = [...BRISK_LEASE, '--owner-id', id, '--allow-endpoint', here.braze.url];
    const operator = await stack.startOperator({ name: id, flags, env: { SANDBOX_CLOCK_URL: here.clockUrl } });
    await operator.leads();
    await stack.workspace({ endpoint: here.braze.url, margin: '10s', requestTimeout: '1s' });
  };
  return { stack, owner, [Symbol.asyncDispose]: () => stack.stop() };
}
