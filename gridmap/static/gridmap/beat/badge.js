/** The badge in the head: what is on the server and what is not. Never a message that goes away. */

/** @import { Item, Queue } from './queue.js' */
/** @import { Replay } from './replay.js' */

import { element, fill, icon } from '../elements.js';
import { stamp, t, tn, when } from '../words.js';
import { closeSheet, openSheet } from './sheet.js';

/**
 * @param {{root: HTMLElement, queue: Queue, replay: Replay, synced: () => Date | null,
 *   alarm: HTMLElement, change: (item: Item) => void}} parts alarm: where a failure is told aloud
 */
export function mountBadge({ root, queue, replay, synced, alarm, change }) {
  /** @type {{show: (children: any[]) => void} | null} */
  let open = null;
  const show = () => {
    const state = stateOf(queue, replay, synced());
    root.dataset.state = state.kind;
    fill(root, icon(state.icon), element('span', {}, ...state.lines));
    open?.show(list(queue, replay, change));
    tellAloud(alarm, queue, replay);
  };
  queue.addEventListener('change', show);
  for (const name of ['sent', 'stuck', 'refused', 'ended']) replay.addEventListener(name, show);
  for (const name of ['online', 'offline']) globalThis.addEventListener(name, show);
  root.addEventListener('click', () => {
    open = openSheet(t('传输'), list(queue, replay, change), {
      onclose: () => {
        open = null;
      },
    });
  });
  show();
  return { show };
}

/**
 * @param {Queue} queue
 * @param {Replay} replay
 * @param {Date | null} synced
 */
function stateOf(queue, replay, synced) {
  const two = (/** @type {string} */ a, /** @type {string} */ b) => [
    element('b', {}, a),
    element('b', {}, b),
  ];
  if (queue.refused > 0) {
    return {
      kind: 'bad',
      icon: 'alert',
      lines: two(tn('%(n)s 条', queue.refused), t('没传上')),
    };
  }
  if (!navigator.onLine || replay.failures > 0) {
    const n = queue.waiting;
    const word = navigator.onLine ? t('连不上') : t('离线');
    return { kind: 'off', icon: 'offline', lines: two(word, tn('%(n)s 条待传', n)) };
  }
  if (queue.waiting > 0) {
    return { kind: 'busy', icon: 'clock', lines: two(t('正在传'), tn('%(n)s 条', queue.waiting)) };
  }
  const time = synced ? stamp(synced).slice(11) : '—';
  return { kind: 'ok', icon: 'check', lines: two(t('已同步'), time) };
}

/**
 * What could not be sent although there is a network is said where it cannot be overlooked.
 *
 * @param {HTMLElement} alarm
 * @param {Queue} queue
 * @param {Replay} replay
 */
function tellAloud(alarm, queue, replay) {
  const loud = [];
  if (queue.refused > 0) loud.push(tn('有 %(n)s 条没传上，点右上角看原因。', queue.refused));
  else if (navigator.onLine && replay.failures > 2 && queue.waiting > 0) {
    loud.push(tn('有网，但连不上服务器。%(n)s 条存在手机里，会接着传。', queue.waiting));
  }
  alarm.hidden = loud.length === 0;
  if (alarm.textContent !== loud.join('')) alarm.textContent = loud.join('');
}

/**
 * @param {Queue} queue
 * @param {Replay} replay
 * @param {(item: Item) => void} change
 */
function list(queue, replay, change) {
  if (queue.items.length === 0) return [element('p', {}, t('都传上去了。'))];
  const again = async () => {
    for (const item of queue.items.filter((one) => one.refused)) await queue.again(item);
    replay.wake();
  };
  const sorted = [...queue.items].sort((a, b) => Number(!!b.refused) - Number(!!a.refused));
  return [
    element(
      'p',
      { class: 'small quiet' },
      t('没有网也能接着做。连上后自动传，先做的先传；同一条只会记一次。'),
    ),
    element('ul', { class: 'waiting' }, ...sorted.map((item) => row(item, queue, replay, change))),
    element(
      'button',
      { class: 'button wide', type: 'button', onclick: again },
      icon('sync'),
      t('现在就传'),
    ),
  ];
}

/**
 * @param {Item} item
 * @param {Queue} queue
 * @param {Replay} replay
 * @param {(item: Item) => void} change
 */
function row(item, queue, replay, change) {
  const act = (/** @type {string} */ word, /** @type {() => void} */ onclick) =>
    element('button', { class: 'button', type: 'button', onclick }, word);
  const retry = async () => {
    await queue.again(item);
    replay.wake();
  };
  const edit = () => {
    closeSheet();
    change(item);
  };
  const photos = item.photos.length - item.sent.length;
  return element(
    'li',
    { 'data-refused': String(item.refused !== null), 'data-id': item.id },
    element('div', { class: 'strong' }, item.words),
    element(
      'div',
      { class: 'small quiet' },
      when(new Date(item.made)),
      photos > 0 ? ` · ${tn('%(n)s 张照片', photos)}` : null,
    ),
    item.refused && element('p', { class: 'why' }, reason(item)),
    element(
      'div',
      { class: 'row acts' },
      item.refused && act(t('重试'), retry),
      item.number === null && act(t('改'), edit),
      act(t('删除'), () => queue.remove(item)),
    ),
  );
}

/** @param {Item} item */
function reason({ refused, kind, number }) {
  const { code = '', reason: told = '' } = refused ?? {};
  if (number !== null) return t('这件事已报上，照片没收下：%(why)s', { why: told || code });
  const known = {
    ClientIdReused: t('服务器上已有同一编号、内容不同的一条。重试会作为新的一条再传。'),
    OutOfScope:
      kind === 'visit'
        ? t('这个地方已不在您的巡区，可能刚调整过。可以改成别的地方，或删除。')
        : t('这个地点不在您的巡区里。请改地点。'),
  };
  return known[/** @type {keyof typeof known} */ (code)] ?? (told || code);
}
