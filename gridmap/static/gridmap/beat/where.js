/** Where am I, and what stands at a door: by the phone's location, by a tap, or by the sign's code. */

/** @import { Beat, Building, Place } from './state.js' */

import { element, icon } from '../elements.js';
import { language, t, tn } from '../words.js';
import { openSheet, wideButton } from './sheet.js';
import { entranceName, far, officeName, standing, stretchName, stretchPart } from './words.js';

/** @param {Beat} beat @param {Place} place */
function ladder(beat, place) {
  const { cell, building, ladder: rungs } = beat.at(place);
  const known = rungs.filter(({ office }) => office !== 'building' || building);
  return [
    element(
      'p',
      { class: 'here' },
      element('b', {}, cell ? `${cell.community} ${cell.name}` : t('不在您的巡区里')),
      building && element('span', {}, ` · ${t('%(address)s附近', { address: building.address })}`),
    ),
    cell &&
      element(
        'dl',
        { class: 'rungs' },
        ...known.flatMap(({ office, chief }) => [
          element('dt', {}, officeName(office)),
          element(
            'dd',
            {},
            chief ? chief.name : t('空缺'),
            chief?.standing === 'substitute' && element('span', { class: 'badge' }, t('代理')),
          ),
        ]),
        element('dt', {}, t('巡查队')),
        element('dd', {}, cell.teams.join('、') || t('还没有队伍')),
      ),
  ];
}

/** A page is no tracker: said where people would think it is one. */
export function noTracking() {
  return element(
    'p',
    { class: 'hint' },
    t('锁屏或切到别的应用后，网页收不到定位，记不了轨迹。走过的巷子请点“走过了”，或扫门牌。'),
  );
}

/**
 * @param {Beat} beat
 * @param {{toMap: () => void, scan: () => void, locate: () => void}} doing
 */
export function openWhere(beat, { toMap, scan, locate }) {
  const { place, blur } = beat;
  const how =
    blur === null ? t('您在地图上点的地方') : t('手机定位，误差约 %(n)s', { n: far(blur) });
  openSheet(t('我在哪里'), [
    ...(place
      ? [...ladder(beat, place), element('p', { class: 'small quiet' }, how)]
      : [element('p', {}, t('还不知道您在哪里。可以用手机定位，也可以不用：点地图，或扫门牌。'))]),
    wideButton(t('用手机定位'), locate, 'primary', 'locate'),
    wideButton(t('在地图上点'), toMap, '', 'map'),
    wideButton(t('扫门牌或输编码'), scan, '', 'qr'),
    noTracking(),
  ]);
}

/**
 * Ask the phone where it is; once, and only after a tap.
 *
 * @returns {Promise<{place: Place, blur: number}>}
 */
export function locate() {
  return new Promise((resolve, reject) => {
    if (!navigator.geolocation) return reject(new Error('none'));
    const options = { enableHighAccuracy: true, timeout: 12_000, maximumAge: 10_000 };
    return navigator.geolocation.getCurrentPosition(
      ({ coords }) =>
        resolve({ place: [coords.longitude, coords.latitude], blur: coords.accuracy }),
      reject,
      options,
    );
  });
}

const ALIKE = { O: '0', I: '1', L: '1' };

/**
 * The house a sign names: by its code, typed or out of the address in its QR code.
 *
 * @param {Beat} beat
 * @param {string} text
 * @returns {Building | null}
 */
