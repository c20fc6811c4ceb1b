/** The translators that feeds may name, with their calls counted. */
import { rootCertificates } from 'node:tls';
import type { Clock } from '../base/clock.ts';
import type { Config } from '../config/config.ts';
import { LibreTranslate } from '../translation/libre-translate.ts';
import { Translators } from '../translation/translators.ts';
import { countRequests, type Told } from './external-requests.ts';

export function translatorsOf({ config, clock, ...told }: { config: Config; clock: Clock } & Told): Translators {
  const ca = config.extraCa === undefined ? undefined : [...rootCertificates, config.extraCa];
  const counted = countRequests(told, 'translator');
  return new Translators({
    clock,
    connect: (base) => new LibreTranslate({ base, ca }),
    onCall: (code, seconds) => counted({ endpoint: 'translate', code, seconds }),
  });
}
