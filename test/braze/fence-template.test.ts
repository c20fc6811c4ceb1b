// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how Braze spells its own properties
import { Liquid } from 'liquidjs';
import { describe, expect, it } from 'vitest';
import { campaignFence, fenceSnippet, messageFence, templateFence } from '../../src/braze/fence-template.ts';

const READ = '{% catalog_items matchday {{api_trigger_properties.${notification}}} %}';
const ABORT = "{% abort_message('x') %}";
const check = (condition: string) => `${READ}{% if ${condition} %}${ABORT}{% endif %}`;
const WHOLE = 'items[0].token == blank or items[0].token != api_trigger_properties.${token}';

type Row = readonly [string, string, 'True' | 'False' | 'Unknown'];

const ROWS: readonly Row[] = [
  ['the snippet', `${fenceSnippet('matchday')}\n{{ items[0].home }} v {{ items[0].away }}`, 'True'],
  ['the snippet below a greeting', `Hello!\n${fenceSnippet('matchday')}`, 'True'],
  [
    'the snippet without spaces',
    '{%catalog_items matchday {{api_trigger_properties.${notification}}}%}{%if items[0].token==blank or items[0].token!=api_trigger_properties.${token}%}{%abort_message("x")%}{%endif%}',
    'True',
  ],
  [
    'the snippet with whitespace control and line breaks',
    '{%- catalog_items   matchday\n {{ api_trigger_properties.${notification} }} -%}\n{%- if items[0].token == blank\n or items[0].token != api_trigger_properties.${token} -%}{%- abort_message() -%}{%- endif -%}',
    'True',
  ],
  ['a read with :rerender', fenceSnippet('matchday').replace('}}} %}', '}}} :rerender %}'), 'True'],
  [
    'braces within the tag, as Braze’s editor writes them',
    check('items[0].token == blank or items[0].token != {{api_trigger_properties.${token}}}'),
    'True',
  ],
  ['turned comparisons', check('blank == items[0].token or api_trigger_properties.${token} != items[0].token'), 'True'],
  ['items.first and brackets', check("items.first['token'] == nil or items[0].token != api_trigger_properties.${token}"), 'True'],
  ['a further reason to abort', check(`items[0].state == 'closed' or ${WHOLE}`), 'True'],
  [
    'two blocks',
    `${check('items[0].token == blank')}{% if items[0].token != api_trigger_properties.\${token} %}${ABORT}{% endif %}`,
    'True',
  ],
  [
    'an unless',
    `${READ}{% unless items[0].token != blank and items[0].token == api_trigger_properties.\${token} %}${ABORT}{% endunless %}`,
    'True',
  ],
  [
    'an else',
    `${READ}{% if items[0].token != blank and items[0].token == api_trigger_properties.\${token} %}Go!{% else %}${ABORT}{% endif %}`,
    'True',
  ],
  ['a content block behind the fence', `${fenceSnippet('matchday')}{{content_blocks.\${footer}}}`, 'True'],
  ['another catalog read behind the fence', `${fenceSnippet('matchday')}{% catalog_items clubs x %}`, 'True'],
  ['another catalog read before the fence', `{% catalog_items clubs x %}${fenceSnippet('matchday')}`, 'True'],

  ['an empty text', '', 'False'],
  ['plain text', '{{ items[0].home }} v {{ items[0].away }}', 'False'],
  ['another catalog', fenceSnippet('other'), 'False'],
  ['a catalog whose name begins the same', fenceSnippet('matchday-2'), 'False'],
  ['another item', fenceSnippet('matchday').replace('notification', 'match'), 'False'],
  [
    'the item in second place',
    `{% catalog_items matchday x {{api_trigger_properties.\${notification}}} %}${check(WHOLE).slice(READ.length)}`,
    'False',
  ],
  ['a read without an abort', `${READ} Go!`, 'False'],
  ['no check for a missing token', check('items[0].token != api_trigger_properties.${token}'), 'False'],
  [
    'the empty text for a missing token, which nil does not equal',
    check("items[0].token == '' or items[0].token != api_trigger_properties.${token}"),
    'False',
  ],
  ['no comparison of tokens', check('items[0].token == blank'), 'False'],
  ['the fence in a comment', `{% comment %}${fenceSnippet('matchday')}{% endcomment %}`, 'False'],
  ['the fence in a raw passage', `{% raw %}${fenceSnippet('matchday')}{% endraw %}`, 'False'],
  ['the abort in a comment', `${READ}{% if ${WHOLE} %}{% comment %}${ABORT}{% endcomment %}{% endif %}`, 'False'],
  ['an inline comment', fenceSnippet('matchday').replace('{% catalog_items', '{% # catalog_items'), 'False'],
  ['the fence under a condition', `{% if user.beta %}${fenceSnippet('matchday')}{% endif %}`, 'False'],
  ['another catalog read between', `${READ}{% catalog_items clubs x %}${check(WHOLE).slice(READ.length)}`, 'False'],

  ['a content block', '{{content_blocks.${fence}}} Go!', 'Unknown'],
  ['a content block between', `${READ}{{ content_blocks.\${x} }}${check(WHOLE).slice(READ.length)}`, 'Unknown'],
  [
    'an assign between',
    `${READ}{% assign t = items[0].token %}{% if t != api_trigger_properties.\${token} %}${ABORT}{% endif %}`,
    'Unknown',
  ],
  ['a capture of the name between', `${READ}{% capture items %}{% endcapture %}${check(WHOLE).slice(READ.length)}`, 'Unknown'],
  [
    'an assign under a condition between',
    `${READ}{% if user.x %}{% assign items = y %}{% endif %}${check(WHOLE).slice(READ.length)}`,
    'Unknown',
  ],
  ['and instead of or', check(WHOLE.replace(' or ', ' and ')), 'Unknown'],
  ['and mixed with or', check(`${WHOLE} and user.beta`), 'Unknown'],
  ['an abort under a second condition', `${READ}{% if ${WHOLE} %}{% if user.beta %}${ABORT}{% endif %}{% endif %}`, 'Unknown'],
  ['the abort where the tokens are equal', check('items[0].token == api_trigger_properties.${token}'), 'Unknown'],
  ['an elsif', `${READ}{% if user.vip %}{% elsif ${WHOLE} %}${ABORT}{% endif %}`, 'Unknown'],
  ['blocks that do not match', `${READ}{% if ${WHOLE} %}${ABORT}`, 'Unknown'],
  ['a condition of another kind', check('items[0].token contains api_trigger_properties.${token}'), 'Unknown'],
];

