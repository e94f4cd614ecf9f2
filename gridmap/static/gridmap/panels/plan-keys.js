/** Keys of the planner's page, and the table of them under ?. */

/** @import { Tool } from '../plan-desk.js' */
/** @import { Work } from './plan-work.js' */

import { TOOLS } from '../plan-desk.js';
import { t } from '../words.js';
import { openKeys, singleKeys } from './keys-table.js';
import { inOrder } from './plan-table.js';
import { KEYS, toolWord } from './plan-tools.js';
import { turn } from './plan-top.js';

/** @returns {[string[], string][]} */
function table() {
  return [
    ...TOOLS.map((tool) => /** @type {[string[], string]} */ ([[KEYS[tool][0]], toolWord(tool)])),
    [['G'], t('生成建议')],
    [['1', '9'], t('选网格：表里从上往下第几个')],
    [['Alt', t('点')], t('吸取指针下的网格')],
    [['Shift', t('点')], t('多选地块（选择工具）')],
    [['Enter'], t('完成线或圈；把选中的地块移入选定网格')],
    [['Esc'], t('退回一步')],
    [['Ctrl', 'Z'], t('撤销')],
    [['Ctrl', 'Shift', 'Z'], t('重做')],
    [['Space'], t('按住时拖动地图')],
    [['[', ']'], t('笔小一号、大一号')],
    [['X'], t('地块与街区之间切换')],
    [['+', '−'], t('放大、缩小')],
    [['?'], t('打开这张表')],
  ];
}

function help() {
  openKeys(
    t('每一步都存下，可以一直撤销到开头。不用鼠标时，在“地块”里选街区，再选网格移入。'),
    table(),
  );
}

/** @param {EventTarget | null} target */
function typing(target) {
  return (
    target instanceof HTMLElement &&
    target.closest('input:not([type=checkbox]), select, textarea, dialog') !== null
  );
}

/**
 * @param {Work} work
 * @param {{back: () => boolean, finish: () => boolean}} hand
 * @param {{propose: () => void, edit: boolean}} does
 */
export function mountPlanKeys(work, hand, { propose, edit }) {
  const { desk, map } = work;
  document.getElementById('help')?.addEventListener('click', help);
  /** @type {Record<string, () => void>} */
  const single = {
    '?': help,
    '+': () => map.zoomBy(1),
    '=': () => map.zoomBy(1),
    '-': () => map.zoomBy(-1),
  };
  if (edit) {
    for (const tool of TOOLS) single[KEYS[tool][0].toLowerCase()] = take(work, tool);
    Object.assign(single, editing(work, propose));
  }
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || typing(event.target)) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z' && edit) {
      event.preventDefault();
      void turn(work, event.shiftKey ? 'redo' : 'undo');
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const onButton =
      event.target instanceof HTMLElement && event.target.closest('button, a, input');
    if (event.key === 'Escape') back(work, hand);
    else if (event.key === 'Enter' && !onButton && edit) hand.finish();
    else if (event.key === ' ' && !onButton) {
      event.preventDefault();
      desk.set({ aside: true }, { history: null });
    } else if (single[event.key.toLowerCase()] && singleKeys()) {
      event.preventDefault();
      single[event.key.toLowerCase()]();
    }
  });
  document.addEventListener('keyup', (event) => {
    if (event.key === ' ') desk.set({ aside: false }, { history: null });
  });
  window.addEventListener('blur', () => desk.set({ aside: false }, { history: null }));
}

/**
 * @param {Work} work
 * @param {Tool} tool
 */
const take =
  ({ desk }, tool) =>
  () =>
    desk.set({ tool }, { history: 'push' });

/**
 * @param {Work} work
 * @param {() => void} propose
 * @returns {Record<string, () => void>}
 */
function editing(work, propose) {
  const { desk } = work;
  const sizes = [0, 16, 32, 56];
  const sized = (/** @type {number} */ step) => () => {
    const at = sizes.indexOf(desk.get('size')) + step;
    desk.set({ size: sizes[Math.min(Math.max(at, 0), sizes.length - 1)] });
  };
  /** @type {Record<string, () => void>} */
  const found = {
    g: propose,
    x: () => desk.set({ level: desk.get('level') === 'unit' ? 'block' : 'unit' }),
    '[': sized(-1),
    ']': sized(1),
  };
  for (let digit = 1; digit <= 9; digit += 1) {
    found[String(digit)] = () => {
      const no = inOrder(work)[digit - 1];
      if (no !== undefined) desk.set({ cell: no }, { history: 'push' });
    };
  }
  return found;
}

/**
 * One step back: what the tool is about, then the tool, then the cell.
 *
 * @param {Work} work
 * @param {{back: () => boolean}} hand
 */
function back({ desk }, hand) {
  if (hand.back()) return;
  if (desk.get('tab') === 'ground') {
    desk.set({ tab: 'cells' }, { history: 'push' });
    return;
  }
  if (desk.get('picked').length) desk.set({ picked: [] }, { history: 'push' });
  else if (desk.get('tool') !== 'select') desk.set({ tool: 'select' }, { history: 'push' });
  else if (desk.get('cell') !== null) desk.set({ cell: null }, { history: 'push' });
}
