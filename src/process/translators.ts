/** The translators that feeds may name, with their calls counted. */
import { rootCertificates } from 'node:tls';
import type { Clock } from '../base/clock.ts';
import type { Config } from '../config/config.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { LibreTranslate } from '../translation/libre-translate.ts';
import { Translators } from '../translation/translators.ts';
import { countRequests } from './external-requests.ts';

export function translatorsOf({ config, clock, metrics }: { config: Config; clock: Clock; metrics: Metrics }): Translators {
  const ca = config.extraCa === undefined ? undefined : [...rootCertificates, config.extraCa];
  const counted = countRequests(metrics, 'translator');
  return new Translators({
    clock,
    connect: (base) => new LibreTranslate({ base, ca }),
    onCall: (code, seconds) => counted({ endpoint: 'translate', code, seconds }),
  });
}
