/** The names of the calls, as the log, the fault plan and the counters use them. */
export const ENDPOINTS = [
  ...(['campaign-create', 'campaign-update', 'campaign-delete', 'canvas-create', 'canvas-update', 'canvas-delete'] as const),
  ...(['scheduled-broadcasts', 'campaign-details', 'sends-create', 'sends-data-series'] as const),
  ...(['catalogs-list', 'catalogs-create', 'catalogs-delete', 'fields-add', 'fields-delete'] as const),
  ...(['items-put', 'items-patch', 'items-post', 'items-delete', 'items-list'] as const),
  ...(['item-get', 'item-put', 'item-patch', 'item-post', 'item-delete'] as const),
] as const;

export type Endpoint = (typeof ENDPOINTS)[number];
