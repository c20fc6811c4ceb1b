/** For tests that are to notice a planted bug: run.ts hands its patches over in the environment. */
import path from 'node:path';
import { env } from 'node:process';
import { defineConfig } from 'vitest/config';
import type { Patch } from './bug.ts';
import { patched } from './plant.ts';

const ROOT = path.join(import.meta.dirname, '../../..');
const patches: readonly Patch[] = JSON.parse(env['PLANTED'] ?? '[]');

export default defineConfig({
  root: ROOT,
  plugins: [
    {
      name: 'planted-bug',
      enforce: 'pre',
      transform: (code: string, id: string) => {
        const mine = patches.filter(({ file }) => path.join(ROOT, file) === id);
        return mine.length === 0 ? undefined : mine.reduce(patched, code);
      },
    },
  ],
  test: {
    // Its key does not know the patches.
    fsModuleCache: false,
    include: ['test/**/*.test.ts'],
    setupFiles: ['./test/support/temporal-equality.ts', './test/support/property-seed.ts'],
    restoreMocks: true,
  },
});
