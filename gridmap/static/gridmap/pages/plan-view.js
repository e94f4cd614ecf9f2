/** The map of a change: moved and zoomed, searched for a mark, and pointed at for a comment. */

import { number, t } from '../words.js';

/** @typedef {{x: number, y: number, w: number, h: number}} Box a viewBox, in units of the picture */

const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STEP = 1.4; // of one zoom
const SLACK = 6; // pixels a click may move

const root = /** @type {HTMLElement | null} */ (document.getElementById('plan-map'));
if (root) mount(root);

/** @param {HTMLElement} map */
function mount(map) {
  const sheets = /** @type {SVGSVGElement[]} */ ([...map.querySelectorAll('.sheet-map')]);
  const whole = boxOf(sheets[0].getAttribute('viewBox') ?? '0 0 1 1');
  let seen = { ...whole };

  const draw = () => {
    for (const sheet of sheets) {
      sheet.setAttribute('viewBox', `${seen.x} ${seen.y} ${seen.w} ${seen.h}`);
      sheet.style.setProperty('--pixel', String(pixel(sheet, seen)));
      sheet.classList.add('live');
    }
    hatch(sheets[0], pixel(sheets[0], seen));
    measure(map, pixel(sheets[0], seen));
  };
  /** @param {Box} box */
  const look = (box) => {
    seen = kept(box, whole);
    draw();
  };
  /** @param {number} factor @param {{x: number, y: number}} [about] */
  const zoom = (factor, about = { x: seen.x + seen.w / 2, y: seen.y + seen.h / 2 }) =>
    look({
      x: about.x - (about.x - seen.x) * factor,
      y: about.y - (about.y - seen.y) * factor,
      w: seen.w * factor,
      h: seen.h * factor,
    });

  new ResizeObserver(draw).observe(sheets[0]);
  views(map, draw);
  buttons(map, zoom, () => look(whole));
  for (const sheet of sheets) {
    drag(
      sheet,
      () => seen,
      look,
      (place) => pick(map, sheets[0], place),
    );
    sheet.addEventListener(
      'wheel',
      (event) => {
        event.preventDefault();
        zoom(event.deltaY > 0 ? STEP : 1 / STEP, placeOf(sheet, event));
      },
      { passive: false },
    );
    sheet.setAttribute('tabindex', '0');
    sheet.addEventListener('keydown', (event) => {
      const way = KEYS[/** @type {keyof typeof KEYS} */ (event.key)];
      if (way)
        look({ ...seen, x: seen.x + (way[0] * seen.w) / 8, y: seen.y + (way[1] * seen.h) / 8 });
      else if (event.key === '+' || event.key === '=') zoom(1 / STEP);
      else if (event.key === '-') zoom(STEP);
      else if (event.key === '0') look(whole);
      else return;
      event.preventDefault();
    });
  }
  find(map, sheets[0], look);
  picking(map, sheets[0], () => seen);
}

/** @param {string} text @returns {Box} */
function boxOf(text) {
  const [x, y, w, h] = text.split(' ').map(Number);
  return { x, y, w, h };
}

/** A view no larger than all, and not so small that nothing is to be seen.
 *
 * @param {Box} box @param {Box} whole @returns {Box} */
function kept(box, whole) {
  const w = Math.min(Math.max(box.w, whole.w / 40), whole.w);
  const h = Math.min(Math.max(box.h, whole.h / 40), whole.h);
  const x = Math.min(Math.max(box.x + (box.w - w) / 2, whole.x - w / 2), whole.x + whole.w - w / 2);
  const y = Math.min(Math.max(box.y + (box.h - h) / 2, whole.y - h / 2), whole.y + whole.h - h / 2);
  return w === whole.w && h === whole.h ? whole : { x, y, w, h };
}

/** How many units of the picture one pixel shows.
 *
 * @param {SVGSVGElement} sheet @param {Box} box */
function pixel(sheet, box) {
  const { width, height } = sheet.getBoundingClientRect();
  return width && height ? Math.max(box.w / width, box.h / height) : box.w / 780;
}

