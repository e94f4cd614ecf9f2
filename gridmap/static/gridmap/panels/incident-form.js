/** Filing an incident: what follows from the place is filled in, not asked; nothing typed is lost. */

/** @import { Store } from '../store.js' */
/** @import { BootCity } from '../boot.js' */
/** @import { Feeds } from '../feeds.js' */

import { Failure, send, sendForm } from '../api.js';
import { element, fill } from '../elements.js';
import { spell } from '../names.js';
import { photoBox } from '../photo-box.js';
import { t } from '../words.js';
import { aheadBox } from './ahead.js';
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

const NOWHERE = () => t('还没有地点：粘贴一句话，或在地图上点要登记的地方。');

/** @param {unknown} error */
function complaint(error) {
  if (!(error instanceof Failure)) throw error;
  if (error.status === 0) return t('没有登记上：网络断了。填的内容还在，连上后再点一次。');
  return t('没有登记上：%(reason)s 填的内容还在。', {
    reason: error.message || t('服务器这边出错了。'),
  });
}

/**
 * Send the photos of a case that stands already; what does not arrive is told and costs nothing else.
 *
 * @param {number} id
 * @param {Blob[]} photos
 * @param {(n: number) => void} progress
 * @returns {Promise<string>} what went wrong, in words; empty: nothing
 */
async function sendPhotos(id, photos, progress) {
  let trouble = '';
  for (const [at, photo] of photos.entries()) {
    progress(at + 1);
    const form = new FormData();
    form.append('photo', photo, 'photo.jpg');
    try {
      await sendForm(`/api/incidents/${id}/photos`, form);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      trouble = error.message || t('网络断了');
    }
  }
  return trouble;
}

/** @param {BootCity | undefined} city @param {string | undefined} chosen */
function categoryField(city, chosen) {
  const options = (city?.categories ?? []).map(({ code, name }) =>
    element('option', { value: code, selected: code === chosen }, name),
  );
  return element(
    'select',
    { name: 'category', required: true },
    element('option', { value: '' }, t('请选一项')),
    ...options,
  );
}

/**
 * @param {HTMLElement} root
 * @param {{store: Store, city: BootCity | undefined, feeds: Feeds, done: () => void}} with_ done:
 *   called when the form is left
 */
