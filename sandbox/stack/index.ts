/** The whole sandbox as one thing to start and to dispose of. */
export type { UsableCluster } from './definitions.ts';
export { feed, type Manifest, notification, workspace } from './manifests.ts';
export type { Operator, OperatorOptions } from './operators.ts';
export { isReady, SHORT_LEASE, type Stack, type StackOptions, startStack } from './stack.ts';
export type { WaitOptions } from './watched.ts';
