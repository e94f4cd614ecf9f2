/** Draws the map's signs, rings and hatches from the design tokens, twice as fine as the page. */

/** @import { Palette } from '../palette.js' */

import { LIGHTS } from '../classes.js';

/** Pixels of an image in one pixel of the page. */
export const RATIO = 2;

/** @typedef {{width: number, height: number, data: Uint8ClampedArray}} Image */
/** @typedef {CanvasRenderingContext2D} Pen */

/** Which of the four shapes stands for a kind of party unit, and whether it is hollow. */
/** @type {Record<string, {shape: 'square' | 'circle' | 'diamond' | 'house', hollow?: boolean}>} */
export const PARTY_SHAPES = {
  organ: { shape: 'square' },
  enterprise: { shape: 'circle' },
  chamber: { shape: 'diamond' },
  tower: { shape: 'house' },
  school: { shape: 'square', hollow: true },
  hospital: { shape: 'circle', hollow: true },
  society: { shape: 'diamond', hollow: true },
};

/**
 * The image of an id, or null when the id is not ours.
 *
 * Ids: `sign-<light>`, `ring-<late>-<soon>-<ok>-<parked>`, `party-<kind>`, `hatch`, `untold`, `moved`,
 * `loose`, `shut`, `pin`.
 *
 * @param {string} id
 * @param {Palette} palette
 * @returns {Image | null}
 */
export function draw(id, palette) {
  const [name, ...rest] = id.split('-');
  const makers = {
    sign: () => canvas(24, (pen) => light(pen, rest[0], palette)),
    ring: () => canvas(38, (pen) => ring(pen, rest.map(Number), palette)),
    party: () => canvas(24, (pen) => party(pen, rest[0], palette)),
    hatch: () => hatch(palette, '--c-acting-weak', '--c-acting'),
    untold: () => hatch(palette, '--m-block', '--line-2'),
    moved: () => hatch(palette, null, '--b-draft', 7),
    loose: () => hatch(palette, '--bad-weak', '--bad', 8),
    shut: () => dots(palette),
    pin: () => canvas(44, (pen) => pin(pen, palette)),
  };
  return makers[/** @type {keyof typeof makers} */ (name)]?.() ?? null;
}

/**
 * A square canvas whose origin is its middle.
 *
 * @param {number} size pixels of the page
 * @param {(pen: Pen) => void} paint
 * @returns {Image}
 */
function canvas(size, paint) {
  const made = document.createElement('canvas');
  made.width = made.height = size * RATIO;
  const pen = /** @type {Pen} */ (made.getContext('2d', { willReadFrequently: true }));
  pen.scale(RATIO, RATIO);
  pen.translate(size / 2, size / 2);
  pen.lineJoin = 'round';
  paint(pen);
  return pen.getImageData(0, 0, made.width, made.height);
}

/** @type {Record<string, (pen: Pen, r: number) => void>} */
const SHAPES = {
  circle: (pen, r) => pen.arc(0, 0, r, 0, 2 * Math.PI),
  diamond: (pen, r) => polygon(pen, [0, -r, r, 0, 0, r, -r, 0]),
  triangle: (pen, r) => polygon(pen, [0, -r, r, r * 0.75, -r, r * 0.75]),
  square: (pen, r) => pen.rect(-r, -r, 2 * r, 2 * r),
  house: (pen, r) => polygon(pen, [0, -r * 1.15, r, -r * 0.15, r, r, -r, r, -r, -r * 0.15]),
};

/**
 * @param {Pen} pen
 * @param {number[]} points x, y, x, y, …
 */
function polygon(pen, points) {
  for (let i = 0; i < points.length; i += 2) pen.lineTo(points[i], points[i + 1]);
  pen.closePath();
}

/**
 * @param {Pen} pen
 * @param {{shape: string, r: number, fill: string, edge: string, width: number}} look
 */
function stamp(pen, { shape, r, fill, edge, width }) {
  pen.beginPath();
  SHAPES[shape](pen, r);
  pen.fillStyle = fill;
  pen.fill();
  pen.strokeStyle = edge;
  pen.lineWidth = width;
  pen.stroke();
}

/**
 * ● in time, ◆ near its limit, ▲ over it, ○ parked.
 *
 * @param {Pen} pen
 * @param {string} which
 * @param {Palette} palette
 */
