/** Filing an incident: what follows from the place is filled in, not asked; nothing typed is lost. */

/** @import { Store } from '../store.js' */
/** @import { BootCity } from '../boot.js' */
/** @import { Feeds } from '../feeds.js' */

import { Failure, send } from '../api.js';
import { element, fill } from '../elements.js';
import { spell } from '../names.js';
import { t } from '../words.js';
import { alikeBox } from './alike.js';
import { reporterFields } from './contact.js';
import { head } from './rows.js';
import { pasteBox, replyBox, replyText, saidField } from './told.js';

const DRAFT = 'gridmap.incident-draft'; // in sessionStorage

/** @returns {Record<string, string>} */
function draft() {
  try {
    return JSON.parse(sessionStorage.getItem(DRAFT) ?? '{}');
  } catch {
    return {};
  }
}

/** @param {Record<string, string> | null} values null: forget it */
function keep(values) {
  try {
    if (values) sessionStorage.setItem(DRAFT, JSON.stringify(values));
    else sessionStorage.removeItem(DRAFT);
  } catch {
    // Storage is shut off: the form keeps what was typed as long as it is open.
  }
}

const NOWHERE = () => t('还没有地点：粘贴一句话，或在地图上长按要登记的地方。');

/** @param {unknown} error */
function complaint(error) {
  if (!(error instanceof Failure)) throw error;
  if (error.status === 0) return t('没有登记上：网络断了。填的内容还在，连上后再点一次。');
  return t('没有登记上：%(reason)s 填的内容还在。', {
    reason: error.message || t('服务器这边出错了。'),
  });
}

/**
 * @param {HTMLElement} root
 * @param {{store: Store, city: BootCity | undefined, feeds: Feeds, done: () => void}} with_
 * @param {{lng: number, lat: number} | null} place null: a pasted line will tell
 */
export function drawIncidentForm(root, { store, city, feeds, done }, place) {
  const typed = draft();
  let spot = place;
  /** @type {import('./told.js').Told | null} */
  let told = null;
  // One for each form, not for each try: a repeated try makes no second incident.
  const client = crypto.randomUUID();
  const categories = (city?.categories ?? []).map(({ code, name }) =>
    element('option', { value: code, selected: code === typed.category }, name),
  );
  const category = element(
    'select',
    { name: 'category', required: true },
    element('option', { value: '' }, t('请选一项')),
    ...categories,
  );
  const title = element('input', {
    name: 'title',
    required: true,
    maxlength: 120,
    value: typed.title ?? '',
    autocomplete: 'off',
  });
  const text = element('textarea', { name: 'text', maxlength: 4000 }, typed.text ?? '');
  const trouble = element('p', { class: 'trouble', role: 'alert', hidden: true });
  const where = element('p', { class: 'hint', role: 'status' }, t('正在看这里归哪个网格…'));
  const submit = element('button', { class: 'button primary' }, t('登记事件'));
  const reporter = reporterFields();
  const said = saidField();
  const alike = alikeBox(store, city?.slug);
  const paste = pasteBox(city?.slug, (heard) => {
    told = heard;
    said.show(heard.said_at);
    const [kind] = heard.kinds;
    if (kind) category.value = kind.code;
    title.value = heard.title;
    if (heard.place) {
      spot = heard.place;
      where.textContent = [heard.place.area, heard.place.title].filter(Boolean).join(' · ');
      store.act('fly', { lng: spot.lng, lat: spot.lat, zoom: 18 });
    }
    if (spot) alike.look(spot, category.value);
  });
  const form = element(
    'form',
    { class: 'form' },
    paste.root,
    said.root,
    where,
    element('label', {}, element('span', {}, t('类别')), category),
    alike.root,
    element('label', {}, element('span', {}, t('一句话')), title),
    element('label', {}, element('span', {}, t('说明（可以不填）')), text),
    reporter.root,
    trouble,
    element(
      'div',
      { class: 'row' },
      submit,
      element('button', { class: 'button', type: 'button', onclick: done }, t('先不登记')),
    ),
  );
  // What nobody typed: it was read from the pasted line, and left as it was.
  const derived = () =>
    told
      ? [
          ...(told.place ? ['place', 'address'] : []),
          ...(told.kinds[0]?.code === category.value ? ['category'] : []),
          ...(told.title === title.value.trim() ? ['title'] : []),
          ...(said.byHand() ? [] : ['said_at']),
        ]
      : [];
  form.addEventListener('input', () =>
    keep({ category: category.value, title: title.value, text: text.value }),
  );
  category.addEventListener('change', () => {
    if (spot) alike.look(spot, category.value);
  });
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (!spot) {
      trouble.textContent = NOWHERE();
      trouble.hidden = false;
      return;
    }
    submit.disabled = true;
    trouble.hidden = true;
    try {
      const made = await send('/api/incidents', {
        city: city?.slug,
        place: { type: 'Point', coordinates: [spot.lng, spot.lat] },
        category: category.value,
        title: title.value.trim(),
        text: text.value.trim() || (told?.text ?? ''),
        address: told?.place?.title ?? '',
        source: told ? 'wechat' : 'worker',
        client_id: client,
        derived: derived(),
        ...said.value(),
        ...reporter.value(),
      });
      keep(null);
      const onward = () => {
        done();
        store.set(
          {
            overlay: 'incidents',
            incident: made.id,
            cell: made.properties?.cell ?? null,
            building: null,
            panel: 'card',
          },
          { history: 'push' },
        );
      };
      if (told) {
        const kind = told.kinds.find(({ code }) => code === category.value);
        const reply = replyText(made.properties, told.place, kind);
        fill(
          root,
          head([made.properties.number], t('已登记'), onward),
          element('div', { class: 'body' }, replyBox(reply, onward)),
        );
        root.querySelector('textarea')?.focus();
      } else onward();
      store.act('toast', { text: t('已登记：%(title)s', { title: title.value.trim() }) });
    } catch (error) {
      trouble.textContent = complaint(error);
      trouble.hidden = false;
    } finally {
      submit.disabled = false;
    }
  });
  const name = city?.slug;
  const asked = place ? feeds.json('/feeds/where', { city: name, ...place }) : null;
  if (!asked) where.textContent = NOWHERE();
  asked?.then(
    (answer) => {
      if (spot !== place) return;
      const found = spell(answer);
      where.textContent = [found.community?.name, found.cell?.name, found.building?.name]
        .filter(Boolean)
        .join(' · ');
    },
    (error) => {
      where.textContent =
        error instanceof Failure && error.status === 404
          ? t('这里不在任何网格内。请在地图上换一个地方。')
          : t('没有查到归哪个网格，登记时由服务器来定。');
    },
  );
  fill(
    root,
    head([place ? t('地点：地图上点的地方') : t('地点：还没有选')], t('登记事件'), done),
    element('div', { class: 'body' }, form),
  );
  (place ? category : paste.box).focus();
}
