/** The scale bar and the line that says where the map comes from. */

/** @import { Store } from '../store.js' */
/** @import { TownMap } from '../map.js' */

import { drawn, element, fill } from '../elements.js';
import { metresPerPixel, scaleBar } from '../geo.js';
import { t } from '../words.js';

/** @param {TownMap} map */
export function scale(map) {
  const holder = element('div', { class: 'scale' });
  const show = () => {
    const { lat, zoom } = map.view();
    const { metres, pixels } = scaleBar(metresPerPixel(lat, zoom), 72);
    const path = drawn('path', { d: `M1 0V5H${pixels.toFixed(1)}V0` });
    const word =
      metres < 1000 ? t('%(n)s 米', { n: metres }) : t('%(n)s 公里', { n: metres / 1000 });
    fill(holder, drawn('svg', { width: pixels + 2, height: 7, 'aria-hidden': 'true' }, path), word);
  };
  map.on('move', show);
  show();
  return holder;
}

/** @param {Store} store */
export function origin(store) {
  const line = element('div', { class: 'origin' });
  const show = () => {
    const { city, layers } = store.all();
    const parts = [
      layers.raster ? t('天地图底图') : t('自有矢量底图'),
      'CGCS2000',
      city?.approval,
      city?.demo ? t('演示数据，非真实地名') : '',
    ];
    fill(line, parts.filter(Boolean).join(' · '));
  };
  store.on(['city', 'layers'], show);
  show();
  return line;
}