export function drawIncidentForm(root, { store, city, feeds, done }) {
  const typed = draft();
  const spotNow = () => store.get('filing')?.spot ?? null;
  /** @type {import('./told.js').Told | null} */
  let told = null;
  /** @type {Blob[]} */
  const photos = [];
  // One for each form, not for each try: a repeated try makes no second incident.
  const client = crypto.randomUUID();
  const category = categoryField(city, typed.category);
  const title = element('input', {
    name: 'title',
    required: true,
    maxlength: 120,
    value: typed.title ?? '',
    autocomplete: 'off',
  });
  const text = element('textarea', { name: 'text', maxlength: 4000 }, typed.text ?? '');
  const trouble = element('p', { class: 'trouble', role: 'alert', hidden: true });
  const say = (/** @type {string} */ words) => {
    trouble.textContent = words;
    trouble.hidden = words === '';
  };
  const where = element('p', { class: 'hint', role: 'status' }, NOWHERE());
  const submit = element('button', { class: 'button primary' }, t('登记事件'));
  const reporter = reporterFields();
  const said = saidField();
  const alike = alikeBox(store, city?.slug);
  const ahead = aheadBox({
    categories: city?.categories ?? [],
    allowed: (may) => {
      submit.disabled = !may;
    },
  });
  const follow = () => {
    const spot = spotNow();
    if (!spot) return;
    alike.look(spot, category.value);
    ahead.look(spot, category.value);
  };
  const paste = pasteBox(city?.slug, (heard) => {
    told = heard;
    said.show(heard.said_at);
    const [kind] = heard.kinds;
    if (kind) category.value = kind.code;
    title.value = heard.title;
    if (heard.place) {
      const { lng, lat } = heard.place;
      store.set({ filing: { spot: { lng, lat } } }, { history: null });
      store.act('fly', { lng, lat, zoom: 18 });
    }
    follow();
  });
  const form = element(
    'form',
    { class: 'form' },
    paste.root,
    said.root,
    where,
    element('label', {}, element('span', {}, t('类别')), category),
    ahead.root,
    alike.root,
    element('label', {}, element('span', {}, t('一句话')), title),
    photoBox({ photos, camera: false, say }).root,
    element('label', {}, element('span', {}, t('说明（可以不填）')), text),
    reporter.root,
    trouble,
    element(
      'div',
      { class: 'row' },
      submit,
      element('button', { class: 'button', type: 'button', onclick: () => leave() }, t('先不登记')),
    ),
  );
  /** Whether the place is the one heard in the pasted line. */
  const heardHere = () => {
    const [spot, place] = [spotNow(), told?.place];
    return Boolean(spot && place && spot.lng === place.lng && spot.lat === place.lat);
  };
  // What nobody typed: it was read from the pasted line, and left as it was.
  const derived = () =>
    told
      ? [
          ...(heardHere() ? ['place', 'address'] : []),
          ...(told.kinds[0]?.code === category.value ? ['category'] : []),
          ...(told.title === title.value.trim() ? ['title'] : []),
          ...(said.byHand() ? [] : ['said_at']),
        ]
      : [];
  form.addEventListener('input', () =>
    keep({ category: category.value, title: title.value, text: text.value }),
  );
  category.addEventListener('change', follow);

  /** @param {any} made */
  const onward = (made) => {
    leave();
    const cell = made.properties?.cell ?? null;
    const shown = { incident: made.id, cell, building: null, panel: /** @type {const} */ ('card') };
    store.set({ overlay: 'incidents', ...shown }, { history: 'push' });
  };
  /** @param {any} made */
  const answered = (made) => {
    if (!told) return onward(made);
    const kind = told.kinds.find(({ code }) => code === category.value);
    const reply = replyText(made.properties, heardHere() ? told.place : null, kind);
    fill(
      root,
      head([made.properties.number], t('已登记'), () => onward(made)),
      element(
        'div',
        { class: 'body' },
        replyBox(reply, () => onward(made)),
      ),
    );
    return root.querySelector('textarea')?.focus();
  };
  const report = (/** @type {{lng: number, lat: number}} */ spot) =>
    send('/api/incidents', {
      city: city?.slug,
      place: { type: 'Point', coordinates: [spot.lng, spot.lat] },
      category: category.value,
      title: title.value.trim(),
      text: text.value.trim() || (told?.text ?? ''),
      ...(heardHere() ? { address: told?.place?.title } : {}),
      ...(told ? { source: 'wechat' } : {}),
      client_id: client,
      derived: derived(),
      ...said.value(),
      ...reporter.value(),
    });
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const spot = spotNow();
    if (!spot) return say(NOWHERE());
    submit.disabled = true;
    say('');
    try {
      const made = await report(spot);
      const failed = await sendPhotos(made.id, photos, (n) => {
        submit.textContent = t('正在传照片 %(n)s/%(all)s', { n, all: photos.length });
      });
      keep(null);
      answered(made);
      const filed = t('已登记：%(title)s', { title: title.value.trim() });
      const lost = t('照片没有传上：%(reason)s 可以在案件页再加。', { reason: failed });
      store.act('toast', { text: failed ? `${filed} ${lost}` : filed });
    } catch (error) {
      say(complaint(error));
    } finally {
      submit.disabled = false;
      submit.textContent = t('登记事件');
    }
    return undefined;
  });

  const chosen = element('span', {});
  /** Tell where it is, and what follows, whenever another place is chosen. */
  const settle = async () => {
    if (store.get('filing') === null) return stop();
    const spot = spotNow();
    const byLine = heardHere();
    chosen.textContent = spot ? t('地点：已选，点地图可以改') : t('地点：还没有选');
    if (!spot) return undefined;
    follow();
    where.textContent = t('正在看这里归哪个网格…');
    const words = await feeds.json('/feeds/where', { city: city?.slug, ...spot }).then(
      (answer) => {
        const found = spell(answer);
        const heard = byLine ? told?.place?.title : '';
        return [found.community?.name, found.cell?.name, heard].filter(Boolean).join(' · ');
      },
      (error) =>
        error instanceof Failure && error.status === 404
          ? t('这里不在任何网格内。请在地图上换一个地方。')
          : t('没有查到归哪个网格，登记时由服务器来定。'),
    );
    if (spotNow() === spot) where.textContent = words;
    return undefined;
  };
  const stop = store.on(['filing'], settle);
  const leave = () => {
    stop();
    done();
  };
  fill(root, head([chosen], t('登记事件'), leave), element('div', { class: 'body' }, form));
  settle();
  (spotNow() ? category : paste.box).focus();
}