describe('a template', () => {
  it.each(ROWS)('with %s', (_, template, expected) => {
    const verdict = templateFence(template, 'matchday');
    expect(verdict.fenced, verdict.message).toBe(expected);
  });
});

describe('what the fence relies on in Liquid', () => {
  const aborts = async (token: string | undefined, own: string | undefined): Promise<boolean> => {
    const engine = new Liquid();
    const condition = WHOLE.replace('api_trigger_properties.${token}', 'own');
    return (
      (await engine.parseAndRender(`{% if ${condition} %}abort{% endif %}`, { items: token === undefined ? [] : [{ token }], own })) ===
      'abort'
    );
  };

  it('sends only for the open token', async () => {
    const cases = [
      ['t', 't'],
      ['t', 'u'],
      ['', 't'],
      ['', undefined],
      ['t', undefined],
      [undefined, undefined],
      [undefined, 't'],
      ['', ''],
    ] as const;
    const sent: (readonly [string | undefined, string | undefined])[] = [];
    for (const [token, own] of cases) if (!(await aborts(token, own))) sent.push([token, own]);
    expect(sent).toEqual([['t', 't']]);
  });
});

describe('a campaign', () => {
  const fenced = { label: 'ios_push A', fields: [fenceSnippet('matchday'), 'title'] };

  it('is fenced when every message is, in any of its texts', () => {
    expect(campaignFence([fenced, { label: 'email', fields: ['subject', fenceSnippet('matchday')] }], 'matchday').fenced).toBe('True');
  });

  it('is not when one variant is not, which the message names', () => {
    const verdict = campaignFence(
      [fenced, { label: 'android_push B', fields: ['Go!'] }, { label: 'email', fields: ['{{content_blocks.${x}}}'] }],
      'matchday',
    );
    expect(verdict).toMatchObject({ fenced: 'False', message: expect.stringContaining('android_push B') });
  });

  it('is not judged by a fence that stands half in the title and half in the text', () => {
    const [read = '', abort = ''] = fenceSnippet('matchday').split('\n');
    expect(messageFence([read, abort], 'matchday').fenced).toBe('False');
  });

  it('is unknown when Braze shows no message', () => {
    expect(campaignFence(undefined, 'matchday')).toMatchObject({ fenced: 'Unknown', message: expect.stringContaining('assumeFenced') });
  });
});
