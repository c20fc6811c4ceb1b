/** What is done about calls and their answers, done wrong. */
import type { Bug } from './bug.ts';

const IN = 'src/reconcilers/match-notification';

export const CALLS: readonly Bug[] = [
  {
    name: 'create-after-conflict',
    what: 'the create is made although its intent was refused by the API server',
    patches: [
      {
        file: `${IN}/create-call.ts`,
        find: '  const written = await writeStatus(pass, intended, step.shown);\n  const outcome',
        replace: '  const written = await writeStatus(pass, intended, step.shown).catch(() => object);\n  const outcome',
      },
    ],
    hunt: { campaign: 'simulation', limit: 40 },
  },
  {
    name: 'time-out-is-refused',
    what: 'in an unfenced workspace a time-out is recorded as refused, and the next create made',
    patches: [
      {
        file: `${IN}/create-call.ts`,
        find: "  if (outcome.kind === 'unknown') return recordInDoubt(status, operation, outcome.message, at);",
        replace:
          "  if (outcome.kind === 'unknown') return recordNotCreated(status, operation, { kind: 'refused', reason: 'unknown', message: outcome.message }, at);",
      },
    ],
    hunt: { campaign: 'simulation', limit: 40, worlds: { fenced: false } },
  },
  {
    name: 'gateway-error-is-refused',
    what: 'a 5xx counts as refused: the create may have taken effect all the same',
    patches: [
      {
        file: 'src/braze/outcomes.ts',
        find: '  if (status < 400 || status > 499 || status === 408 || status === 499) return undefined;',
        replace: '  if (status < 400 || status === 408 || status === 499) return undefined;',
      },
    ],
    hunt: {
      campaign: 'simulation',
      limit: 40,
      worlds: { fenced: false, twin: false, rival: false, objects: 1 },
      rates: { brazeGateway: 0.3 },
    },
  },
  {
    name: 'limit-is-final',
    what: 'a 429 is taken for the end: nothing is tried again',
    patches: [
      {
        file: `${IN}/create-call.ts`,
        find: "  const message = refusal?.message ?? (outcome.kind === 'unknown' ? outcome.message : '');",
        replace:
          "  if (refusal?.reason === 'rate-limited') {\n    pass.memory.failed(kind, now, { firstMs: 1, retryAt: now.add({ hours: 48 }) });\n    return {};\n  }\n  const message = refusal?.message ?? (outcome.kind === 'unknown' ? outcome.message : '');",
      },
    ],
    hunt: { campaign: 'simulation', limit: 40, worlds: { objects: 1 }, rates: { brazeLimited: 0.3 } },
  },
  {
    name: 'unknown-delete-is-gone',
    what: 'a delete without an answer counts as done',
    patches: [
      {
        file: `${IN}/sweep-call.ts`,
        find: "  return outcome.kind === 'done' || (outcome.kind === 'refused' && outcome.refusal.reason === 'unknown-id');",
        replace: "  return outcome.kind !== 'refused' || outcome.refusal.reason === 'unknown-id';",
      },
    ],
    hunt: {
      campaign: 'simulation',
      limit: 40,
      worlds: { fenced: false, twin: false, rival: false, objects: 1, leaders: 'elected' },
      rates: { brazeNever: 0.3, edit: 20 },
    },
  },
  {
    name: 'compensates-the-recorded',
    what: 'who was overtaken deletes its schedule although the record of it went through',
    patches: [
      {
        file: `${IN}/create-call.ts`,
        find: '      if (fresh === undefined || !isRecorded(fresh, answer)) await compensate(pass, answer);',
        replace: '      await compensate(pass, answer);',
      },
    ],
    hunt: { campaign: 'simulation', limit: 40, worlds: { objects: 1 }, rates: { apiLost: 0.3 } },
  },
  {
    name: 'operation-dropped-early',
    what: 'an operation of somebody else is given up while its call may still run',
    patches: [
      {
        file: `${IN}/decide.ts`,
        find: '  if (!over && Temporal.Instant.compare(view.now, until) < 0)',
        replace: '  if (!over && Temporal.Instant.compare(view.now, until) < -1)',
      },
    ],
    hunt: { campaign: 'tests', limit: 1, file: 'test/match-notification/create-call.test.ts' },
  },
  {
    name: 'finalizer-let-go',
    what: 'the finalizer is removed when a delete failed: what is left in Braze stays',
    patches: [
      {
        file: `${IN}/decide.ts`,
        find: '  if (!view.deleting || view.owned.length > 0 || view.orphanedAnnouncement !== undefined) return undefined;',
        replace: "  if (!view.deleting || (view.owned.length > 0 && !view.backingOff('sweep'))) return undefined;",
      },
    ],
    hunt: { campaign: 'simulation', limit: 40, worlds: { objects: 1, fenced: true }, rates: { delete: 20, brazeGateway: 0.3 } },
  },
  {
    name: 'kill-switch-ignored',
    what: 'the kill switch of the workspace stops nothing',
    patches: [
      {
        file: `${IN}/goal.ts`,
        find: 'const REASONS: readonly Reason[] = [deleted, duplicate, workspaceSuspended, suspended,',
        replace: 'const REASONS: readonly Reason[] = [deleted, duplicate, suspended,',
      },
    ],
    hunt: { campaign: 'exhaustive', scene: 'killed', limit: 1_000, peaceEvery: 1 },
  },
  {
    name: 'hold-ignored',
    what: 'a postponed match is sent',
    patches: [{ file: `${IN}/goal.ts`, find: 'suspended, held, beyondHorizon];', replace: 'suspended, beyondHorizon];' }],
    hunt: { campaign: 'exhaustive', scene: 'back', limit: 1_000, peaceEvery: 3 },
  },
];
