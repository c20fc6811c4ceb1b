/** The kinds on the shared API server: the generated definitions applied, requests of a few lines, answers as plain text. */
import { ApiException, CustomObjectsApi } from '@kubernetes/client-node';
import { BRAZE_WORKSPACES, FIXTURE_FEEDS, type KindDescriptor, MATCH_NOTIFICATIONS } from '../../src/crds/resources.ts';
import { clusterForTests, type TestCluster } from '../support/cluster.ts';
import { applyDefinitions } from '../support/definitions.ts';
import type { Json, KindName } from './samples.ts';

const DESCRIPTORS: Record<KindName, KindDescriptor> = {
  MatchNotification: MATCH_NOTIFICATIONS,
  FixtureFeed: FIXTURE_FEEDS,
  BrazeWorkspace: BRAZE_WORKSPACES,
};

export interface KindsApi {
  readonly cluster: TestCluster;
  /** The stored object, or what the API server said against it. */
  create(object: Json): Promise<Answer>;
  replace(object: Json): Promise<Answer>;
}
export type Answer = { readonly stored: Json } | { readonly refused: string };

/** A fresh namespace on the shared API server, which serves the three kinds. */
export async function kindsApi(): Promise<KindsApi> {
  const cluster = await clusterForTests();
  await applyDefinitions(cluster);
  const custom = cluster.kubeConfig.makeApiClient(CustomObjectsApi);
  const target = (object: Json) => ({ ...place(object), namespace: cluster.namespace });
  const answer = async (request: Promise<unknown>): Promise<Answer> => {
    try {
      return { stored: (await request) as Json };
    } catch (error) {
      if (error instanceof ApiException && error.code === 422) return { refused: messageOf(error.body) };
      throw error;
    }
  };
  return {
    cluster,
    create: (object) => answer(custom.createNamespacedCustomObject({ ...target(object), body: object })),
    replace: (object) =>
      answer(
        custom.replaceNamespacedCustomObject({ ...target(object), name: (object['metadata'] as { name: string }).name, body: object }),
      ),
  };
}

function place(object: Json): { group: string; version: string; plural: string } {
  const { group, version, plural } = DESCRIPTORS[object['kind'] as KindName];
  return { group, version, plural };
}

function messageOf(body: unknown): string {
  const status = typeof body === 'string' ? (JSON.parse(body) as { message?: string }) : (body as { message?: string });
  return status.message ?? 'no message';
}
