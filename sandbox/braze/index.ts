/**
 * The Braze simulator: contracts part 1 on a real socket, with every undocumented behaviour as an option, a fault plan per call, and
 * sends that are really rendered. A simulator that is nicer than the contract is a bug.
 */
export { BrazeAdminClient } from './admin-client.ts';
export type { CampaignSpec } from './campaigns.ts';
export type { Delivery } from './delivery.ts';
export type { Endpoint } from './endpoints.ts';
export { Fault, type FaultAction } from './faults.ts';
export type { ApiKey } from './keys.ts';
export type { LogEntry } from './log.ts';
export type { BrazeOptionsPatch } from './options.ts';
export { BrazeSimulator, type BrazeSimulatorConfig, DEFAULT_API_KEY, startBrazeSimulator } from './simulator.ts';
export { FENCED_TEMPLATE, fencedTemplate, UNFENCED_TEMPLATE } from './templates.ts';
