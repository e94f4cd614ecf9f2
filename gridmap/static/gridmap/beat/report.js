/** Report something: photo, kind, sent. Where it is and what follows from that is filled in. */

/** @import { Beat, Place } from './state.js' */
/** @import { Item } from './queue.js' */

import { element, fill, icon } from '../elements.js';
import { photoBox } from '../photo-box.js';
import { language, t } from '../words.js';
import { closeSheet, openSheet } from './sheet.js';

/**
 * @param {Beat} beat
 * @param {{
 *   keep: (body: Record<string, any>, photos: Blob[], words: string) => Promise<unknown>,
 *   pick: (then: (place: Place) => void) => void,
 *   camera: boolean, item?: Item | null, category?: string | null, photos?: Blob[],
 * }} doing keep: into the queue; pick: let the bearer tap a place on the map; item: one that came
 *   back and is changed
 */
export function openReport(beat, doing) {
  const before = doing.item?.body ?? {};
  const moved = Boolean(before.derived) && !before.derived.includes('place'); // by hand, on the map
  const chosen = {
    category: before.category ?? doing.category ?? null,
    place: before.place?.coordinates ?? beat.place ?? middle(beat),
    /** @type {Blob[]} */
    photos: doing.photos ?? [],
  };
  const trouble = element('p', { class: 'why', role: 'alert', hidden: true });
  const say = (/** @type {string} */ text) => {
    trouble.hidden = text === '';
    trouble.textContent = text;
  };
  const pictures = photoBox({ photos: chosen.photos, camera: true, say });
  const kinds = element(
    'div',
    { class: 'kinds', role: 'radiogroup', 'aria-label': t('是什么事') },
    ...beat.data.categories.map((one) =>
      element(
        'label',
        { class: 'kind' },
        element('input', {
          type: 'radio',
          name: 'category',
          value: one.code,
          checked: one.code === chosen.category,
          onchange: () => {
            chosen.category = one.code;
            say('');
          },
        }),
        element('span', {}, nameOf(one)),
      ),
    ),
  );
  const text = element('textarea', { rows: 2, maxlength: 4000, name: 'text' });
  text.value = before.text ?? '';
  const where = element('p', { class: 'small' });
  const showWhere = () => {
    const { cell, building, stretch } = beat.at(chosen.place);
    const near = building?.address ?? stretch?.name ?? '';
    fill(
      where,
      icon('locate', 'small'),
      ' ',
      near ? t('%(address)s附近', { address: near }) : t('地图上的一点'),
      cell ? ` · ${cell.name}` : ` · ${t('不在您的巡区里')}`,
      ' ',
      element(
        'button',
        {
          class: 'link',
          type: 'button',
          onclick: () => {
            const draft = { ...body(), category: chosen.category };
            closeSheet();
            doing.pick((place) => {
              const again = {
                ...draft,
                place: { type: 'Point', coordinates: place },
                derived: ['title', 'address'],
              };
              openReport(beat, {
                ...doing,
                camera: false,
                photos: chosen.photos,
                item: /** @type {any} */ ({ ...doing.item, body: again }),
              });
            });
          },
        },
        t('改地点'),
      ),
    );
  };
  const body = () => {
    const kind = beat.data.categories.find((one) => one.code === chosen.category);
    const { building, stretch } = beat.at(chosen.place);
    const near = building?.address ?? stretch?.name ?? '';
    return {
      city: beat.data.city.slug,
      place: {
        type: 'Point',
        coordinates: chosen.place.map((/** @type {number} */ d) => Number(d.toFixed(7))),
      },
      title: (text.value.trim().split('\n')[0] || kind?.name || '').slice(0, 40),
      category: chosen.category,
      source: 'patrol',
      text: text.value.trim(),
      address: near.slice(0, 120),
      derived: ['title', 'address', ...(moved ? [] : ['place'])],
    };
  };
  const send = async () => {
    if (chosen.category === null) {
      say(t('请先点是什么事。'));
      return;
    }
    const kind = beat.data.categories.find((one) => one.code === chosen.category);
    const told = body();
    const words = t('%(kind)s · %(place)s', {
      kind: kind ? nameOf(kind) : '',
      place: told.address || t('地图上的一点'),
    });
    try {
      await doing.keep(told, chosen.photos, words);
      closeSheet();
    } catch {
      say(t('没有存下：手机空间不够。腾出空间后再点一次。'));
    }
  };
  openSheet(doing.item?.id ? t('改这件事') : t('报事件'), [
    pictures.root,
    kinds,
    where,
    element('label', {}, element('span', {}, t('补充几句（可不填）')), text),
    trouble,
    element(
      'button',
      { class: 'button wide primary', type: 'button', onclick: send },
      icon('flag'),
      t('报上去'),
    ),
    element(
      'p',
      { class: 'small quiet' },
      t('没有网也能报：先存在手机里，连上后自动传。请不要拍到人脸和证件。'),
    ),
  ]);
  showWhere();
  if (doing.camera) pictures.ask();
}

/** @param {{name: string, name_en: string}} category */
function nameOf({ name, name_en: english }) {
  return language() === 'en' && english ? english : name;
}

/** @param {Beat} beat @returns {Place} */
function middle(beat) {
  const next = beat.route().legs[0]?.stretch.id;
  const stretch = beat.data.stretches.find((one) => one.id === next) ?? beat.data.stretches[0];
  if (stretch) return stretch.anchor;
  const [west, south, east, north] = beat.data.bbox;
  return [(west + east) / 2, (south + north) / 2];
}
