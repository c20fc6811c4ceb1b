/** How a pass is heard: one event on its object, and one log line with the fixture's name. Nothing here can fail a pass. */
import { API_VERSION } from '../../crds/kube.ts';
import type { EventReason } from '../../telemetry/event-reasons.ts';
import type { Pass } from './pass.ts';
import { fixtureName } from './shown.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** As it should be. `fields` go to the log alone. */
export function normal(pass: Pass, reason: EventReason, note: string, fields: Fields = {}): void {
  event(pass, 'Normal', { reason, note });
  pass.log.info(note, { reason, ...fields });
}

/** Somebody may want to look. */
export function warning(pass: Pass, reason: EventReason, note: string, fields: Fields = {}): void {
  event(pass, 'Warning', { reason, note });
  pass.log.warn(note, { reason, ...fields });
}

function event(pass: Pass, type: 'Normal' | 'Warning', { reason, note }: { reason: EventReason; note: string }): void {
  const { namespace, name, uid } = pass.object.metadata;
  const subject = { apiVersion: API_VERSION, kind: 'MatchNotification', namespace, name, uid };
  pass.ports.events.record(subject, { type, reason, note: `${fixtureName(pass.object.spec)}: ${note}` });
}
