/** A proposal: asked for, followed while it is worked out, explained when it is there. */

/** @import { Work } from './plan-work.js' */

import { Failure, read, send } from '../api.js';
import { element, fill, icon } from '../elements.js';
import { codeOf } from '../plan-words.js';
import { number, t } from '../words.js';
import { bringUp } from './plan-work.js';

/**
 * @typedef {{id: number, state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled', done: number,
 *   step: {cells: number, in_band: number, within_tenth: number} | null, made_at: string,
 *   result: {seq?: number, conflicts?: number, message?: string,
 *     findings?: {code: string, cells: number[], households: number}[],
 *     moves?: {from_cell: number, to_cell: number, units: string[], households: number,
 *       why: string}[]} | null}} Job
 */

const OFTEN = 500; // milliseconds between two looks
const LONG = 8000; // milliseconds in the queue after which one says so
const ENDED = new Set(['done', 'failed', 'cancelled']);
const SHOWN = 12; // moves listed at once

/**
 * @param {Work} work
 * @param {{plan: number}} boot
 */
export function proposalPart(work, { plan }) {
  const { desk, draft, say } = work;
  const holder = element('section', {
    class: 'part proposal',
    'aria-label': t('生成建议'),
    hidden: true,
  });
  let seed = 1;
  const show = (/** @type {...import('../elements.js').Child} */ ...children) => {
    holder.hidden = false;
    fill(
      holder,
      element(
        'h2',
        {},
        icon('spark', 'small'),
        t('生成建议'),
        closer(() => (holder.hidden = true)),
      ),
      ...children,
    );
  };

  const ask = async (/** @type {Record<string, unknown>} */ wish) => {
    await draft.again();
    if (draft.waiting() > 0) {
      say(t('还有步骤没传上，连上后才能生成建议。'));
      return;
    }
    try {
      await follow(await send(`/api/plans/${plan}/propose`, wish));
    } catch (error) {
      show(failure(error), form([]));
    }
  };
  const follow = async (/** @type {Job} */ job) => {
    let now = job;
    const from = Date.now();
    while (!ENDED.has(now.state)) {
      show(...progress(now, Date.now() - from, () => void stop(now.id)));
      await new Promise((resolve) => setTimeout(resolve, OFTEN));
      now = await read(`/api/jobs/${job.id}`);
    }
    await draft.look();
    if (now.state === 'done') show(...explained(work, now));
    else if (now.state === 'cancelled') show(element('p', {}, t('已停下，草案没有变。')), form([]));
    else
      show(
        element('p', { class: 'bad' }, now.result?.message || t('没有算成。草案没有变。')),
        form([]),
      );
  };
  const stop = async (/** @type {number} */ id) => {
    try {
      await send(`/api/jobs/${id}/cancel`);
    } catch (error) {
      say(error instanceof Failure && error.message ? error.message : t('网络断了'));
    }
  };

  /** @param {number[]} given cells to keep to; none: to be chosen */
  const form = (given) => {
    const [least, most] = work.band;
    const chosen = desk.get('cell');
    const around =
      chosen === null
        ? []
        : [chosen, ...draft.partition.neighbours(chosen).keys()].filter(
            (no) => no > 0 && no < 32_000,
          );
    const cells = given.length ? given : around;
    const scope = radios(t('动哪些网格'), [
      ['all', t('全部网格')],
      ...(cells.length
        ? [
            /** @type {[string, string]} */ ([
              'some',
              t('只动 %(codes)s', { codes: codes(work, cells) }),
            ]),
          ]
        : []),
    ]);
    const mode = radios(t('怎么动'), [
      ['minimal_change', t('最小调整：只动到都进区间')],
      ['fresh', t('重新划分：从头划得匀、圆、沿街巷')],
    ]);
    if (given.length) scope.choose('some');
    const target = element('input', {
      type: 'number',
      min: least,
      max: most,
      value: Math.round((least + most) / 2),
    });
    const effort = element(
      'select',
      {},
      element('option', { value: 0 }, t('快')),
      element('option', { value: 4 }, t('细')),
      element('option', { value: 12 }, t('很细')),
    );
    const start = (/** @type {Event} */ event) => {
      event.preventDefault();
      void ask({
        cells: scope.value() === 'some' ? cells : [],
        mode: mode.value(),
        target: Number(target.value),
        effort: Number(effort.value),
        seed,
      });
      seed += 1;
    };
    return element(
      'form',
      { class: 'stack', onsubmit: start },
      scope.group,
      mode.group,
      element(
        'div',
        { class: 'row' },
        element('label', {}, element('span', {}, t('每格目标户数')), target),
        element('label', {}, element('span', {}, t('花多少工夫')), effort),
      ),
      element(
        'p',
        { class: 'small quiet' },
        t('锁定的网格、固定的地块和别人预留的都不动；算好后是一步，可以撤销。'),
      ),
      element(
        'div',
        { class: 'row' },
        element('button', { type: 'submit', class: 'button primary' }, t('开始算')),
      ),
    );
  };
  const propose = (/** @type {number[]} */ cells) => {
    show(form(cells));
    bringUp(holder);
    holder.querySelector('input')?.focus({ preventScroll: true });
  };
  void resume(plan, follow);
  return { holder, propose };
}

/**
 * A proposal that was asked for before the page was opened is followed on.
 *
 * @param {number} plan
 * @param {(job: Job) => Promise<void>} follow
 */
async function resume(plan, follow) {
  const { results } = await read('/api/jobs', { plan, page_size: 5 }).catch(() => ({
    results: [],
  }));
  const open = /** @type {Job[]} */ (results).find(({ state }) => !ENDED.has(state));
  if (open) await follow(open);
}

