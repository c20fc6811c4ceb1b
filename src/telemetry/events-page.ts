/** The page docs/reference/events.md, made from the table of event reasons. */
import { EVENT_REASONS } from './event-reasons.ts';

export function eventsPage(): string {
  return [
    '# Events',
    '',
    '<!-- Written by `make generate` from src/telemetry/event-reasons.ts. -->',
    '',
    'What `kubectl describe` and `kubectl get events` show about our objects. A condition that becomes a problem is told as an event with',
    'the reason of the condition ([api.md](api.md)); the reasons below are told beside these. The same words about the same object within',
    'ten minutes are one event with a count. Events are news, not a record: what happened to a send is in `status.history`.',
    '',
    '| Reason | Meaning |',
    '| --- | --- |',
    ...Object.entries(EVENT_REASONS).map(([reason, meaning]) => `| \`${reason}\` | ${meaning} |`),
    '',
  ].join('\n');
}
