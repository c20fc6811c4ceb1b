import { cacheOf } from '../go/cache.ts';
import { COMPONENTS, LINKER_FLAGS } from './components.ts';

/** Where go.mod and go.sum are. */
export const MODULE_DIRECTORY = import.meta.dirname;

/** The folder of the control plane's programs, named by all that they are built from. */
export const cacheDirectory = (env: NodeJS.ProcessEnv): Promise<string> =>
  cacheOf({ name: 'control-plane', module: MODULE_DIRECTORY, inputs: [COMPONENTS, LINKER_FLAGS], env });