/** @param {SVGSVGElement} sheet @param {number} unit */
function hatch(sheet, unit) {
  const pattern = sheet.querySelector('pattern');
  pattern?.setAttribute('width', String(8 * unit));
  pattern?.setAttribute('height', String(8 * unit));
}

/** The scale bar: a round number of metres, between 60 and 160 pixels long.
 *
 * @param {HTMLElement} map @param {number} unit */
function measure(map, unit) {
  const bar = /** @type {HTMLElement | null} */ (map.querySelector('.scale-bar'));
  if (!bar) return;
  const metre = Number(bar.dataset.length) / Number(bar.dataset.metres) / unit;
  const metres = [5, 10, 20, 50, 100, 200, 500, 1000, 2000].find((m) => m * metre >= 60) ?? 2000;
  const line = /** @type {HTMLElement} */ (bar.querySelector('span'));
  line.style.width = `${metres * metre}px`;
  line.textContent = t('%(n)s 米', { n: number(metres) });
}

/** @param {SVGSVGElement} sheet @param {MouseEvent} event */
function placeOf(sheet, event) {
  const matrix = sheet.getScreenCTM();
  const point = new DOMPoint(event.clientX, event.clientY);
  const { x, y } = matrix ? point.matrixTransform(matrix.inverse()) : point;
  return { x, y };
}

/** @param {HTMLElement} map @param {() => void} draw */
function views(map, draw) {
  const links = /** @type {HTMLElement[]} */ ([...map.querySelectorAll('.views a')]);
  for (const link of links) {
    link.addEventListener('click', (event) => {
      event.preventDefault();
      map.dataset.view = link.dataset.view ?? 'diff';
      for (const other of links) other.setAttribute('aria-checked', String(other === link));
      history.replaceState(null, '', /** @type {HTMLAnchorElement} */ (link).href);
      draw();
    });
  }
}

/** @param {HTMLElement} map @param {(factor: number) => void} zoom @param {() => void} all */
function buttons(map, zoom, all) {
  const deeds = { in: () => zoom(1 / STEP), out: () => zoom(STEP), all };
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (
    map.querySelectorAll('[data-zoom]')
  )) {
    const deed = deeds[/** @type {keyof typeof deeds} */ (button.dataset.zoom)];
    button.addEventListener('click', () => deed());
  }
}

/** @param {SVGSVGElement} sheet @param {() => Box} seen @param {(box: Box) => void} look
 *  @param {(place: {x: number, y: number}) => void} clicked */
function drag(sheet, seen, look, clicked) {
  /** @type {{at: {x: number, y: number}, from: {x: number, y: number}, moved: boolean} | null} */
  let held = null;
  sheet.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    held = {
      at: placeOf(sheet, event),
      from: { x: event.clientX, y: event.clientY },
      moved: false,
    };
  });
  sheet.addEventListener('pointermove', (event) => {
    if (!held) return;
    const far = Math.hypot(event.clientX - held.from.x, event.clientY - held.from.y) > SLACK;
    if (!held.moved && !far) return;
    if (!held.moved) sheet.setPointerCapture(event.pointerId);
    held.moved = true;
    sheet.classList.add('dragged');
    const now = placeOf(sheet, event);
    const box = seen();
    look({ ...box, x: box.x + held.at.x - now.x, y: box.y + held.at.y - now.y });
  });
  const drop = (/** @type {PointerEvent} */ event) => {
    if (held && !held.moved && event.type === 'pointerup') clicked(placeOf(sheet, event));
    held = null;
    sheet.classList.remove('dragged');
  };
  sheet.addEventListener('pointerup', drop);
  sheet.addEventListener('pointercancel', drop);
}

/** Rows find their blocks, and blocks their rows.
 *
 * @param {HTMLElement} map @param {SVGSVGElement} sheet @param {(box: Box) => void} look */
