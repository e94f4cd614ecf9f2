/** Little pieces of the map for the legend: lines, houses and the shapes of party units. */

import { drawn } from '../elements.js';

/** @param {string} look classes of the style sheet */
export function lineSample(look) {
  const line = (/** @type {string} */ name) => drawn('path', { class: name, d: 'M3 6H27' });
  return drawn(
    'svg',
    { class: `line-sample ${look}`, width: 30, height: 12, 'aria-hidden': 'true' },
    line('edge'),
    line('ink'),
  );
}

/** @param {number} fresh class of an entrance */
export function doorSample(fresh) {
  const radius = fresh === 5 ? 3.4 : fresh === 6 ? 2.6 : 4;
  return drawn(
    'svg',
    { class: `door-sample f${fresh}`, width: 12, height: 12, 'aria-hidden': 'true' },
    drawn('circle', { cx: 6, cy: 6, r: radius }),
  );
}

/** @param {number} standing 0 filled, 1 substitute, 2 expiring, 3 vacant */
export function buildingSample(standing) {
  const size = { x: 2, y: 2, width: 26, height: 12 };
  const strokes = [-4, 2, 8, 14, 20, 26].map((x) => `M${x} 14L${x + 12} 2`).join('');
  const holder = drawn(
    'svg',
    { class: `house-sample k${standing}`, width: 30, height: 16, 'aria-hidden': 'true' },
    drawn('rect', size),
  );
  if (standing === 1) {
    const inner = drawn('svg', size, drawn('path', { d: strokes, transform: 'translate(-2 -2)' }));
    holder.append(inner);
  }
  return holder;
}

/** @param {string} kind of a party unit */
export function partySample(kind) {
  const shapes = {
    organ: 'M-5.4-5.4H5.4V5.4H-5.4z',
    enterprise: 'M0-6.2a6.2 6.2 0 1 0 .1 0z',
    chamber: 'M0-7.4 7.4 0 0 7.4-7.4 0z',
    tower: 'M0-6.6 5.6-.9V5.6H-5.6V-.9z',
    school: 'M-4.6-4.6H4.6V4.6H-4.6z',
    hospital: 'M0-5.2a5.2 5.2 0 1 0 .1 0z',
    society: 'M0-6.4 6.4 0 0 6.4-6.4 0z',
  };
  const d = shapes[/** @type {keyof typeof shapes} */ (kind)] ?? shapes.organ;
  const hollow = ['school', 'hospital', 'society'].includes(kind);
  return drawn(
    'svg',
    {
      class: hollow ? 'party-sample hollow' : 'party-sample',
      viewBox: '-9 -9 18 18',
      width: 18,
      height: 18,
      'aria-hidden': 'true',
    },
    drawn('path', { d }),
  );
}
