/** deploy/grafana/matchday.json, as far as it is tested and drawn. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

interface Target {
  readonly expr: string;
  readonly legendFormat: string;
}

export interface Panel {
  readonly id: number;
  readonly type: 'stat' | 'table' | 'timeseries';
  readonly title: string;
  readonly description?: string;
  /** In 24 columns. */
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig: {
    readonly defaults: {
      readonly unit?: string;
      readonly noValue?: string;
      readonly custom?: { readonly stacking?: object; readonly scaleDistribution?: { readonly type: string } };
    };
  };
  readonly targets: readonly Target[];
}

const FILE = path.join(import.meta.dirname, '../../deploy/grafana/matchday.json');
export const { panels }: { readonly panels: readonly Panel[] } = JSON.parse(readFileSync(FILE, 'utf8'));
