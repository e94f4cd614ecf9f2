/** Puts the beat's page together: map, list, badge, and what the buttons open. */

/** @import { Item, Queue } from './queue.js' */
/** @import { Replay } from './replay.js' */
/** @import { Beat, Place } from './state.js' */
/** @import { BeatMap } from './canvas.js' */

import { element, fill, icon, sign } from '../elements.js';
import { scaleBar } from '../geo.js';
import { readPalette } from '../palette.js';
import { stamp, t } from '../words.js';
import { mountBadge } from './badge.js';
import { openBeatMap } from './canvas.js';
import { openChecklist, openMore } from './more.js';
import { mountNext } from './next.js';
import { UNDO } from './queue.js';
import { openReport } from './report.js';
import { closeSheet, openSheet } from './sheet.js';
import { nextTheme, theme } from './theme.js';
import { locate, openCases, openHouse, openScan, openStretch, openWhere } from './where.js';
import { entranceName, stretchName } from './words.js';

const part = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

/**
 * @param {Beat} beat
 * @param {Queue} queue
 * @param {Replay} replay
 * @param {{boot: any, synced: () => Date | null, speak: (language: string) => void,
 *   leave: () => void, signOut: () => void}} doing what concerns the whole phone, not the page
 */
export async function mountPage(beat, queue, replay, doing) {
  const { boot, synced } = doing;
  /** @type {BeatMap | null} */
  let map = null;
  /** @type {((place: Place) => void) | null} */
  let picking = null;
  const toast = part('toast');
  queue.addEventListener('change', () => beat.changed());

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let fading;
  const say = (/** @type {string} */ text, /** @type {(() => void) | null} */ undo = null) => {
    clearTimeout(fading);
    const gone = () => fill(toast);
    const back = () => {
      gone();
      undo?.();
    };
    fill(
      toast,
      element('span', {}, text),
      undo && element('button', { class: 'button', type: 'button', onclick: back }, t('撤销')),
    );
    fading = setTimeout(gone, UNDO);
  };

  const walked = async (
    /** @type {'stretch' | 'entrance'} */ kind,
    /** @type {number} */ id,
    /** @type {'tap' | 'qr'} */ source = 'tap',
  ) => {
    const stretch = kind === 'stretch' && beat.data.stretches.find((one) => one.id === id);
    const door = kind === 'entrance' && beat.data.entrances.find((one) => one.id === id);
    const name = stretch ? stretchName(stretch) : door ? entranceName(beat, door) : '';
    const body = { [kind]: id, at: new Date().toISOString(), source, note: '' };
    try {
      const words = t('%(name)s 走过了', { name });
      const item = await queue.add('visit', body, { words, hold: UNDO });
      // The sheet goes when it is kept, not before: whoever shuts the page then loses nothing.
      closeSheet();
      say(t('记下了：%(name)s', { name }), () => queue.remove(item));
    } catch {
      closeSheet();
      say(t('没有存下：手机空间不够。腾出空间后再点一次。'));
      return;
    }
    replay.wake();
  };
  const pick = (/** @type {(place: Place) => void} */ then) => {
    closeSheet();
    picking = then;
    say(t('在地图上点一下地点'));
    map?.map.getCanvas().focus();
  };
  const report = (/** @type {Partial<Parameters<typeof openReport>[1]>} */ more = {}) =>
    openReport(beat, {
      pick,
      camera: matchMedia('(pointer: coarse)').matches,
      keep: async (body, photos, words) => {
        await queue.add('report', body, { words, photos });
        say(navigator.onLine ? t('收下了，正在传。') : t('收下了，存在手机里，连上后自动传。'));
        replay.wake();
      },
      ...more,
    });
  const change = (/** @type {Item} */ item) => {
    if (item.kind === 'visit') return changeVisit(item);
    return report({
      item,
      camera: false,
      keep: async (body, photos) => {
        await queue.attach(item, photos);
        await queue.again(item, body);
        replay.wake();
      },
    });
  };
  /** The place was wrong, or is none any more: another, or nothing. @param {Item} item */
  const changeVisit = (item) => {
    const names = beat.data.stretches.map((one) =>
      element(
        'option',
        { value: one.id, selected: one.id === item.body.stretch },
        `${stretchName(one)} ${one.start}–${one.end}`,
      ),
    );
    const select = element('select', {}, ...names);
    const note = element('input', { maxlength: 200, value: item.body.note });
    const save = async () => {
      const { at, source } = item.body;
      await queue.again(item, { stretch: Number(select.value), at, source, note: note.value });
      closeSheet();
      replay.wake();
    };
    openSheet(t('改这一条'), [
      element('label', {}, element('span', {}, t('走过的是')), select),
      element('label', {}, element('span', {}, t('备注（可不填）')), note),
      element(
        'button',
        { class: 'button wide primary', type: 'button', onclick: save },
        t('存好再传'),
      ),
    ]);
  };
  const scan = () => openScan(beat, { found: (house) => openHouse(beat, house, walked, 'qr') });
  const find = async () => {
    try {
      const { place, blur } = await locate();
      beat.stand(place, blur);
      map?.go(place);
      where();
    } catch {
      say(t('手机没有给出位置。可以点地图，或扫门牌。'));
    }
  };
  const where = () =>
    openWhere(beat, {
      scan,
      locate: find,
      toMap: () =>
        pick((place) => {
          beat.stand(place);
          where();
        }),
    });
  const cases = () =>
    openCases(beat, (place) => {
      closeSheet();
      map?.go(place, 17.5);
    });
  const look = (/** @type {number} */ id) => {
    openStretch(beat, id, walked);
    const stretch = beat.data.stretches.find((one) => one.id === id);
    if (stretch) map?.go(stretch.anchor);
  };

  const head = () => {
    const { cells, city } = beat.data;
    const [first] = cells;
    const name = cells.length === 1 ? first.name : (first?.teams[0] ?? first?.community ?? '');
    fill(
      part('title'),
      element('h1', {}, cells.length === 1 ? t('我的巡区 · %(name)s', { name }) : name),
      element(
        'p',
        {},
        element('span', { class: 'number' }, stamp(new Date())),
        city.demo && element('span', { class: 'demo' }, t('演示数据')),
      ),
    );
  };
  const paint = () => {
    if (!map) return;
    map.paint('stretches', beat.stretches());
    map.paint('entrances', beat.entrances());
    map.stand(beat.place, beat.blur);
    const stops = beat
      .route()
      .legs.slice(0, 3)
      .map(({ stretch }, i) => ({
        element: element('span', { class: 'stop' }, i + 1),
        place: halfWay(stretch.shape),
      }));
    const open = beat.data.incidents.map((one) => ({
      element: element('span', { class: 'case', title: one.title }, sign(one.light)),
      place: /** @type {Place} */ ([one.lng, one.lat]),
    }));
    map.mark([...open, ...stops]);
  };
  const draw = async () => {
    const view = map?.view() ?? null;
    map?.remove();
    map = null;
    try {
      map = await openBeatMap({
        container: part('map'),
        library: boot.library,
        data: beat.data,
        palette: readPalette(),
        view,
        tapped: (place, stretch, entrance) => {
          if (picking) {
            const then = picking;
            picking = null;
            fill(toast);
            return then(place);
          }
          const door = beat.data.entrances.find((one) => one.id === entrance);
          const house = beat.data.buildings.find((one) => one.id === door?.building);
          if (house) return openHouse(beat, house, walked, 'tap');
          if (stretch !== null) return openStretch(beat, stretch, walked);
          beat.stand(place);
          return where();
        },
      });
    } catch {
      fill(
        part('map'),
        element('p', { class: 'none' }, t('这台机器画不了地图，下面的列表都能用。')),
      );
      return;
    }
    const { map: view3 } = map;
    const scale = () => {
      const { metres, pixels } = scaleBar(map?.metresAPixel() ?? 1, 70);
      const bar = part('scale');
      bar.style.setProperty('--bar', `${pixels}px`);
      bar.textContent =
        metres >= 1000 ? t('%(n)s 公里', { n: metres / 1000 }) : t('%(n)s 米', { n: metres });
    };
    view3.on('move', scale);
    scale();
    if (view === null)
      map.show(
        beat
          .route()
          .legs.slice(0, 3)
          .flatMap(({ stretch }) => stretch.shape),
      );
    paint();
    part('map').dataset.ready = 'true';
  };

  part('beat').dataset.ready = 'true';
  const badge = mountBadge({
    root: part('badge'),
    queue,
    replay,
    synced,
    alarm: part('alarm'),
    change,
  });
  beat.addEventListener('change', () => {
    head();
    paint();
    badge.show();
  });
  head();
  mountNext({ root: part('next'), beat, walked, look });
  replay.addEventListener('ended', doing.leave);
  replay.addEventListener('sent', () => {
    badge.show();
  });

  const press = (/** @type {string} */ id, /** @type {() => void} */ act) =>
    part(id).addEventListener('click', act);
  press('report', () => report());
  press('scan', scan);
  press('locate', where);
  press('theme', () => {
    nextTheme();
    showTheme();
    draw();
  });
  press('more', () =>
    openMore(beat, {
      cases,
      where,
      checklist: () => openChecklist(beat, (category) => report({ category, camera: false })),
      map: boot.map,
      pack: beat.data.packs,
      speak: doing.speak,
      leave: doing.signOut,
    }),
  );
  const showTheme = () => {
    const { word, drawing } = theme();
    fill(part('theme'), icon(drawing), element('span', {}, word));
  };
  showTheme();
  await draw();
}

/** @param {Place[]} shape @returns {Place} half way along a line */
function halfWay(shape) {
  if (shape.length % 2) return shape[(shape.length - 1) / 2];
  const [a, b] = [shape[shape.length / 2 - 1], shape[shape.length / 2]];
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
}
