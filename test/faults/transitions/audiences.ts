/** Audiences of each form that the kind knows: its rules don't let them be made up field by field. */
const team = (comparison: string): object => ({
  custom_attribute: { custom_attribute_name: 'team', comparison, ...(comparison === 'exists' ? {} : { value: '58' }) },
});

export const AUDIENCES: readonly object[] = [
  { broadcast: true },
  { connected: { AND: [team('does_not_exist')] } },
  { connected: { OR: [team('does_not_exist'), team('exists')] } },
  { recipients: [{ external_user_id: 'fan-1' }, { braze_id: 'braze-fan-2' }] },
  { recipients: [{ email: 'fan-3@fans.example' }] },
  { recipients: [{ external_user_id: 'fan-4' }, { user_alias: { alias_name: 'nobody', alias_label: 'club' } }] },
];

/** Each path that one of them has, as the schema writes it. */
export function coveredPaths(root: string): ReadonlySet<string> {
  const paths = new Set<string>();
  const note = (value: unknown, path: string): void => {
    paths.add(path);
    if (Array.isArray(value)) for (const item of value) note(item, `${path}[]`);
    else if (typeof value === 'object' && value !== null) for (const [name, field] of Object.entries(value)) note(field, `${path}.${name}`);
  };
  for (const audience of AUDIENCES) note(audience, root);
  return paths;
}
