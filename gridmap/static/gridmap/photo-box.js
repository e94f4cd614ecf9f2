/** Photos that go with a report: taken or chosen, made small, shown, and taken out again. */

import { element, fill, icon } from './elements.js';
import { t } from './words.js';

const WIDEST = 1600; // pixels of a photo that is sent
const QUALITY = 0.82;
const MOST_PHOTOS = 3;

/**
 * A photo as it is sent: small enough for a thin line, and without what the camera wrote into it.
 *
 * @param {Blob} file
 * @returns {Promise<Blob>}
 */
async function smaller(file) {
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
  const part = Math.min(1, WIDEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(picture.width * part));
  canvas.height = Math.max(1, Math.round(picture.height * part));
  canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('photo'))),
      'image/jpeg',
      QUALITY,
    );
  });
}

/**
 * @param {{photos: Blob[], camera: boolean, say: (trouble: string) => void}} with_ photos: those
 *   chosen so far, kept up to date in place; camera: the phone's camera opens at once; say: tells
 *   what is wrong with one, or nothing
 */
export function photoBox({ photos, camera, say }) {
  const pictures = element('div', { class: 'pictures' });
  const more = () => (camera ? t('再拍一张') : t('再加一张照片'));
  const first = () => (camera ? t('拍照') : t('加照片'));
  const input = element('input', {
    type: 'file',
    accept: 'image/*',
    ...(camera ? { capture: 'environment' } : { multiple: true }),
    class: 'hidden-aloud',
    tabindex: '-1',
    'aria-label': t('照片'),
    onchange: async () => {
      for (const file of input.files ?? []) {
        if (photos.length >= MOST_PHOTOS) break;
        try {
          photos.push(await smaller(file));
          say('');
        } catch {
          say(t('这张照片打不开，换一张试试。'));
        }
      }
      input.value = '';
      show();
    },
  });
  const show = () => {
    fill(
      pictures,
      ...photos.map((photo) => {
        const address = URL.createObjectURL(photo);
        const shown = element('img', { src: address, alt: t('照片'), width: 72, height: 72 });
        shown.addEventListener('load', () => URL.revokeObjectURL(address));
        const drop = () => {
          photos.splice(photos.indexOf(photo), 1);
          show();
        };
        return element(
          'button',
          { type: 'button', class: 'picture', onclick: drop, 'aria-label': t('去掉这张照片') },
          shown,
          icon('close', 'small'),
        );
      }),
      photos.length < MOST_PHOTOS &&
        element(
          'button',
          { type: 'button', class: 'button', onclick: () => input.click() },
          icon('camera'),
          photos.length ? more() : first(),
        ),
    );
  };
  show();
  return { root: element('div', {}, pictures, input), ask: () => input.click() };
}
