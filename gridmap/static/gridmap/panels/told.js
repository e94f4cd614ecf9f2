/** A line pasted from a chat becomes a report: place, category and title are proposed, not typed. */

import { Failure, send } from '../api.js';
import { element, fill } from '../elements.js';
import { t } from '../words.js';
import { named } from './card.js';

const CALM = 350; // milliseconds after the last key before the line is read

/**
 * @typedef {{kind: string, id: number, title: string, lng: number, lat: number, area: string,
 *   door: number | null, chiefs: {office: string, name: string}[], may_report: boolean}} Place
 * @typedef {{code: string, name: string, name_en: string, department: string, department_en: string}} Kind
 * @typedef {{text: string, title: string, place: Place | null, kinds: Kind[],
 *   said_at: string | null}} Told
 */

/** @param {string} office */
function officeName(office) {
  const names = {
    building: t('楼长'),
    lane: t('巷长'),
    street: t('街长'),
    cell_worker: t('网格员'),
    cell_head: t('网格长'),
  };
  return names[/** @type {keyof typeof names} */ (office)] ?? '';
}

/** @param {Place} place */
export function chiefOf(place) {
  const [first] = place.chiefs;
  return first ? `${officeName(first.office)}${first.name}` : '';
}

/**
 * A box for a pasted line, with the places it may speak of beneath.
 *
 * @param {string | undefined} city
 * @param {(told: Told) => void} changed called whenever a line was read or a place chosen
 */
export function pasteBox(city, changed) {
  const box = element('textarea', {
    name: 'told',
    rows: 2,
    maxlength: 500,
    placeholder: t('例如：福清商会大厦边上有装修垃圾'),
  });
  const choices = element('div', { class: 'told' });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let calm;
  let asked = 0;

  const say = (/** @type {string} */ words) =>
    fill(choices, element('p', { class: 'hint' }, words));
  /** @param {Place[]} places @param {(place: Place) => void} choose */
  const offer = (places, choose) => {
    const options = places.map((place, index) =>
      element(
        'label',
        { class: 'choice' },
        element('input', {
          type: 'radio',
          name: 'told-place',
          checked: index === 0,
          disabled: !place.may_report,
          onchange: () => choose(place),
        }),
        element(
          'span',
          {},
          element('b', {}, place.title),
          element(
            'span',
            { class: 'under' },
            [place.area, place.may_report ? chiefOf(place) : t('不在您的范围')]
              .filter(Boolean)
              .join(' · '),
          ),
        ),
      ),
    );
    const legend = element('legend', {}, t('说的是哪里'));
    fill(choices, element('fieldset', { class: 'plain' }, legend, ...options));
  };

  const ask = async () => {
    const text = box.value.trim();
    asked += 1;
    const mine = asked;
    if (text.length < 4) {
      fill(choices);
      return;
    }
    try {
      const found = await send('/api/tell', { city, text });
      if (mine !== asked) return;
      const kinds = found.categories;
      const places = found.places.filter((/** @type {Place} */ one) => one.may_report);
      const others = found.places.filter((/** @type {Place} */ one) => !one.may_report);
      const choose = (/** @type {Place | null} */ place) =>
        changed({ text: found.text, title: found.title, place, kinds, said_at: found.said_at });
      if (found.places.length === 0) say(t('没有听出是哪里。请在地图上点一下，或写上楼名、巷名。'));
      else offer([...places, ...others], choose);
      choose(places[0] ?? null);
    } catch (error) {
      if (mine !== asked) return;
      const why = error instanceof Failure && error.message ? error.message : t('网络断了');
      say(t('没有读出来：%(reason)s', { reason: why }));
    }
  };
  box.addEventListener('input', () => {
    clearTimeout(calm);
    calm = setTimeout(ask, CALM);
  });
  const label = element(
    'label',
    {},
    element('span', {}, t('粘贴微信群里的一句话（可以不填）')),
    box,
  );
  return { root: element('div', {}, label, choices), box, text: () => box.value.trim() };
}

/**
 * When it was said in the chat: read from the head of the message, or typed; from it runs how long
 * somebody waited for the first answer.
 */
export function saidField() {
  const input = element('input', { type: 'datetime-local', name: 'said_at' });
  const root = element(
    'label',
    { hidden: true },
    element('span', {}, t('群里几点说的（可以不填）')),
    input,
  );
  let read = '';
  /** @param {string | null} moment null: the line has no head; what somebody typed stays */
  const show = (moment) => {
    root.hidden = false;
    const at = moment ? new Date(moment) : null;
    const local = at && new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
    const told = local ? local.toISOString().slice(0, 16) : '';
    if (told || input.value === read) input.value = told;
    read = told;
  };
  const value = () => (input.value ? { said_at: new Date(input.value).toISOString() } : {});
  return { root, show, value, byHand: () => input.value !== read };
}

/**
 * What can be pasted back into the chat.
 *
 * @param {{number: string}} made
 * @param {Place | null} place
 * @param {Kind | undefined} kind
 */
export function replyText(made, place, kind) {
  const who = place ? chiefOf(place) : '';
  const department = kind ? named({ name: kind.department, name_en: kind.department_en }) : '';
  return [
    t('收到，已登记，编号 %(number)s。', { number: made.number }),
    place && t('地点：%(place)s。', { place: place.title }),
    who && t('%(who)s 先去看一下。', { who }),
    department && t('按类别归%(department)s处理。', { department }),
  ]
    .filter(Boolean)
    .join('');
}

/**
 * The reply, ready to copy; shown after the report was made.
 *
 * @param {string} reply
 * @param {() => void} onward
 */
export function replyBox(reply, onward) {
  const box = element('textarea', { rows: 3, readonly: true, name: 'reply' }, reply);
  const state = element('p', { class: 'hint', role: 'status' });
  const copy = async () => {
    box.select();
    try {
      await navigator.clipboard.writeText(reply);
      state.textContent = t('已复制，回到群里粘贴即可。');
    } catch {
      state.textContent = t('浏览器不让复制：文字已选中，请按 Ctrl+C。');
    }
  };
  return element(
    'div',
    { class: 'form' },
    element('label', {}, element('span', {}, t('回复群里')), box),
    state,
    element(
      'div',
      { class: 'row' },
      element('button', { class: 'button primary', type: 'button', onclick: copy }, t('复制回复')),
      element('button', { class: 'button', type: 'button', onclick: onward }, t('看这件事')),
    ),
  );
}
