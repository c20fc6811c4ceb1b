/** The whole sandbox as one thing to start and to dispose of. */
export type { Manifest } from './manifests.ts';
export type { Operator } from './operators.ts';
export { isReady, SHORT_LEASE, type Stack, type StackOptions, startStack } from './stack.ts';