function light(pen, which, { color }) {
  const white = color('--surface');
  const ink = color('--ink');
  const looks = {
    ok: { shape: 'circle', r: 6.5, fill: color('--i-ok'), edge: white, width: 2 },
    soon: { shape: 'diamond', r: 8.3, fill: color('--i-soon'), edge: ink, width: 1.2 },
    late: { shape: 'triangle', r: 9.2, fill: color('--i-late'), edge: white, width: 2 },
    parked: { shape: 'circle', r: 5.5, fill: white, edge: color('--i-parked'), width: 2.6 },
  };
  stamp(pen, looks[/** @type {keyof typeof looks} */ (which)] ?? looks.ok);
}

/**
 * A count inside a ring that is split by light.
 *
 * @param {Pen} pen
 * @param {number[]} parts in the order of LIGHTS
 * @param {Palette} palette
 */
function ring(pen, parts, { color, bold }) {
  const count = parts.reduce((sum, n) => sum + n, 0);
  const r = 13.5;
  stamp(pen, {
    shape: 'circle',
    r: r + 2.6,
    fill: color('--surface'),
    edge: color('--surface'),
    width: 2,
  });
  pen.lineWidth = 4.2;
  let from = -Math.PI / 2;
  LIGHTS.forEach((which, i) => {
    const to = from + (2 * Math.PI * parts[i]) / Math.max(count, 1);
    pen.strokeStyle = color(`--i-${which}`);
    pen.beginPath();
    if (parts[i]) pen.arc(0, 0, r, from, to);
    pen.stroke();
    from = to;
  });
  pen.fillStyle = color('--ink');
  pen.font = `700 ${count > 99 ? 11 : 13}px ${bold.slice(1).join(',')}`;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillText(count > 999 ? '999+' : String(count), 0, 0.8);
}

/**
 * @param {Pen} pen
 * @param {string} kind
 * @param {Palette} palette
 */
function party(pen, kind, { color }) {
  const { shape, hollow } = PARTY_SHAPES[kind] ?? PARTY_SHAPES.organ;
  const hue = color('--p-unit');
  const white = color('--surface');
  const r = shape === 'square' || shape === 'house' ? 5.6 : shape === 'diamond' ? 7.8 : 6.4;
  if (hollow) {
    stamp(pen, { shape, r: r + 0.6, fill: white, edge: white, width: 3.4 });
    stamp(pen, { shape, r: r - 0.8, fill: white, edge: hue, width: 2.2 });
  } else stamp(pen, { shape, r, fill: hue, edge: white, width: 1.8 });
}

/**
 * A seamless hatch: for buildings whose chief is a substitute, for ground whose figure is not shown, for
 * ground that a draft moves.
 *
 * @param {Palette} palette
 * @param {string | null} ground token of what is between the lines; null: nothing
 * @param {string} line token of the lines
 * @param {number} [step] pixels
 */
function hatch({ color }, ground, line, step = 6) {
  const made = document.createElement('canvas');
  made.width = made.height = step * RATIO;
  const pen = /** @type {Pen} */ (made.getContext('2d', { willReadFrequently: true }));
  pen.scale(RATIO, RATIO);
  if (ground !== null) {
    pen.fillStyle = color(ground);
    pen.fillRect(0, 0, step, step);
  }
  pen.strokeStyle = color(line);
  pen.lineWidth = 1.5;
  pen.beginPath();
  for (const shift of [-step, 0, step]) {
    pen.moveTo(shift - 1, -1);
    pen.lineTo(shift + step + 1, step + 1);
  }
  pen.stroke();
  return pen.getImageData(0, 0, made.width, made.height);
}

/**
 * Quiet dots on ground that must stay as it is.
 *
 * @param {Palette} palette
 */
function dots({ color }) {
  return canvas(10, (pen) => {
    pen.fillStyle = color('--ink-3');
    pen.beginPath();
    pen.arc(0, 0, 1.2, 0, 2 * Math.PI);
    pen.fill();
  });
}

/**
 * The pin of a building that was chosen; its tip is the middle of the image.
 *
 * @param {Pen} pen
 * @param {Palette} palette
 */
function pin(pen, { color }) {
  pen.scale(0.62, 0.62);
  pen.fillStyle = color('--sel');
  pen.strokeStyle = color('--sel-halo');
  pen.lineWidth = 3;
  const shape = new Path2D('M0 0c-9-12-14-17-14-25a14 14 0 1 1 28 0c0 8-5 13-14 25z');
  pen.stroke(shape);
  pen.fill(shape);
  pen.beginPath();
  pen.arc(0, -25, 5, 0, 2 * Math.PI);
  pen.fillStyle = color('--sel-halo');
  pen.fill();
}