export function houseOf(beat, text) {
  const last = text.trim().split(/[/?#]/).filter(Boolean).at(-1) ?? '';
  const plain = last.toUpperCase().replace(/[\s-]/g, '');
  const code =
    plain.slice(0, 1) + plain.slice(1).replace(/[OIL]/g, (c) => ALIKE[/** @type {'O'} */ (c)]);
  return beat.data.buildings.find((one) => one.sign === code) ?? null;
}

/**
 * @param {Beat} beat
 * @param {{found: (building: Building) => void}} doing
 */
export function openScan(beat, { found }) {
  let stop = () => {};
  const trouble = element('p', { class: 'why', role: 'alert', hidden: true });
  const take = (/** @type {string} */ text) => {
    const house = houseOf(beat, text);
    if (house) return found(house);
    trouble.hidden = false;
    trouble.textContent = t('“%(text)s”不是您巡区里的门牌编码。', { text: text.slice(0, 40) });
    return undefined;
  };
  const input = element('input', {
    name: 'code',
    autocomplete: 'off',
    autocapitalize: 'characters',
    placeholder: 'B0DE0D',
    maxlength: 200,
    required: true,
  });
  const form = element(
    'form',
    {
      class: 'row',
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        take(input.value);
      },
    },
    element('label', { class: 'grow' }, element('span', {}, t('门牌上的编码')), input),
    element('button', { class: 'button primary', type: 'submit' }, t('查')),
  );
  const video = element('video', { class: 'finder', playsinline: true, muted: true, hidden: true });
  openSheet(t('扫门牌'), [video, trouble, form], { onclose: () => stop() });
  if ('BarcodeDetector' in globalThis && navigator.mediaDevices) {
    watch(video, take).then(
      (end) => {
        stop = end;
        if (!video.isConnected) end();
      },
      () => {},
    );
  } else input.focus();
}

/**
 * @param {HTMLVideoElement} video
 * @param {(text: string) => void} take
 */
async function watch(video, take) {
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { facingMode: 'environment' },
  });
  const Detector = /** @type {any} */ (globalThis).BarcodeDetector;
  const detector = new Detector({ formats: ['qr_code'] });
  video.srcObject = stream;
  video.hidden = false;
  await video.play();
  const look = setInterval(async () => {
    const [seen] = await detector.detect(video).catch(() => []);
    if (seen) take(seen.rawValue);
  }, 300);
  return () => {
    clearInterval(look);
    for (const track of stream.getTracks()) track.stop();
  };
}

/**
 * What stands at a house: its entrances, and who answers.
 *
 * @param {Beat} beat
 * @param {Building} house
 * @param {(kind: 'entrance', id: number, source: 'qr' | 'tap') => void} walked
 * @param {'qr' | 'tap'} source
 */
export function openHouse(beat, house, walked, source) {
  const doors = beat.entrances().filter((one) => one.building === house.id);
  const [place] = doors.map(({ lng, lat }) => /** @type {Place} */ ([lng, lat]));
  openSheet(house.address, [
    ...doors.map((door) => {
      const { strong, rest, tone } = standing(door);
      return element(
        'div',
        { class: 'door' },
        element('div', {}, entranceName(beat, door)),
        element('div', {}, element('b', { class: tone }, strong), rest),
        wideButton(
          t('这个入口看过了'),
          () => walked('entrance', door.id, source),
          'primary',
          'check',
        ),
      );
    }),
    doors.length === 0 && element('p', {}, t('这栋楼没有登记入口。')),
    ...ladder(beat, place ?? house.shape[0][0][0]),
  ]);
}

/**
 * @param {Beat} beat
 * @param {number} id
 * @param {(kind: 'stretch', id: number) => void} walked
 */
export function openStretch(beat, id, walked) {
  const stretch = beat.stretches().find((one) => one.id === id);
  if (!stretch) return;
  const { strong, rest, tone } = standing(stretch);
  openSheet(stretchName(stretch), [
    element('p', {}, stretchPart(stretch)),
    element('p', {}, element('b', { class: tone }, strong), rest, ' · ', far(stretch.metres)),
    wideButton(t('走过了'), () => walked('stretch', id), 'primary', 'check'),
    ...ladder(beat, stretch.anchor),
  ]);
}

/** @param {Beat} beat @param {(place: Place) => void} show */
export function openCases(beat, show) {
  const cases = beat.data.incidents;
  openSheet(t('巡区里的未结事件'), [
    cases.length === 0 && element('p', {}, t('巡区里没有未结的事件。')),
    cases.length > 0 &&
      element(
        'ul',
        { class: 'cases' },
        ...cases.map((one) =>
          element(
            'li',
            {},
            element(
              'button',
              { class: 'about', type: 'button', onclick: () => show([one.lng, one.lat]) },
              element('b', {}, one.title),
              element(
                'span',
                { class: 'small' },
                [
                  one.address,
                  language() === 'en' && one.category_en ? one.category_en : one.category,
                ]
                  .filter(Boolean)
                  .join(' · '),
              ),
            ),
          ),
        ),
      ),
    element('p', { class: 'small quiet' }, tn('共 %(n)s 件，不含上报人的信息。', cases.length)),
  ]);
}

export { icon };
