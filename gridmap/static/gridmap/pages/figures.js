/** The charts of the page of figures. What they draw stands in tables too; without them nothing is lost. */
import { chart, counts, course, shares } from '../charts.js';
import './printing.js';

const told = JSON.parse(document.querySelector('#charts')?.textContent ?? '{}');
const NARROW = matchMedia('(max-width: 719px)');
const LINE = 52; // pixels of a line where the chart stands alone
const HEAD = 28;

/** @param {string} id @returns {HTMLElement | null} */
const box = (id) => document.querySelector(`#${id}`);

/** Where the lines of the table are: the chart stands in its empty column, or alone on a phone. */
function place() {
  const holder = box('units-chart');
  const rows = [...document.querySelectorAll('#units tbody tr[data-unit]')];
  const column = document.querySelector('#units thead .drawn');
  const frame = holder?.parentElement;
  if (!holder || !frame || !column) return null;
  if (NARROW.matches) {
    Object.assign(holder.style, { left: '', top: '', width: '' });
    holder.style.height = `${HEAD + rows.length * LINE + 8}px`;
    const middles = rows.map((_, index) => index * LINE + 38);
    return { middles, head: HEAD, named: true, height: HEAD + rows.length * LINE };
  }
  const origin = frame.getBoundingClientRect();
  const head = column.getBoundingClientRect();
  const places = rows.map((row) => row.getBoundingClientRect());
  const end = places.at(-1)?.bottom ?? head.bottom;
  Object.assign(holder.style, {
    left: `${head.left - origin.left + frame.scrollLeft}px`,
    top: `${head.top - origin.top}px`,
    width: `${head.width}px`,
    height: `${end - head.top}px`,
  });
  return {
    middles: places.map((row) => row.top + row.height / 2 - head.bottom),
    head: head.height,
    named: false,
    height: end - head.top,
  };
}

/** @type {(() => void)[]} */
const drawings = [];
const lines = box('units-chart');
if (lines && told.units?.length) {
  document.querySelector('#units')?.classList.add('with-chart');
  const drawn = () => {
    const where = place() ?? { middles: [], head: 0, named: false, height: 0 };
    return shares({ units: told.units, mark: told.mark, words: told.words, ...where });
  };
  place();
  const shown = told.units.filter((/** @type {any} */ unit) => unit.percent !== null);
  const draw = chart(lines, drawn, (index) => {
    if (!NARROW.matches) location.assign(shown[index].href);
  });
  drawings.push(() => {
    place();
    draw();
  });
  const frame = lines.parentElement;
  if (frame) new ResizeObserver(() => place()).observe(frame);
}
const months = box('months-chart');
if (months) drawings.push(chart(months, () => course(told.months, told.words)));
const bars = box('bars-chart');
if (bars && told.bars.length) {
  bars.style.height = `${told.bars.length * 28}px`;
  const opened = (/** @type {number} */ index) => location.assign(told.bars[index].href);
  drawings.push(chart(bars, () => counts(told.bars), opened));
}

/** On paper everything is as wide as the sheet: the charts are drawn for it, and again afterwards. */
for (const [when, on] of /** @type {[string, boolean][]} */ ([
  ['beforeprint', true],
  ['afterprint', false],
])) {
  addEventListener(when, () => {
    document.documentElement.classList.toggle('on-paper', on);
    for (const draw of drawings) draw();
  });
}

for (const select of document.querySelectorAll('#look-up select')) {
  select.addEventListener('change', () => /** @type {any} */ (box('look-up'))?.requestSubmit());
}
