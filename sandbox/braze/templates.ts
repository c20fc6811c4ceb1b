/** Message templates for campaigns of tests and demos. */

/** The fence of contracts 1.12, word for word, with the content read from the catalog item. */
export const FENCED_TEMPLATE = `{% catalog_items matchday {{api_trigger_properties.\${notification}}} %}
{% if items[0].token == blank or items[0].token != api_trigger_properties.\${token} %}{% abort_message('matchday: superseded') %}{% endif %}
{{ items[0].home }} v {{ items[0].away }}`;

/** A campaign that nobody fenced: whatever schedule fires, is told. */
export const UNFENCED_TEMPLATE = `{{api_trigger_properties.\${home}}} v {{api_trigger_properties.\${away}}}`;

/** The fence for a catalog of another name. */
export const fencedTemplate = (catalog: string): string => FENCED_TEMPLATE.replace('catalog_items matchday', `catalog_items ${catalog}`);
