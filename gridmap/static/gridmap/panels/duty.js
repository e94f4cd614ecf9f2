/** The card of a ruling, and of ground on which nobody has ruled. */

/** @import { Feature } from 'geojson' */
/** @import { Store } from '../store.js' */

import { element, fill } from '../elements.js';
import { day, t, tn } from '../words.js';
import { named } from './card.js';
import { head } from './rows.js';

/** Of many categories so many are named. */
const NAMED = 12;

/**
 * @param {[string, string | null | undefined][]} lines word and what it is
 */
function facts(lines) {
  const told = lines.flatMap(([word, value]) =>
    value ? [element('dt', {}, word), element('dd', {}, value)] : [],
  );
  return element('section', { class: 'section' }, element('dl', { class: 'facts' }, ...told));
}

/** @param {string} href */
function toDisputes(href) {
  return element(
    'p',
    { class: 'section' },
    element('a', { class: 'button', href }, t('联合会勘与确权')),
  );
}

/** @param {Store} store */
function disputes(store) {
  return `/disputes?city=${store.get('city')?.slug ?? ''}`;
}

/**
 * @param {HTMLElement} root
 * @param {Store} store
 * @param {Feature} feature
 */
export function drawRuling(root, store, feature) {
  const p = /** @type {Record<string, string>} */ (feature.properties);
  const category = named({ name: p.category_name, name_en: p.category_name_en });
  const department = named({ name: p.department_name, name_en: p.department_name_en });
  const close = () => store.set({ ruling: null }, { history: 'push' });
  fill(
    root,
    head(
      [t('确权')],
      t('%(category)s归%(department)s', {
        category,
        department,
      }),
      close,
    ),
    element(
      'div',
      { class: 'body' },
      facts([
        [t('类别'), category],
        [t('归谁'), department],
        [t('自'), day(p.since)],
        [t('至'), p.until && day(p.until)],
        [t('依据'), p.why],
      ]),
      element('p', { class: 'section quiet' }, t('这里的同类事件一立案就派给它，不再回退。')),
      toDisputes(disputes(store)),
    ),
  );
}

/**
 * @param {HTMLElement} root
 * @param {Store} store
 * @param {Feature} feature
 */
export function drawBorder(root, store, feature) {
  const p = /** @type {Record<string, any>} */ (feature.properties);
  const names = (/** @type {{name: string}[]} */ rows) => rows.map(({ name }) => name).join(' · ');
  const kinds = /** @type {string[]} */ (p.categories);
  const more = kinds.length > NAMED ? ` ${tn('等 %(n)s 类', kinds.length)}` : '';
  const close = () => store.set({ border: null }, { history: 'push' });
  fill(
    root,
    head([p.nobody ? t('没有部门负责') : t('责任边界，还没有确权')], names(p.communities), close),
    element(
      'div',
      { class: 'body' },
      facts([
        [t('类别'), kinds.slice(0, NAMED).join(' · ') + more],
        [t('可能归谁'), names(p.departments)],
      ]),
      element(
        'p',
        { class: 'section quiet' },
        p.nobody
          ? t('权责清单没有写明这些事归谁：由值班长指定，无主的由属地兜底。')
          : t('边界两边归的部门不同。这里的事件立案时会开联合会勘，定下来以后就按确权派。'),
      ),
      toDisputes(disputes(store)),
    ),
  );
}
