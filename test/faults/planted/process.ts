/** The runtime around the decisions, broken: caches, election, the order of stopping. */
import type { Bug } from './bug.ts';

export const PROCESS: readonly Bug[] = [
  {
    name: 'echo-guard-off',
    what: 'an event older than the own last write puts the cache back',
    patches: [
      {
        file: 'src/controller/store-table.ts',
        find: "  return !isNotNewer(next.metadata.resourceVersion ?? '', old.metadata.resourceVersion ?? '');",
        replace: '  return next.metadata.resourceVersion !== old.metadata.resourceVersion;',
      },
      {
        file: 'src/controller/store-feed.ts',
        find: '    if (this.includes(object.metadata.resourceVersion)) return false;\n    this.#put(object);',
        replace: '    this.#put(object);',
      },
    ],
    hunt: { campaign: 'tests', limit: 1, file: 'test/controller/store.test.ts' },
  },
  {
    name: 'lease-released-early',
    what: 'the lease is given back before the passes under way have ended',
    patches: [
      {
        file: 'src/controller/manager.ts',
        find: '        stop: () => this.#drain(controllers),',
        replace:
          '        stop: async () => {\n          await this.#options.election.stop({ release: true });\n          await this.#drain(controllers);\n        },',
      },
    ],
    hunt: { campaign: 'tests', limit: 1, file: 'test/controller/manager.test.ts' },
  },
  {
    name: 'lock-expiry-believed',
    what: 'who could not renew its lock goes on as if it held it',
    patches: [
      {
        file: 'src/controller/election.ts',
        find: "    return this.#phase === 'leading' && this.#clock.monotonicMs() + callMs < this.#believedUntilMs;",
        replace: "    return this.#phase === 'leading' && callMs > 0;",
      },
    ],
    hunt: { campaign: 'simulation', limit: 40, worlds: { leaders: 'elected', objects: 1 }, rates: { stop: 20, apiCut: 20, edit: 20 } },
  },
];
