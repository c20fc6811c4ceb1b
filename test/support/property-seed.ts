/**
 * Properties draw new cases at a desk and the same ones in CI: a landing is judged by what it changed, and a case that nobody saw before
 * is found where somebody looks at it. `PROPERTY_SEED` replays a run.
 */
import { env } from 'node:process';
import fc from 'fast-check';

const CI_SEED = 20_261_125;
const seed = env['PROPERTY_SEED'] === undefined ? (env['CI'] === undefined ? undefined : CI_SEED) : Number(env['PROPERTY_SEED']);
if (seed !== undefined) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
