/**
 * The Braze simulator: contracts part 1 on a real socket, with every undocumented behaviour as an option, a fault plan per call, and
 * sends that are really rendered. A simulator that is nicer than the contract is a bug.
 */
export { BrazeAdminClient, type CatalogView, type FaultView } from './admin-client.ts';
export type { Campaign, CampaignChange, CampaignSpec, Message, User } from './campaigns.ts';
export type { DeliveredMessage, Delivery } from './delivery.ts';
export type { Endpoint } from './endpoints.ts';
export { Fault, type FaultAction, type FaultMatch, type FaultRule } from './faults.ts';
export type { ApiKey } from './keys.ts';
export type { LogEntry, LogFilter, LogPredicate } from './log.ts';
export type { BrazeOptions, BrazeOptionsPatch, Limits } from './options.ts';
export { BrazeSimulator, type BrazeSimulatorConfig, DEFAULT_API_KEY, startBrazeSimulator } from './simulator.ts';
export { FENCED_TEMPLATE, fencedTemplate, UNFENCED_TEMPLATE } from './templates.ts';
export type { DeliveryFilter, ScheduleView } from './views.ts';
