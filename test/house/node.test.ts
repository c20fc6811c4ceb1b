import { describe, expect, it } from 'vitest';

describe('the runtime', () => {
  it('is the node of node_modules, not the system one', () => {
    expect(Number(process.versions.node.split('.')[0])).toBeGreaterThanOrEqual(26);
    expect(Temporal.Now.instant()).toBeInstanceOf(Temporal.Instant);
  });
});
