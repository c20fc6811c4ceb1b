/**
 * Who may import whom (design §7), as data. The first layer whose pattern matches a file is the file's layer; a file of `src` that
 * matches none is an error, so that a new folder has to say where it belongs. Type imports count like any other: a type that knows
 * a neighbour ties the two together just as well.
 */
export interface Layer {
  readonly name: string;
  readonly files: RegExp;
  /** Only those of `files` that a file matching this one is, or reaches by imports among `files`. */
  readonly reachedFrom?: RegExp;
  /** Other layers that it may import; its own is always allowed. */
  readonly mayImport: readonly string[];
  /** Packages that it may import; `node:` stands for the built-in modules. Absent: any dependency of package.json. */
  readonly packages?: readonly string[];
  /** Shown with a violation. */
  readonly because: string;
}

/** The parts that know one outside world or one concern each, and never each other. */
const PARTS = ['crds', 'controller', 'braze', 'football-data', 'ledger', 'translation', 'telemetry', 'config'] as const;

/** What reconcilers build on; they are handed their settings and never read the configuration. */
const USED_BY_RECONCILERS = PARTS.filter((part) => part !== 'config');

const KINDS = ['match-notification', 'fixture-feed', 'braze-workspace'] as const;

const leaf = ['base', 'telemetry'] as const;

export const LAYERS: readonly Layer[] = [
  {
    name: 'base',
    files: /^src\/base\//,
    mayImport: [],
    packages: ['node:'],
    because: 'base is the leaf that everything else stands on',
  },
  {
    name: 'telemetry/otlp',
    files: /^src\/telemetry\/otlp-tracing\.ts$/,
    mayImport: ['telemetry'],
    packages: [
      'node:',
      '@opentelemetry/api',
      '@opentelemetry/exporter-trace-otlp-http',
      '@opentelemetry/resources',
      '@opentelemetry/sdk-trace',
    ],
    because: 'OpenTelemetry is loaded by one file, which is loaded only when a receiver is configured',
  },
  {
    name: 'telemetry',
    files: /^src\/telemetry\//,
    mayImport: ['base', 'telemetry/otlp'],
    packages: ['node:', 'pino', 'prom-client'],
    because: 'every part may import telemetry, so it must know none of them',
  },
  {
    name: 'config',
    files: /^src\/config\//,
    mayImport: [...leaf],
    packages: ['node:', 'yaml', 'zod'],
    because: 'configuration is read before anything exists that could be configured',
  },
  {
    name: 'crds',
    files: /^src\/crds\//,
    mayImport: [...leaf],
    packages: ['node:', 'yaml', 'zod'],
    because: 'the kinds are the public interface and know nobody who works on them',
  },
  {
    name: 'controller',
    files: /^src\/controller\//,
    mayImport: [...leaf],
    packages: ['node:', '@kubernetes/client-node', 'undici', 'yaml'],
    because: 'the controller runtime knows objects, versions and time, but no football and no Braze',
  },
  {
    name: 'braze',
    files: /^src\/braze\//,
    mayImport: [...leaf],
    packages: ['node:', 'axios'],
    because: 'the Braze client knows calls and outcomes, not who wants them',
  },
  {
    name: 'football-data',
    files: /^src\/football-data\//,
    mayImport: [...leaf],
    packages: ['node:', 'axios', 'undici', 'zod'],
    because: 'the fixture source knows fixtures, not who wants them',
  },
  {
    name: 'ledger',
    files: /^src\/ledger\//,
    mayImport: [...leaf],
    because: 'the ledger is a projection that nothing on the send path may lean on',
  },
  {
    name: 'translation',
    files: /^src\/translation\//,
    mayImport: [...leaf],
    because: 'translation is off the send path',
  },
  ...KINDS.flatMap((kind): Layer[] => [
    {
      name: `reconcilers/${kind}/decide`,
      files: new RegExp(`^src/reconcilers/${kind}/`),
      reachedFrom: /\/decide\.ts$/,
      mayImport: ['crds', 'base'],
      packages: [],
      because: 'a decision, and all that it uses, is pure: object, facts and one `now` in, one step out',
    },
    {
      name: `reconcilers/${kind}`,
      files: new RegExp(`^src/reconcilers/${kind}/`),
      mayImport: [`reconcilers/${kind}/decide`, 'reconcilers', 'base', ...USED_BY_RECONCILERS],
      because: 'reconcilers speak to each other through objects only; what they share lies directly in src/reconcilers',
    },
  ]),
  {
    name: 'reconcilers',
    files: /^src\/reconcilers\/[^/]+\.ts$/,
    mayImport: ['base', ...USED_BY_RECONCILERS],
    because: 'what all reconcilers share must not know one of them',
  },
  {
    name: 'board',
    files: /^src\/board\//,
    mayImport: [...leaf, 'crds', 'controller'],
    because: 'the board only reads objects',
  },
  {
    name: 'cli/plan',
    files: /^src\/cli\/plan\//,
    mayImport: ['base', 'cli', ...PARTS, 'reconcilers/fixture-feed'],
    because: 'a plan is made by the rules of the feed itself; no other verb may reach into a reconciler',
  },
  {
    name: 'cli/import',
    files: /^src\/cli\/import\//,
    mayImport: ['base', 'cli', 'cli/plan', ...PARTS, 'reconcilers/fixture-feed', 'reconcilers/braze-workspace'],
    because: 'an import makes the objects that the feed would make, and reads the key as the workspace does',
  },
  {
    name: 'cli',
    files: /^src\/cli\//,
    mayImport: ['base', 'board', 'cli/plan', 'cli/import', ...PARTS],
    because: 'the CLI works on objects; it reconciles nothing',
  },
  {
    name: 'main',
    files: /^src\/(process\/)?[^/]+\.ts$/,
    mayImport: ['base', 'cli', 'reconcilers', ...KINDS.map((kind) => `reconcilers/${kind}`), ...PARTS],
    because: 'the composition root wires production parts only: the program never imports sandbox, test, bench or scripts',
  },
];
