/** The page that takes results back: puts a series of QR codes together where the browser reads them. */

import { t } from '../words.js';

const FRAME = /^GMQ (\d+)\/(\d+) (.+)$/s;

/**
 * Take one picture of a series; the whole text when it was the last that was missing.
 *
 * @param {Map<number, string>} parts by number, changed
 * @param {string} seen
 * @returns {{text: string | null, have: number, of: number} | null} null: no picture of ours
 */
export function taken(parts, seen) {
  const found = FRAME.exec(seen);
  if (!found) return null;
  const [number, of] = [Number(found[1]), Number(found[2])];
  if (number < 1 || number > of) return null;
  parts.set(number, found[3]);
  const all = Array.from({ length: of }, (_, i) => parts.get(i + 1));
  const whole = all.every((part) => part !== undefined);
  return { text: whole ? all.join('') : null, have: parts.size, of };
}

async function scan() {
  const video = /** @type {HTMLVideoElement} */ (document.getElementById('finder'));
  const area = /** @type {HTMLTextAreaElement} */ (document.getElementById('text'));
  const told = /** @type {HTMLElement} */ (document.getElementById('scanned'));
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { facingMode: 'environment' },
  });
  const detector = new /** @type {any} */ (globalThis).BarcodeDetector({ formats: ['qr_code'] });
  /** @type {Map<number, string>} */
  const parts = new Map();
  video.srcObject = stream;
  video.hidden = false;
  await video.play();
  const look = setInterval(async () => {
    const [code] = await detector.detect(video).catch(() => []);
    const state = code && taken(parts, code.rawValue);
    if (!state) return;
    told.textContent = t('已扫 %(a)s / %(b)s 张', { a: state.have, b: state.of });
    if (state.text === null) return;
    area.value = state.text;
    clearInterval(look);
    for (const track of stream.getTracks()) track.stop();
    video.hidden = true;
  }, 250);
}

const button = globalThis.document?.getElementById('scan');
if (button && 'BarcodeDetector' in globalThis && navigator.mediaDevices) {
  button.hidden = false;
  button.addEventListener('click', () => {
    scan().catch(() => {
      button.hidden = true;
    });
  });
}