/** @param {() => void} act */
function closer(act) {
  return element(
    'button',
    { type: 'button', class: 'button bare push', 'aria-label': t('关闭'), onclick: act },
    icon('close', 'small'),
  );
}

/** @param {unknown} error */
function failure(error) {
  const known = error instanceof Failure && error.message;
  return element('p', { class: 'bad', role: 'alert' }, known || t('网络断了'));
}

/**
 * @param {string} name
 * @param {[string, string][]} choices
 */
function radios(name, choices) {
  const id = `r${Math.random().toString(36).slice(2)}`;
  const inputs = choices.map(([value], i) =>
    element('input', { type: 'radio', name: id, value, checked: i === 0 }),
  );
  const group = element(
    'fieldset',
    {},
    element('legend', { class: 'small quiet' }, name),
    ...choices.map(([, word], i) => element('label', { class: 'radio' }, inputs[i], word)),
  );
  return {
    group,
    value: () => inputs.find(({ checked }) => checked)?.value ?? choices[0][0],
    choose: (/** @type {string} */ value) => {
      for (const input of inputs) input.checked = input.value === value;
    },
  };
}

/**
 * @param {Work} work
 * @param {number[]} cells
 */
function codes({ draft }, cells) {
  return cells.map((no) => codeOf(draft.cells().get(no), no)).join(t('、'));
}

/**
 * @param {Job} job
 * @param {number} waited
 * @param {() => void} stop
 */
function progress({ state, done, step }, waited, stop) {
  const share = Math.round(100 * done);
  const bar = element('progress', { max: 100, value: share, 'aria-label': t('算到哪里') });
  const words = step?.cells
    ? t('%(share)s% · %(good)s / %(all)s 格在区间内', {
        share,
        good: step.in_band,
        all: step.cells,
      })
    : state === 'waiting'
      ? t('排队等候')
      : t('正在算');
  return [
    bar,
    element(
      'div',
      { class: 'row', role: 'status' },
      element('span', { class: 'small' }, words),
      element('button', { type: 'button', class: 'button small push', onclick: stop }, t('停下')),
    ),
    state === 'waiting' &&
      waited > LONG &&
      element(
        'p',
        { class: 'small quiet' },
        t('后台程序还没接手。页面可以关，算好后草案里会多一步。'),
      ),
  ];
}

/**
 * @param {Work} work
 * @param {Job} job
 */
function explained(work, { result }) {
  const { draft, say } = work;
  const moves = [...(result?.moves ?? [])].sort((one, two) => two.households - one.households);
  const total = moves.reduce((sum, { households }) => sum + households, 0);
  const back = async () => {
    if ((await draft.undo()) === 'done') say(t('建议已撤销'));
  };
  const code = (/** @type {number} */ no) =>
    no < 0 ? t('未划') : codeOf(draft.cells().get(no), no);
  const line = (/** @type {typeof moves[number]} */ move) =>
    element(
      'li',
      {},
      t('%(from)s → %(to)s：%(n)s 块，%(m)s 户', {
        from: code(move.from_cell),
        to: code(move.to_cell),
        n: move.units.length,
        m: number(move.households),
      }),
      element('span', { class: 'small quiet' }, ` ${why(move.why)}`),
    );
  return [
    element(
      'p',
      { role: 'status' },
      moves.length
        ? t('已放进草案：%(n)s 处改动，%(m)s 户换网格。', { n: moves.length, m: number(total) })
        : t('不用动：现在的划分已经是它能给的。'),
      result?.conflicts ? t('有 %(n)s 处没有改：别人先改了。', { n: result.conflicts }) : '',
    ),
    element('ul', { class: 'moves' }, ...moves.slice(0, SHOWN).map(line)),
    moves.length > SHOWN &&
      element('p', { class: 'small quiet' }, t('另有 %(n)s 处小的', { n: moves.length - SHOWN })),
    ...(result?.findings ?? []).map((finding) =>
      element('p', { class: 'hint warn' }, findingWord(work, finding)),
    ),
    moves.length > 0 &&
      element(
        'div',
        { class: 'row' },
        element(
          'button',
          { type: 'button', class: 'button', onclick: () => void back() },
          icon('undo', 'small'),
          t('撤销这个建议'),
        ),
      ),
  ];
}

/** @param {string} code */
function why(code) {
  /** @type {Record<string, string>} */
  const words = {
    from_over_band: t('原格超出上限'),
    to_under_band: t('新格不到下限'),
    unassigned: t('原来没划'),
    apart: t('与原格不相连'),
    passing_on: t('为了让出位置'),
    shape: t('为了形状'),
  };
  return words[code] ?? '';
}

/**
 * @param {Work} work
 * @param {{code: string, cells: number[], households: number}} finding
 */
function findingWord(work, { code, cells, households }) {
  const fields = { codes: codes(work, cells), n: number(households) };
  /** @type {Record<string, string>} */
  const words = {
    unit_over_band: t('%(codes)s：有一栋楼就有 %(n)s 户，超出上限，划不开。', fields),
    part_under_band: t('有一片孤立的地只有 %(n)s 户，凑不成一格。', fields),
    no_number_fits: t('这些户数分成几格都进不了区间。'),
    pins_apart: t('%(codes)s 固定的地块不相连。', fields),
    out_of_band: t('%(codes)s 有 %(n)s 户，没能调进区间。', fields),
    fewer_cells: t('格数比原来少了。'),
  };
  return words[code] ?? code;
}
