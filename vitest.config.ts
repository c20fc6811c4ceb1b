import { availableParallelism } from 'node:os';
import { env } from 'node:process';
import { defineConfig } from 'vitest/config';

/** They share one API server and mostly wait for what it tells them: one file a core keeps a core busy. */
const clusterWorkers = Math.max(1, Math.min(4, availableParallelism()));

export default defineConfig({
  test: {
    reporters: ['default', './test/support/closing-line-reporter.ts'],
    restoreMocks: true,
    unstubEnvs: true,
    setupFiles: ['./test/support/temporal-equality.ts', './test/support/property-seed.ts'],
    teardownTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.cluster.test.ts'],
          // The long ones take some seconds alone; a busy machine is no failure.
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'cluster',
          include: ['test/**/*.cluster.test.ts'],
          globalSetup: ['test/support/control-plane.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          maxWorkers: clusterWorkers,
          // Real processes on a shared machine: one second try there, which the report shows as "(retry x1)". At a desk a flake fails.
          retry: env['CI'] === undefined ? 0 : 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
