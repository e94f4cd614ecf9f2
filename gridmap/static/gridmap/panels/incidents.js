/** One incident in full, as the API tells it. */

/** @import { Store } from '../store.js' */
/** @import { IncidentRow } from './rows.js' */

import { read } from '../api.js';
import { element, fill, sign } from '../elements.js';
import { spell } from '../names.js';
import { UNSELECTED } from '../store.js';
import { asOf, distance, stamp, t, when } from '../words.js';
import { named } from './card.js';
import { contactSection } from './contact.js';
import { historyLink } from './history-link.js';
import { head, lightName } from './rows.js';
import { show } from './states.js';

/**
 * A feature of /api/incidents as a row.
 *
 * @param {any} feature
 * @returns {IncidentRow}
 */
export function fromFeature({ id, geometry, properties }) {
  const [lng, lat] = geometry.coordinates;
  const { title, light, due, address, cell } = properties;
  const category = named({ name: properties.category_name, name_en: properties.category_name_en });
  const department = named({
    name: properties.department_name ?? '',
    name_en: properties.department_name_en,
  });
  return { id, title, light, due, address, cell, lng, lat, category, department };
}

/** @param {string} state */
function stateName(state) {
  const names = {
    reported: t('信息收集'),
    filed: t('立案'),
    dispatched: t('派遣'),
    handling: t('处理'),
    answered: t('反馈'),
    inspecting: t('核查'),
    closed: t('结案'),
    void: t('作废'),
  };
  return names[/** @type {keyof typeof names} */ (state)] ?? state;
}

/** @param {string} source */
function sourceName(source) {
  const names = {
    resident: t('居民'),
    chief: t('三长'),
    worker: t('网格员'),
    patrol: t('巡查'),
    hotline: t('12345 热线'),
    wechat: t('微信群'),
    office: t('街道社区'),
    import: t('导入'),
  };
  return names[/** @type {keyof typeof names} */ (source)] ?? source;
}

/**
 * @param {HTMLElement} root
 * @param {Store} store
 * @param {any} feature
 */
function draw(root, store, feature) {
  const { properties: p } = feature;
  const row = fromFeature(feature);
  const due =
    p.due && `${when(p.due)}${p.light && p.light !== 'parked' ? ` · ${distance(p.due)}` : ''}`;
  const lines = [
    [t('编号'), p.number],
    [t('类别'), row.category],
    [t('部门'), row.department],
    [t('协办'), p.helping.map(named).join(t('、'))],
    [t('地点'), p.address],
    [t('网格'), store.get('cells').get(p.cell)?.name],
    [t('步骤'), p.state && stateName(p.state)],
    [t('来源'), p.source && sourceName(p.source)],
    [t('上报'), p.reported_at && stamp(p.reported_at)],
    [t('立案'), p.filed_at && stamp(p.filed_at)],
    [t('到期'), due],
    [t('结案'), p.closed_at && stamp(p.closed_at)],
    [t('说明'), p.text],
  ].filter(([, value]) => value);
  const list = lines.flatMap(([word, value]) => [
    element('dt', {}, word),
    element('dd', { class: 'number' }, value),
  ]);
  const close = () => store.set({ incident: null }, { history: 'push' });
  const light = p.light ? [sign(p.light), lightName(p.light)] : [t('已结束')];
  fill(
    root,
    head([...light], p.title, close),
    element(
      'div',
      { class: 'body' },
      element('section', { class: 'section' }, element('dl', { class: 'facts' }, ...list)),
      contactSection(feature.id),
      element(
        'p',
        { class: 'section' },
        element('a', { class: 'button', href: `/cases/${p.number}` }, t('打开案件')),
      ),
      historyLink('incident', feature.id),
    ),
  );
}

/**
 * @param {HTMLElement} root
 * @param {Store} store
 * @param {number} id
 */
export function drawIncident(root, store, id) {
  show(
    root,
    async (signal) => spell(await read(`/api/incidents/${id}`, { as_of: asOf() }, signal)),
    (feature) => draw(root, store, feature),
    () => store.set(UNSELECTED, { history: 'push' }),
  );
}
