/** The planner's panel: figures, the balance table, the chosen cell, what to mend; and the list way. */

/** @import { Work } from './plan-work.js' */

import { element, fill } from '../elements.js';
import { t } from '../words.js';
import { blockList } from './plan-blocks.js';
import { cellPart } from './plan-cell.js';
import { checks } from './plan-checks.js';
import { conflictPart } from './plan-conflicts.js';
import { groundPart } from './plan-ground.js';
import { proposalPart } from './plan-proposal.js';
import { summary } from './plan-summary.js';
import { balanceTable } from './plan-table.js';

/**
 * @param {HTMLElement} root
 * @param {Work} work
 * @param {{boot: {plan: number, fabric: number, community: number}, edit: boolean}} given
 * @returns {{propose: (cells: number[]) => void, border: import('./plan-work.js').Hand}} border: the hand
 *   that takes borders, while the units themselves are looked at
 */
export function mountPlanPanel(root, work, { boot, edit }) {
  const { desk } = work;
  const { holder: proposal, propose: begin } = edit
    ? proposalPart(work, boot)
    : { holder: null, propose: () => {} };
  const propose = (/** @type {number[]} */ cells) => {
    desk.set({ tab: 'cells' });
    begin(cells);
  };
  const ground = groundPart(work, boot, { edit });
  const pages = {
    cells: element(
      'div',
      { class: 'plan-body', role: 'tabpanel', 'aria-labelledby': 'tab-cells' },
      balanceTable(work, { edit }),
      element(
        'div',
        { class: 'plan-rest' },
        conflictPart(work),
        proposal,
        cellPart(work, { edit, plan: boot.plan }),
        checks(work, { edit, propose }),
      ),
    ),
    blocks: element(
      'div',
      { class: 'plan-body', role: 'tabpanel', 'aria-labelledby': 'tab-blocks' },
      blockList(work, { edit }),
    ),
    ground: element(
      'div',
      { class: 'plan-body', role: 'tabpanel', 'aria-labelledby': 'tab-ground' },
      ground.holder,
    ),
  };
  const words = { cells: t('平衡表'), blocks: t('地块'), ground: t('底图') };
  const names = /** @type {(keyof typeof pages)[]} */ (Object.keys(pages));
  const tabs = names.map((name) =>
    element(
      'button',
      {
        type: 'button',
        role: 'tab',
        id: `tab-${name}`,
        onclick: () => desk.set({ tab: name }, { history: 'push' }),
      },
      words[name],
    ),
  );
  const show = () => {
    names.forEach((name, i) => {
      const on = desk.get('tab') === name;
      tabs[i].setAttribute('aria-selected', String(on));
      pages[name].hidden = !on;
    });
  };
  fill(
    root,
    summary(work),
    element('div', { class: 'plan-tabs', role: 'tablist' }, ...tabs),
    ...names.map((name) => pages[name]),
  );
  desk.on('tab', show);
  show();
  return { propose, border: ground.hand };
}
