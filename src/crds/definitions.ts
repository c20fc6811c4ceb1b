/** The CustomResourceDefinitions as objects: what deploy/crds holds as YAML, and what tests and the sandbox apply. */
import type { z } from 'zod';
import { brazeWorkspaceSpec, brazeWorkspaceStatus } from './braze-workspace.ts';
import type { Rule } from './fields.ts';
import { fixtureFeedSpec, fixtureFeedStatus } from './fixture-feed.ts';
import { matchNotificationSpec, matchNotificationStatus } from './match-notification.ts';
import { BRAZE_WORKSPACES, crdName, FIXTURE_FEEDS, type KindDescriptor, MATCH_NOTIFICATIONS } from './resources.ts';
import { type StructuralSchema, structuralSchema } from './structural-schema.ts';

export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean' | 'date';
  readonly jsonPath: string;
  readonly description: string;
  /** 1: shown with -o wide only. */
  readonly priority?: 1;
}

export interface KindDefinition {
  readonly names: KindDescriptor;
  readonly description: string;
  readonly spec: z.ZodType;
  readonly status: z.ZodType;
  readonly columns: readonly PrinterColumn[];
  readonly rules?: readonly Rule[];
}

const ready = (part: 'status' | 'reason' | 'message') => `.status.conditions[?(@.type=="Ready")].${part}`;
const READY: PrinterColumn = { name: 'Ready', type: 'string', jsonPath: ready('status'), description: 'Whether it is as wanted.' };
const AGE: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Since when it exists.' };
const WHY: readonly PrinterColumn[] = [
  { name: 'Reason', type: 'string', jsonPath: ready('reason'), description: 'Why Ready is what it is.', priority: 1 },
  { name: 'Message', type: 'string', jsonPath: ready('message'), description: 'What to do about it.', priority: 1 },
];

/** Instants are printed as they are: the column type `date` would show a time ahead as "<invalid>". */
const matchNotification: KindDefinition = {
  names: MATCH_NOTIFICATIONS,
  description: 'One push for one match: the wish in spec, what is known of Braze in status.',
  spec: matchNotificationSpec,
  status: matchNotificationStatus,
  columns: [
    { name: 'Fixture', type: 'string', jsonPath: '.status.fixture', description: 'The teams.' },
    { name: 'Kickoff', type: 'string', jsonPath: '.spec.kickoff', description: 'When the match starts (UTC).' },
    { name: 'Send At', type: 'string', jsonPath: '.spec.sendAt', description: 'When the push shall go out (UTC).' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'Where the send is in its life.' },
    READY,
    { name: 'Competition', type: 'string', jsonPath: '.spec.match.competition', description: 'Competition code.', priority: 1 },
    { name: 'Schedule', type: 'string', jsonPath: '.status.schedule.id', description: "Braze's id of the schedule.", priority: 1 },
    ...WHY,
    AGE,
  ],
};

const fixtureFeed: KindDefinition = {
  names: FIXTURE_FEEDS,
  description: 'A competition whose fixtures become MatchNotifications.',
  spec: fixtureFeedSpec,
  status: fixtureFeedStatus,
  columns: [
    { name: 'Competition', type: 'string', jsonPath: '.spec.source.competition', description: 'Competition code.' },
    { name: 'Fixtures', type: 'integer', jsonPath: '.status.fixtures', description: 'Fixtures known.' },
    { name: 'Applied', type: 'integer', jsonPath: '.status.applied', description: 'MatchNotifications of this feed.' },
    { name: 'Held', type: 'integer', jsonPath: '.status.held', description: 'Those that it holds.' },
    {
      name: 'Last Success',
      type: 'date',
      jsonPath: '.status.lastSuccessAt',
      description: 'Since the provider last answered with fixtures.',
    },
    READY,
    { name: 'Season', type: 'string', jsonPath: '.spec.source.season', description: 'Start year of the season.', priority: 1 },
    {
      name: 'Conflicts',
      type: 'integer',
      jsonPath: '.status.conflicts',
      description: 'Objects with a field that somebody else owns.',
      priority: 1,
    },
    ...WHY,
    AGE,
  ],
  rules: [
    {
      rule: 'size(self.metadata.name) <= 63',
      message: 'the name of a FixtureFeed has at most 63 characters: it is a label of its objects and the beginning of their names',
    },
  ],
};

const brazeWorkspace: KindDefinition = {
  names: BRAZE_WORKSPACES,
  description: 'A Braze workspace: where it is, with which key, within which limits.',
  spec: brazeWorkspaceSpec,
  status: brazeWorkspaceStatus,
  columns: [
    { name: 'Endpoint', type: 'string', jsonPath: '.spec.endpoint', description: 'REST endpoint.' },
    { name: 'Catalog', type: 'string', jsonPath: '.spec.fence.catalog', description: 'Catalog of the fence.' },
    {
      name: 'Fence',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="FenceReady")].status',
      description: 'Whether the catalog is ready.',
    },
    READY,
    { name: 'Suspended', type: 'boolean', jsonPath: '.spec.suspend', description: 'Whether the kill switch is on.', priority: 1 },
    ...WHY,
    AGE,
  ],
};

export const KINDS: readonly KindDefinition[] = [matchNotification, fixtureFeed, brazeWorkspace];

/** The schema of a whole object of the kind. */
export function objectSchema(kind: KindDefinition): StructuralSchema {
  return {
    description: kind.description,
    type: 'object',
    required: ['spec'],
    properties: {
      apiVersion: { description: 'Version of the API this object is written in.', type: 'string', maxLength: 64 },
      kind: { description: 'Kind of the object.', type: 'string', maxLength: 64 },
      metadata: { type: 'object' },
      spec: structuralSchema(kind.spec),
      status: structuralSchema(kind.status),
    },
    ...(kind.rules === undefined ? {} : { 'x-kubernetes-validations': kind.rules }),
  };
}

/** A CustomResourceDefinition, ready to be applied. */
export function customResourceDefinition(kind: KindDefinition) {
  const { plural, singular, kind: name, listKind, shortNames, categories, group, version } = kind.names;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: crdName(kind.names) },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind: name, listKind, plural, singular, shortNames, categories },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: kind.columns,
          schema: { openAPIV3Schema: objectSchema(kind) },
        },
      ],
    },
  };
}
