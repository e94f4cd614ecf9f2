/** The bell of pages that are lists and forms. */

import { followBell } from '../bell.js';

const bell = document.querySelector('.bell');
if (bell instanceof HTMLElement) followBell(bell);
