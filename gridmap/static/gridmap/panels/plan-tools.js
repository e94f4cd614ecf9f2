/** The draft toolbar, and the strip that says what the tool in hand will do now. */

/** @import { Tool } from '../plan-desk.js' */
/** @import { Work } from './plan-work.js' */

import { element, fill, icon } from '../elements.js';
import { SIZES, TOOLS } from '../plan-desk.js';
import { codeOf } from '../plan-words.js';
import { number, t } from '../words.js';

/** Key and icon of each tool. */
export const KEYS = /** @type {const} */ ({
  select: ['V', 'pointer'],
  brush: ['B', 'brush'],
  lasso: ['L', 'lasso'],
  side: ['S', 'side'],
  cut: ['C', 'cut'],
  merge: ['M', 'merge'],
  push: ['E', 'push'],
});

/** @param {Tool} tool */
export function toolWord(tool) {
  const words = {
    select: t('选择'),
    brush: t('刷块'),
    lasso: t('圈选'),
    side: t('沿街一侧'),
    cut: t('划线切分'),
    merge: t('合并'),
    push: t('挪边界'),
  };
  return words[tool];
}

/** @param {Tool} tool */
function doing(tool) {
  const words = {
    select: t('点一块选中，Shift 加选，Enter 移入选定网格'),
    brush: t('按住拖动连续刷，单击刷一块'),
    lasso: t('拖一圈，或一点一点点出一圈，Enter 完成'),
    side: t('点街边一块，划入这一侧到路口为止'),
    cut: t('从网格一侧画到另一侧；也可逐点单击，Enter 切开'),
    merge: t('先点留下的网格，再点并入的邻格'),
    push: t('按住边界往外拖；也可单击边界，再单击新位置'),
  };
  return words[tool];
}

const GIVES = new Set(['brush', 'lasso', 'side']);
const SIZED = new Set(['brush', 'push']);
const LEVELLED = new Set(['select', 'brush', 'lasso', 'push']);

/**
 * @param {HTMLElement} root
 * @param {Work} work
 * @param {{propose: () => void}} does
 */
export function mountTools(root, work, { propose }) {
  const { desk } = work;
  const buttons = new Map(
    TOOLS.map((tool) => {
      const [key, drawing] = KEYS[tool];
      const button = element(
        'button',
        {
          type: 'button',
          role: 'radio',
          'aria-keyshortcuts': key,
          onclick: () => desk.set({ tool }, { history: 'push' }),
        },
        icon(drawing),
        toolWord(tool),
        element('kbd', { 'aria-hidden': 'true' }, key),
      );
      return [tool, button];
    }),
  );
  const bar = element(
    'div',
    { class: 'float plan-tools' },
    element('div', { role: 'radiogroup', 'aria-label': t('工具') }, ...buttons.values()),
    element(
      'button',
      { type: 'button', onclick: propose, 'aria-keyshortcuts': 'G', id: 'propose' },
      icon('spark'),
      t('生成建议'),
      element('kbd', { 'aria-hidden': 'true' }, 'G'),
    ),
  );
  const strip = element('div', { class: 'float plan-strip' });
  root.append(bar, strip);
  const show = () => {
    const now = desk.get('tool');
    for (const [tool, button] of buttons) {
      button.setAttribute('aria-checked', String(tool === now));
      button.tabIndex = tool === now ? 0 : -1;
    }
    const ground = desk.get('tab') === 'ground';
    bar.hidden = ground;
    strip.hidden = ground;
    fill(strip, element('b', {}, toolWord(now)), ...target(work), ...options(work), hint(now));
  };
  bar.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    const at = TOOLS.indexOf(desk.get('tool'));
    if (!step || !(/** @type {Element} */ (event.target).matches('[role=radio]'))) return;
    event.preventDefault();
    const next = TOOLS[(at + step + TOOLS.length) % TOOLS.length];
    desk.set({ tool: next }, { history: 'push' });
    buttons.get(next)?.focus();
  });
  desk.on(['tool', 'cell', 'level', 'size', 'picked', 'edited', 'tab'], show);
  show();
}

/** @param {Tool} tool */
function hint(tool) {
  return element(
    'span',
    { class: 'doing' },
    doing(tool),
    GIVES.has(tool) && element('span', {}, ' · ', element('kbd', {}, 'Alt'), ' ', t('吸取网格')),
    GIVES.has(tool) &&
      element(
        'span',
        {},
        ' · ',
        element('kbd', {}, '1'),
        '–',
        element('kbd', {}, '9'),
        ' ',
        t('换网格'),
      ),
  );
}

/** What gets the ground. @param {Work} work */
function target({ desk, draft, shown, fabric }) {
  const tool = desk.get('tool');
  const no = desk.get('cell');
  const picked = desk.get('picked');
  if (tool === 'select' && picked.length) {
    const households = picked.reduce((sum, unit) => sum + fabric.households[unit], 0);
    return [t('已选 %(n)s 块，%(m)s 户', { n: picked.length, m: number(households) })];
  }
  if (!GIVES.has(tool)) return [];
  if (no === null) return [element('span', { class: 'bad' }, t('还没选网格'))];
  return [
    element(
      'span',
      { class: 'into' },
      element('i', { class: `swatch q${shown.fill(no)}` }),
      t('划入 %(code)s', { code: codeOf(draft.cells().get(no), no) }),
    ),
  ];
}

/** Level and size, where the tool has them. @param {Work} work */
function options({ desk }) {
  const tool = desk.get('tool');
  const choice = (
    /** @type {string} */ name,
    /** @type {[string, boolean, () => void, string][]} */ all,
  ) =>
    element(
      'span',
      { class: 'choices', role: 'group', 'aria-label': name },
      ...all.map(([word, on, act, label]) =>
        element(
          'button',
          { type: 'button', 'aria-pressed': String(on), 'aria-label': label, onclick: act },
          word,
        ),
      ),
    );
  const level = desk.get('level');
  return [
    LEVELLED.has(tool) &&
      choice(t('刷什么'), [
        [t('地块'), level === 'unit', () => desk.set({ level: 'unit' }), t('一块一块')],
        [t('街区'), level === 'block', () => desk.set({ level: 'block' }), t('整个街区')],
      ]),
    SIZED.has(tool) &&
      choice(
        t('笔的大小'),
        SIZES.map((size, i) => [
          ['·', '•', '●', '⬤'][i],
          desk.get('size') === size,
          () => desk.set({ size }),
          t('大小 %(n)s', { n: i + 1 }),
        ]),
      ),
  ];
}
