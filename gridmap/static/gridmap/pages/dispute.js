/** Drawing the ground of a ruling: every click on the map is a corner; the server makes metres of it. */

const form = /** @type {HTMLFormElement} */ (document.querySelector('#rule'));
const picture = /** @type {SVGSVGElement} */ (
  /** @type {unknown} */ (document.querySelector('#ground'))
);
const shape = /** @type {Element} */ (document.querySelector('#by-hand'));
const dots = /** @type {Element} */ (document.querySelector('#corners'));
const how = /** @type {HTMLElement} */ (document.querySelector('#how'));
const field = /** @type {HTMLInputElement} */ (form.elements.namedItem('drawn'));
const SVG = 'http://www.w3.org/2000/svg';
/** A corner nearer to the one before than this is the second half of a double click, units. */
const SAME = 6;

/** @type {[number, number][]} */
let corners = field.value
  .split(' ')
  .filter(Boolean)
  .map((pair) => /** @type {[number, number]} */ (pair.split(',').map(Number)));

/** Whether the ground is drawn by hand. */
function byHand() {
  return new FormData(form).get('ground') === 'drawn';
}

function show() {
  how.hidden = !byHand();
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

picture.addEventListener('click', (event) => {
  const turned = picture.getScreenCTM();
  if (!byHand() || !turned) return;
  const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(turned.inverse());
  const last = corners.at(-1);
  if (last && Math.hypot(last[0] - x, last[1] - y) < SAME) return;
  corners = [...corners, [x, y]];
  show();
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
