/** Runs the campaign of a hunt in this process. What it runs is imported only now: a bug may have been planted before. */
import type { Catch, HuntInSeeds, HuntInStates } from './bug.ts';

export async function hunt(what: HuntInStates | HuntInSeeds): Promise<Catch> {
  return what.campaign === 'exhaustive' ? huntInStates(what) : huntInSeeds(what);
}

async function huntInStates({ scene, limit, peaceEvery = 0 }: HuntInStates): Promise<Catch> {
  const [{ SCENES }, { search }, { Space }] = await Promise.all([
    import('../../match-notification/search/scene.ts'),
    import('../../match-notification/search/search.ts'),
    import('../../match-notification/search/space.ts'),
  ]);
  const found = search(new Space(SCENES[scene]), { limit, peaceEvery });
  const { violation } = found;
  return { size: found.states, history: violation?.path ?? [], ...(violation ? { violation: violation.what } : {}) };
}

async function huntInSeeds({ limit, worlds, rates }: HuntInSeeds): Promise<Catch> {
  const [{ runWorld }, { describeSwarm, drawSwarm }] = await Promise.all([
    import('../simulation/index.ts'),
    import('../simulation/swarm.ts'),
  ]);
  for (let seed = 1; seed <= limit; seed += 1) {
    const drawn = drawSwarm(seed);
    const swarm = { ...drawn, ...worlds, rates: { ...drawn.rates, ...rates } };
    const [first] = (await runWorld(swarm)).violations;
    if (first !== undefined) return { size: seed, violation: first.rule, history: [describeSwarm(swarm), first.detail] };
  }
  return { size: limit, history: [] };
}
