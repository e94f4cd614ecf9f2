/** Words, numbers and dates as they stand on the page: Chinese in the sources, English by catalogue. */

/** @typedef {Record<string, string | number>} Fields */

/** The time zone moments are told in: that of the city shown. */
let here = 'Asia/Shanghai';
/** The past moment that the page shows; null: now. @type {Date | null} */
let fixed = null;
const DAY = 86_400_000;

/** The catalogue that the page loads before us; without it the sources' own words stand. */
const catalogue =
  /** @type {{gettext?: (m: string) => string, ngettext?: (s: string, p: string, n: number) => string}} */ (
    globalThis
  );

/**
 * @param {string} text
 * @param {Fields} fields
 */
function filled(text, fields) {
  return text.replace(/%\((\w+)\)s/g, (_, name) => String(fields[name] ?? ''));
}

/**
 * Tell moments in a city's own time.
 *
 * @param {string} zone as in the IANA database
 */
export function useZone(zone) {
  here = zone;
}

/**
 * Tell everything as of a moment of the past.
 *
 * @param {string | null} asof `2026-03-01` (its 00:00) or `2026-03-01T12:00` in the city's time
 */
export function useMoment(asof) {
  fixed = asof === null ? null : instant(asof);
}

/** The moment that the page shows. */
export function present() {
  return fixed ?? new Date();
}

/** The same as the server's parameter `as_of`; null: now. */
export function asOf() {
  return fixed?.toISOString().replace('.000', '') ?? null;
}

/**
 * The instant at which clocks of the city show this.
 *
 * @param {string} asof
 */
function instant(asof) {
  const wall = Date.parse(`${asof.includes('T') ? asof : `${asof}T00:00`}Z`);
  const shown = (/** @type {number} */ moment) =>
    Date.parse(`${stamp(new Date(moment)).replace(' ', 'T')}Z`);
  // Twice: the offset found first may be that of the other side of a change of clocks.
  const near = wall - (shown(wall) - wall);
  return new Date(near - (shown(near) - wall));
}

/**
 * 2026-03-01, or 2026-03-01 12:00.
 *
 * @param {string} asof
 */
export function asofWords(asof) {
  return asof.replace('T', ' ').replace(' 00:00', '');
}

/**
 * Say it in the reader's language.
 *
 * @param {string} text Chinese, with `%(name)s` fields
 * @param {Fields} [fields]
 */
export function t(text, fields = {}) {
  return filled(catalogue.gettext?.(text) ?? text, fields);
}

/**
 * Say how many; `%(n)s` is the number.
 *
 * @param {string} text Chinese
 * @param {number} n
 * @param {Fields} [fields]
 */
export function tn(text, n, fields = {}) {
  return filled(catalogue.ngettext?.(text, text, n) ?? text, { n: number(n), ...fields });
}

/**
 * The page's language.
 *
 * @returns {'en' | 'zh'}
 */
export function language() {
  return globalThis.document?.documentElement.lang.startsWith('en') ? 'en' : 'zh';
}

/**
 * A count with thin spaces from a thousand on; a dash for what is not known.
 *
 * @param {number | null | undefined} value
 */
export function number(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return '—';
  return String(value).replace(/\B(?=(\d{3})+$)/g, '\u2009');
}

/**
 * @param {number} part
 * @param {number} whole
 */
export function percent(part, whole) {
  return whole > 0 ? `${Math.round((100 * part) / whole)}%` : '—';
}

/**
 * An area, in square metres or hectares.
 *
 * @param {number} metres square metres
 */
export function area(metres) {
  if (metres < 10_000) return t('%(n)s 平方米', { n: number(Math.round(metres)) });
  return t('%(n)s 公顷', { n: (metres / 10_000).toFixed(1) });
}

/**
 * The parts of a moment in the city's time zone, as numbers in text.
 *
 * @param {Date} moment
 * @param {string} zone
 */
function parts(moment, zone) {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return Object.fromEntries(format.formatToParts(moment).map((part) => [part.type, part.value]));
}

/**
 * 2026-10-10 09:40.
 *
 * @param {Date | string} moment
 */
export function stamp(moment, zone = here) {
  const p = parts(new Date(moment), zone);
  return `${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}`;
}

/**
 * 2026-10-10.
 *
 * @param {Date | string} moment
 */
export function day(moment, zone = here) {
  return stamp(moment, zone).slice(0, 10);
}

/**
 * 今天 15:00, 明天 09:00, 10-12 09:10; another year with its number.
 *
 * @param {Date | string} moment
 * @param {Date} [now]
 */
export function when(moment, now = present(), zone = here) {
  const text = stamp(moment, zone);
  const [date, time] = text.split(' ');
  const near = [
    [-1, t('昨天 %(time)s', { time })],
    [0, t('今天 %(time)s', { time })],
    [1, t('明天 %(time)s', { time })],
  ].find(([days]) => date === day(new Date(now.getTime() + Number(days) * DAY), zone));
  if (near) return String(near[1]);
  return date.slice(0, 4) === day(now, zone).slice(0, 4) ? text.slice(5) : text;
}

/**
 * How far a due time lies: 还有 3 小时, 超期 2 天.
 *
 * @param {Date | string} due
 * @param {Date} [now]
 */
export function distance(due, now = present()) {
  const hours = (new Date(due).getTime() - now.getTime()) / 3_600_000;
  const far = Math.abs(hours);
  if (hours >= 0) {
    if (far < 1) return t('不到 1 小时');
    return far < 48
      ? tn('还有 %(n)s 小时', Math.floor(far))
      : tn('还有 %(n)s 天', Math.floor(far / 24));
  }
  return far < 48
    ? tn('超期 %(n)s 小时', Math.ceil(far))
    : tn('超期 %(n)s 天', Math.floor(far / 24));
}

/**
 * A cell code in groups, 350404 001 005 008; copied without the spaces.
 *
 * @param {string} code
 */
export function grouped(code) {
  return [code.slice(0, 6), code.slice(6, 9), code.slice(9, 12), code.slice(12)]
    .filter(Boolean)
    .join('\u2009');
}
