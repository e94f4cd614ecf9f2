/**
 * Drawing the ground of a ruling: every click on the map is a corner, or Enter where arrow keys have
 * moved the cross; the server makes metres of it.
 */

const form = /** @type {HTMLFormElement} */ (document.querySelector('#rule'));
const picture = /** @type {SVGSVGElement} */ (
  /** @type {unknown} */ (document.querySelector('#ground'))
);
const shape = /** @type {Element} */ (document.querySelector('#by-hand'));
const dots = /** @type {Element} */ (document.querySelector('#corners'));
const cross = /** @type {Element} */ (document.querySelector('#cross'));
const how = /** @type {HTMLElement} */ (document.querySelector('#how'));
const field = /** @type {HTMLInputElement} */ (form.elements.namedItem('drawn'));
const SVG = 'http://www.w3.org/2000/svg';
/** A corner nearer to the one before than this is the second half of a double click, units. */
const SAME = 6;
/** How far a key moves the cross; with Shift, to be exact. */
const [STEP, FINE] = [20, 4];
/** @type {Record<string, [number, number]>} */
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** @type {[number, number][]} */
let corners = field.value
  .split(' ')
  .filter(Boolean)
  .map((pair) => /** @type {[number, number]} */ (pair.split(',').map(Number)));

/** Where the cross stands: at first where the case is. */
const pin = /** @type {SVGGraphicsElement} */ (picture.querySelector('.pin')).transform.baseVal;
let here = { x: pin.getItem(0).matrix.e, y: pin.getItem(0).matrix.f };

/** Whether the ground is drawn by hand. */
function byHand() {
  return new FormData(form).get('ground') === 'drawn';
}

function show() {
  how.hidden = !byHand();
  picture.setAttribute('tabindex', byHand() ? '0' : '-1');
  cross.setAttribute('transform', `translate(${here.x} ${here.y})`);
  field.value = corners.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
  shape.setAttribute('points', field.value);
  dots.replaceChildren(
    ...corners.map(([x, y]) => {
      const dot = document.createElementNS(SVG, 'circle');
      for (const [name, value] of Object.entries({ cx: x, cy: y, r: 7 })) {
        dot.setAttribute(name, String(value));
      }
      return dot;
    }),
  );
}

function undo() {
  corners = corners.slice(0, -1);
  show();
}

/** @param {{x: number, y: number}} point */
function corner({ x, y }) {
  const last = corners.at(-1);
  if (last && Math.hypot(last[0] - x, last[1] - y) < SAME) return;
  corners = [...corners, [x, y]];
  show();
}

picture.addEventListener('click', (event) => {
  const turned = picture.getScreenCTM();
  if (!byHand() || !turned) return;
  corner(new DOMPoint(event.clientX, event.clientY).matrixTransform(turned.inverse()));
});
picture.addEventListener('keydown', (event) => {
  const way = WAYS[event.key];
  if (!byHand() || (!way && event.key !== 'Enter')) return;
  event.preventDefault();
  if (way) {
    const { width, height } = picture.viewBox.baseVal;
    const far = event.shiftKey ? FINE : STEP;
    const within = (/** @type {number} */ n, /** @type {number} */ most) =>
      Math.max(0, Math.min(most, n));
    here = { x: within(here.x + far * way[0], width), y: within(here.y + far * way[1], height) };
    show();
  } else {
    corner(here);
  }
});
document.querySelector('#back')?.addEventListener('click', undo);
form.addEventListener('change', show);
document.addEventListener('keydown', (event) => {
  const writing = event.target instanceof HTMLElement && event.target.matches('textarea');
  if (event.key !== 'Backspace' || writing || !byHand()) return;
  event.preventDefault();
  undo();
});
show();

export {}; // a module: its names are its own
