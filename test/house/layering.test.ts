import { describe, expect, it } from 'vitest';
import { checkLayering } from '../../scripts/layering/check.ts';

const messages = (path: string, source: string) => checkLayering([{ path, source }]).map(({ message }) => message);

describe('the layering check', () => {
  it.each([
    ['base imports a neighbour', 'src/base/clock.ts', `import { x } from '../crds/kube.ts';`],
    ['the program imports the sandbox', 'src/main.ts', `import { x } from '../sandbox/main.ts';`],
    ['the program imports a test', 'src/braze/client.ts', `import { x } from '../../test/support/x.ts';`],
    ['the program imports a script', 'src/crds/generate.ts', `import { x } from '../../scripts/layering/check.ts';`],
    ['the controller runtime learns of Braze', 'src/controller/queue.ts', `import { x } from '../braze/client.ts';`],
    ['the Braze client learns of the kinds', 'src/braze/client.ts', `import { x } from '../crds/kube.ts';`],
    ['telemetry learns of the controller', 'src/telemetry/events.ts', `import type { KubeClient } from '../controller/types.ts';`],
    ['a kind learns of its reconciler', 'src/crds/kube.ts', `import { x } from '../reconcilers/fixture-feed/apply.ts';`],
    [
      'a decision learns of Braze, if only by a type',
      'src/reconcilers/match-notification/decide.ts',
      `import type { X } from '../../braze/types.ts';`,
    ],
    ['a decision uses a package', 'src/reconcilers/match-notification/decide.ts', `import axios from 'axios';`],
    ['a decision asks the machine', 'src/reconcilers/match-notification/decide.ts', `import { randomUUID } from 'node:crypto';`],
    ['reconcilers call each other', 'src/reconcilers/fixture-feed/apply.ts', `import { x } from '../match-notification/decide.ts';`],
    ['shared reconciler code knows one of them', 'src/reconcilers/conditions.ts', `import { x } from './fixture-feed/apply.ts';`],
    ['an export carries it', 'src/base/index.ts', `export * from '../braze/types.ts';`],
    ['an inline type carries it', 'src/base/x.ts', `export type X = import('../braze/types.ts').BrazeApi;`],
    ['a dynamic import carries it', 'src/base/x.ts', `export const x = await import('../braze/types.ts');`],
    ['a dynamic import hides its target', 'src/base/x.ts', `export const x = (name: string) => import(name);`],
    ['the Braze client speaks to Kubernetes', 'src/braze/client.ts', `import { KubeConfig } from '@kubernetes/client-node';`],
    ['a scoped package is reached by a sub-path', 'src/braze/client.ts', `import x from '@kubernetes/client-node/dist/x.js';`],
    ['a new folder belongs nowhere', 'src/helpers/x.ts', ''],
  ])('refuses it when %s', (_case, path, source) => {
    expect(messages(path, source)).toHaveLength(1);
  });

  it.each([
    ['src/main.ts', `import { x } from './reconcilers/fixture-feed/apply.ts'; import { y } from './config/load.ts';`],
    [
      'src/braze/client.ts',
      `import axios from 'axios'; import { done } from '../base/outcomes.ts'; import type { Log } from '../telemetry/log.ts';`,
    ],
    [
      'src/reconcilers/match-notification/decide.ts',
      `import { x } from '../../crds/kube.ts'; import { assertNever } from '../../base/assert-never.ts';`,
    ],
    [
      'src/reconcilers/match-notification/apply.ts',
      `import { x } from './decide.ts'; import { y } from '../../braze/types.ts'; import { z } from '../conditions.ts';`,
    ],
    ['test/braze/client.test.ts', `import { x } from '../../src/braze/client.ts'; import { y } from '../../sandbox/braze/server.ts';`],
  ])('accepts the imports of %s', (path, source) => {
    expect(messages(path, source)).toEqual([]);
  });

  it('holds what a decision uses to the rules of a decision, however far away', () => {
    const folder = 'src/reconcilers/match-notification';
    const files = [
      { path: `${folder}/decide.ts`, source: `import { x } from './goal.ts';` },
      { path: `${folder}/goal.ts`, source: `import { x } from './shown.ts';` },
      { path: `${folder}/shown.ts`, source: `import type { X } from '../../braze/types.ts';` },
      { path: `${folder}/apply.ts`, source: `import type { X } from '../../braze/types.ts';` },
    ];
    expect(checkLayering(files)).toMatchObject([{ path: `${folder}/shown.ts`, message: expect.stringContaining('must not import braze') }]);
  });

  it('names the line, both sides and the reason', () => {
    expect(checkLayering([{ path: 'src/braze/client.ts', source: `\n\nimport { x } from '../crds/kube.ts';` }])).toEqual([
      {
        path: 'src/braze/client.ts',
        line: 3,
        message: 'braze must not import crds (src/crds/kube.ts): the Braze client knows calls and outcomes, not who wants them',
      },
    ]);
  });

  it('says which file does not parse', () => {
    expect(() => messages('src/base/x.ts', 'import {')).toThrow(/^src\/base\/x\.ts: /);
  });
});
