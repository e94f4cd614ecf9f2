/** Keys of the whole page, and the table of them under ?. */

/** @import { Store } from '../store.js' */

import { t } from '../words.js';
import { openKeys, singleKeys } from './keys-table.js';

/** @returns {[string[], string][]} keys and what they do */
function table() {
  return [
    [['/'], t('搜索')],
    [['1', '2', '3', '4'], t('换图层：事件、巡查覆盖、三长、党组织')],
    [['['], t('收起或打开图例')],
    [[']'], t('收起或打开右边的卡片')],
    [['↑', '↓'], t('在列表里上下走')],
    [['Enter'], t('打开选中的一行')],
    [['Esc'], t('退回一步')],
    [['Tab'], t('从最急的起，一处一处走过地图上的标记，Enter 打开（地图上）')],
    [['Shift', t('点')], t('多选网格，看合计')],
    [[t('右键')], t('登记、找谁、复制坐标、打印；手机上长按')],
    [['+', '−'], t('放大、缩小（地图上）')],
    [['←', '→', '↑', '↓'], t('移动地图（地图上）')],
    [['?'], t('打开这张表')],
  ];
}

/** @param {EventTarget | null} target */
function typing(target) {
  return (
    target instanceof HTMLElement && target.closest('input, select, textarea, dialog') !== null
  );
}

/**
 * One step back: the building, then the incident, then the cell, then the list.
 *
 * @param {Store} store
 * @returns {boolean} whether there was one
 */
export function stepBack(store) {
  for (const key of /** @type {const} */ (['building', 'incident', 'cell'])) {
    if (store.get(key) !== null) {
      store.set({ [key]: null }, { history: 'push' });
      return true;
    }
  }
  if (store.get('picked').length > 0) {
    store.set({ picked: [] }, { history: 'push' });
    return true;
  }
  if (store.get('panel') !== 'list') return false;
  store.set({ panel: 'card' }, { history: 'push' });
  return true;
}

/**
 * @param {Store} store
 * @param {() => void} foldPanel
 */
export function mountKeys(store, foldPanel) {
  store.does('keys', () =>
    openKeys(t('点一个网格看卡片；点图例里的一类只看这一类；每个数字都能打开它的清单。'), table()),
  );
  /** @type {Record<string, () => void>} */
  const single = {
    '/': () => document.getElementById('search')?.focus(),
    ']': foldPanel,
    '?': () => store.act('keys'),
  };
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event.target)) return;
    if (event.key === 'Escape') stepBack(store);
    else if (single[event.key] && singleKeys()) {
      event.preventDefault();
      single[event.key]();
    }
  });
}

/**
 * Arrow keys walk through the rows of a list.
 *
 * @param {HTMLElement} root
 */
export function walkRows(root) {
  root.addEventListener('keydown', (event) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    const rows = /** @type {HTMLElement[]} */ ([
      ...root.querySelectorAll('.item:is(button, a), .grid tbody button'),
    ]);
    const at = rows.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    if (at < 0) return;
    event.preventDefault();
    rows[at + (event.key === 'ArrowDown' ? 1 : -1)]?.focus();
  });
}
