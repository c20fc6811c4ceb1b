import { describe, expect, it } from 'vitest';
import { handedToFeed, takenFields, takenLabels } from '../../src/cli/owners.ts';
import type { ManagedFields } from '../../src/crds/kube.ts';
import { notification } from '../match-notification/objects.ts';

const FEED: ManagedFields = {
  manager: 'matchday-feed',
  operation: 'Apply',
  apiVersion: 'matchday.dev/v1alpha1',
  time: '2026-12-01T00:00:00Z',
  fieldsType: 'FieldsV1',
  fieldsV1: { 'f:metadata': { 'f:labels': { 'f:matchday.dev/feed': {} } }, 'f:spec': { 'f:kickoff': {}, 'f:match': {} } },
};
const EDITOR: ManagedFields = {
  manager: 'editor',
  operation: 'Apply',
  time: '2026-12-02T08:00:00Z',
  fieldsV1: { 'f:spec': { 'f:sendAt': {}, 'f:suspend': {} } },
};
const KUBECTL: ManagedFields = { manager: 'kubectl-edit', operation: 'Update', fieldsV1: { 'f:spec': { 'f:sendAt': {}, 'f:hold': {} } } };
const STATUS: ManagedFields = { manager: 'matchday', operation: 'Update', subresource: 'status', fieldsV1: { 'f:status': {} } };

const object = (managedFields: readonly ManagedFields[], labels: Record<string, string> = { 'matchday.dev/feed': 'pl' }) =>
  notification({ metadata: { managedFields, labels } });
const specOf = (entries: readonly ManagedFields[], manager: string) =>
  entries.find((entry) => entry.manager === manager)?.fieldsV1?.['f:spec'];

describe('takenFields', () => {
  it('names the fields of the feed that others own, with who and when; what is theirs anyway does not count', () => {
    expect(takenFields(object([FEED, EDITOR, KUBECTL, STATUS]))).toEqual([
      { field: 'sendAt', manager: 'editor', at: '2026-12-02T08:00:00Z' },
      { field: 'sendAt', manager: 'kubectl-edit', at: undefined },
      { field: 'hold', manager: 'kubectl-edit', at: undefined },
    ]);
  });

  it('is empty for an object that no feed made', () => {
    expect(takenFields(object([EDITOR], {}))).toEqual([]);
  });
});

describe('handedToFeed', () => {
  it('moves a field from each owner to the feed, and nothing else', () => {
    const after = handedToFeed(object([FEED, EDITOR, KUBECTL, STATUS]), { fields: ['sendAt'] });
    expect(specOf(after, 'matchday-feed')).toEqual({ 'f:kickoff': {}, 'f:match': {}, 'f:sendAt': {} });
    expect(specOf(after, 'editor')).toEqual({ 'f:suspend': {} });
    expect(specOf(after, 'kubectl-edit')).toEqual({ 'f:hold': {} });
    expect(after.find(({ manager }) => manager === 'matchday')).toEqual(STATUS);
    expect(after.find(({ manager }) => manager === 'matchday-feed')?.fieldsV1?.['f:metadata']).toEqual(FEED.fieldsV1?.['f:metadata']);
  });

  it('leaves no entry of an owner who owns nothing any more', () => {
    const after = handedToFeed(object([FEED, KUBECTL]), { fields: ['sendAt', 'hold'] });
    expect(after.map(({ manager }) => manager)).toEqual(['matchday-feed']);
  });

  it('makes the entry of a feed that had lost it', () => {
    const after = handedToFeed(object([EDITOR]), { fields: ['sendAt'] });
    expect(after[0]).toMatchObject({
      manager: 'matchday-feed',
      operation: 'Apply',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:spec': { 'f:sendAt': {} } },
    });
  });

  it('moves a label as well, and leaves the labels that are the owner’s own', () => {
    const labeller: ManagedFields = {
      manager: 'kubectl-label',
      operation: 'Update',
      fieldsV1: { 'f:metadata': { 'f:labels': { 'f:team': {}, 'f:mine': {} } } },
    };
    const taken = object([FEED, labeller]);
    expect(takenLabels(taken, ['team', 'audience'])).toEqual([{ label: 'team', manager: 'kubectl-label' }]);
    const [feeds, theirs] = handedToFeed(taken, { fields: [], labels: ['team'] });
    expect(feeds?.fieldsV1?.['f:metadata']).toEqual({ 'f:labels': { 'f:matchday.dev/feed': {}, 'f:team': {} } });
    expect(theirs?.fieldsV1).toEqual({ 'f:metadata': { 'f:labels': { 'f:mine': {} } } });
  });
});