function find(map, sheet, look) {
  const signs = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-find]'));
  for (const button of signs) {
    button.addEventListener('click', () => {
      const mark = button.dataset.find ?? '';
      const found = [...sheet.querySelectorAll(`.patch[data-mark="${CSS.escape(mark)}"]`)];
      for (const other of document.querySelectorAll('.found')) other.classList.remove('found');
      button.closest('tr')?.classList.add('found');
      for (const patch of found) patch.classList.add('found');
      if (found[0]) look(around(/** @type {SVGGraphicsElement[]} */ (found)));
      if (map.dataset.view !== 'diff') {
        /** @type {HTMLElement | null} */ (map.querySelector('.views [data-view="diff"]'))?.click();
      }
    });
  }
  for (const mark of /** @type {NodeListOf<SVGElement>} */ (sheet.querySelectorAll('.mark'))) {
    mark.addEventListener('click', () => {
      const sign = CSS.escape(mark.dataset.mark ?? '');
      document.querySelector(`tr[data-mark="${sign}"]`)?.scrollIntoView({ block: 'nearest' });
      /** @type {HTMLElement | null} */ (document.querySelector(`[data-find="${sign}"]`))?.click();
    });
  }
  const pins = /** @type {NodeListOf<HTMLElement>} */ (
    document.querySelectorAll('[data-find-pin]')
  );
  for (const button of pins) {
    button.addEventListener('click', () => {
      const pin = /** @type {SVGGraphicsElement | undefined} */ (
        [...sheet.querySelectorAll('.pin')].find(
          (one) => one.querySelector('text')?.textContent === button.dataset.findPin,
        )
      );
      if (pin) look(around([pin]));
    });
  }
}

/** @param {SVGGraphicsElement[]} shapes @returns {Box} */
function around(shapes) {
  const boxes = shapes.map((shape) => {
    const { x, y, width, height } = shape.getBBox();
    const moved = shape.transform.baseVal.consolidate()?.matrix;
    return { x: x + (moved?.e ?? 0), y: y + (moved?.f ?? 0), width, height };
  });
  const west = Math.min(...boxes.map((box) => box.x));
  const north = Math.min(...boxes.map((box) => box.y));
  const east = Math.max(...boxes.map((box) => box.x + box.width));
  const south = Math.max(...boxes.map((box) => box.y + box.height));
  const air = Math.max(east - west, south - north, 900);
  return { x: west - air / 2, y: north - air / 2, w: east - west + air, h: south - north + air };
}

/** A comment is pinned to a place: by a click on the map, or to its middle by the keyboard.
 *
 * @param {HTMLElement} map @param {SVGSVGElement} sheet @param {() => Box} seen */
function picking(map, sheet, seen) {
  const button = document.querySelector('[data-pick]');
  button?.addEventListener('click', (event) => {
    const on = map.classList.toggle('picking');
    button.setAttribute('aria-pressed', String(on));
    say(on ? t('在图上点一处；用键盘时取图的正中') : '');
    // A click that comes from the keyboard has no place: the middle of the map is meant.
    if (on && /** @type {MouseEvent} */ (event).detail === 0) {
      const box = seen();
      pick(map, sheet, { x: box.x + box.w / 2, y: box.y + box.h / 2 });
    }
  });
}

/** @param {string} text */
function say(text) {
  const line = document.querySelector('[data-picked]');
  if (line) line.textContent = text;
}

/** @param {HTMLElement} map @param {SVGSVGElement} sheet @param {{x: number, y: number}} place */
function pick(map, sheet, place) {
  const form = /** @type {HTMLFormElement | null} */ (document.getElementById('say'));
  if (!form || !map.classList.contains('picking')) return;
  map.classList.remove('picking');
  document.querySelector('[data-pick]')?.setAttribute('aria-pressed', 'false');
  const sign = sheet.querySelector('.picked');
  sign?.removeAttribute('hidden');
  sign?.setAttribute('transform', `translate(${place.x} ${place.y})`);
  const field = (/** @type {string} */ name) =>
    /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
  field('x').value = String(Math.round(place.x));
  field('y').value = String(Math.round(place.y));
  say(t('已钉在图上'));
  field('text').focus();
}
