/** How to reach whoever reported an incident: masked, and opened only with a reason that is kept. */

import { Failure, read, send } from '../api.js';
import { element, fill } from '../elements.js';
import { t } from '../words.js';

/**
 * Fields for how to reach whoever reports; not kept as a draft, for they are somebody else's.
 *
 * @returns {{root: HTMLElement, value: () => {contact?: {name: string, phone: string}}}}
 */
export function reporterFields() {
  const phone = element('input', {
    name: 'phone',
    type: 'tel',
    maxlength: 30,
    autocomplete: 'off',
  });
  const name = element('input', { name: 'reporter', maxlength: 40, autocomplete: 'off' });
  // How to call somebody who cannot be reached is of no use, and is not kept.
  name.addEventListener('input', () => {
    phone.required = name.value.trim() !== '';
  });
  return {
    root: element(
      'details',
      {},
      element('summary', {}, t('上报人的联系方式（可以不填）')),
      element('label', {}, element('span', {}, t('电话')), phone),
      element('label', {}, element('span', {}, t('怎么称呼')), name),
      element(
        'p',
        { class: 'small quiet' },
        t('只为办这件事用：平时遮住，查看要写事由并留记录，办结后到期删除。'),
      ),
    ),
    value: () =>
      phone.value.trim() ? { contact: { name: name.value.trim(), phone: phone.value.trim() } } : {},
  };
}

/**
 * A section that shows itself when somebody left a contact.
 *
 * @param {number} incident
 * @returns {HTMLElement}
 */
export function contactSection(incident) {
  const root = element('section', { class: 'section', hidden: true });
  read(`/api/incidents/${incident}/contact`).then(
    (found) => {
      if (!found.phone) return;
      root.hidden = false;
      closed(root, incident, found);
    },
    () => {},
  );
  return root;
}

/**
 * @param {HTMLElement} root
 * @param {number} incident
 * @param {{name: string, phone: string, may_open: boolean}} found
 */
function closed(root, incident, found) {
  const ask = () => asking(root, incident, found);
  fill(
    root,
    element('h3', {}, t('上报人联系方式')),
    element('p', { class: 'number' }, `${found.name} ${found.phone}`.trim()),
    found.may_open &&
      element('button', { class: 'button', type: 'button', onclick: ask }, t('查看')),
  );
}

/**
 * @param {HTMLElement} root
 * @param {number} incident
 * @param {{name: string, phone: string, may_open: boolean}} found
 */
function asking(root, incident, found) {
  const why = element('input', {
    name: 'why',
    required: true,
    minlength: 4,
    maxlength: 200,
    autocomplete: 'off',
  });
  const trouble = element('p', { class: 'trouble', role: 'alert', hidden: true });
  const form = element(
    'form',
    { class: 'form' },
    element('label', {}, element('span', {}, t('为什么要查看')), why),
    element('p', { class: 'hint' }, t('事由、账号和时间会记入日志，审计员看得到。')),
    trouble,
    element(
      'div',
      { class: 'row' },
      element('button', { class: 'button primary' }, t('查看')),
      element(
        'button',
        { class: 'button', type: 'button', onclick: () => closed(root, incident, found) },
        t('先不看'),
      ),
    ),
  );
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    trouble.hidden = true;
    try {
      opened(root, await send(`/api/incidents/${incident}/contact`, { why: why.value.trim() }));
    } catch (error) {
      trouble.textContent =
        error instanceof Failure && error.message ? error.message : t('网络断了');
      trouble.hidden = false;
    }
  });
  fill(root, element('h3', {}, t('上报人联系方式')), form);
  why.focus();
}

/**
 * @param {HTMLElement} root
 * @param {{name: string, phone: string}} found
 */
function opened(root, found) {
  const call = element('a', { class: 'number', href: `tel:${found.phone}` }, found.phone);
  fill(
    root,
    element('h3', {}, t('上报人联系方式')),
    element('p', {}, found.name ? `${found.name} ` : '', call),
  );
  call.focus();
}
