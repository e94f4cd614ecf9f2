/** Charts in the colours of the page, as SVG; only this module knows the chart library. */
import { init } from 'echarts';

/**
 * @typedef {{name: string, percent: number|null, low: number|null, high: number|null,
 *   said: string, href: string}} Unit
 * @typedef {{name: string, label: string, percent: number|null, said: string,
 *   target: number|null}} Month
 * @typedef {{at: number, word: string}} Mark the target, or the share of all
 * @typedef {{name: string, n: number, href: string}} Bar
 */

const FONT = 13;

/** @param {string} name of a token */
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** What every chart has: no movement, words as SVG text (the page's policy allows no inline style). */
function base() {
  return {
    animation: false,
    textStyle: { fontFamily: token('--font-ui'), fontSize: FONT, color: token('--ink-2') },
    tooltip: {
      renderMode: 'richText',
      confine: true,
      backgroundColor: token('--ink'),
      borderWidth: 0,
      textStyle: { color: token('--surface'), fontSize: FONT },
    },
  };
}

/**
 * Draw into a box, again whenever its size changes.
 *
 * @param {HTMLElement} box
 * @param {() => object} option asked again for each size
 * @param {(index: number) => void} [opened] a datum was clicked
 * @returns {() => void} draws it again at once: for paper, which does not wait
 */
export function chart(box, option, opened) {
  const drawn = init(box, null, { renderer: 'svg' });
  const draw = () => {
    drawn.resize();
    drawn.setOption(/** @type {any} */ (option()), true);
  };
  draw();
  if (opened) drawn.on('click', (event) => opened(Number(event.dataIndex)));
  new ResizeObserver(draw).observe(box);
  return draw;
}

/**
 * The ends of an axis of percent that holds these values: whole tens, never outside 0 and 100.
 *
 * @param {(number|null)[]} values
 * @returns {[number, number]}
 */
export function ends(values) {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return [0, 100];
  const low = Math.floor(Math.min(...known) / 10) * 10;
  const high = Math.ceil(Math.max(...known) / 10) * 10;
  return [Math.min(low, 90), Math.max(high, Math.min(low, 90) + 10)];
}

/** Half the height of what is drawn in a line. */
const THICK = 3;

/**
 * Shares with where they lie with 95 % confidence, one line each.
 *
 * @param {{units: Unit[], mark: Mark|null, middles: number[], head: number, named: boolean,
 *   height: number, words: Record<string, string>}} given middles: of the lines, from the top of
 *   the first; head: what stands above it; all in pixels
 */
export function shares({ units, mark: aim, middles, head, named, height, words }) {
  const whole = aim?.at ?? null;
  const [low, high] = ends([...units.flatMap((unit) => [unit.low, unit.high]), whole]);
  const colours = { track: token('--surface-3'), dot: token('--accent'), ink: token('--ink-2') };
  const drawn = units
    .map((unit, index) => ({ unit, index }))
    .filter(({ unit }) => unit.percent !== null || named);
  /** @param {any} _params @param {any} api */
  const line = (_params, api) => {
    const { unit, index } = drawn[api.value(2)];
    /** @param {number} value */
    const x = (value) => api.coord([value, 0])[0];
    const y = head + middles[index];
    /** @param {number} from @param {number} to */
    const bar = (from, to) => ({
      x: from,
      y: y - THICK,
      width: to - from,
      height: 2 * THICK,
      r: THICK,
    });
    const name = {
      type: 'text',
      style: {
        text: `${unit.name}  ${unit.said}`,
        x: x(low),
        y: y - 22,
        fill: token('--ink'),
        font: `${FONT}px ${token('--font-ui')}`,
      },
    };
    const few = {
      type: 'text',
      style: { text: words.few, x: x(low), y: y - 4, fill: colours.ink, fontSize: FONT },
    };
    const known = unit.percent !== null && unit.low !== null && unit.high !== null;
    const mark = [
      { type: 'rect', shape: bar(x(low), x(high)), style: { fill: colours.track } },
      {
        type: 'rect',
        shape: bar(x(unit.low ?? 0), x(unit.high ?? 0)),
        style: { fill: colours.dot, opacity: 0.4 },
      },
      {
        type: 'line',
        shape: { x1: x(whole ?? low), y1: y - 9, x2: x(whole ?? low), y2: y + 9 },
        style: { stroke: colours.ink, lineDash: [3, 2], opacity: whole === null ? 0 : 1 },
      },
      {
        type: 'circle',
        shape: { cx: x(unit.percent ?? 0), cy: y, r: 6 },
        style: { fill: colours.dot, stroke: token('--surface'), lineWidth: 2 },
      },
    ];
    return { type: 'group', children: [...(known ? mark : [few]), ...(named ? [name] : [])] };
  };
  /** @param {number} value */
  const near = (value) => whole !== null && Math.abs(value - whole) < (high - low) * 0.16;
  /** Where a label stands that must not leave the chart. @param {number} value */
  const edge = (value) =>
    value < low + (high - low) * 0.1
      ? 'left'
      : value > high - (high - low) * 0.1
        ? 'right'
        : 'center';
  return {
    ...base(),
    grid: { left: 12, right: 16, top: head, height: height - head },
    xAxis: {
      type: 'value',
      min: low,
      max: high,
      interval: high - low,
      position: 'top',
      axisLine: { show: false },
      axisTick: { show: false },
      splitLine: { show: false },
      axisLabel: {
        color: colours.ink,
        formatter: (/** @type {number} */ value) => (near(value) ? '' : `${value}%`),
      },
    },
    yAxis: { type: 'value', show: false, min: 0, max: 1 },
    series: [
      {
        type: 'custom',
        renderItem: line,
        data: drawn.map(({ unit }, at) => ({ value: [unit.percent ?? low, 0, at] })),
        encode: { x: 0, y: 1 },
        tooltip: {
          formatter: (/** @type {{dataIndex: number}} */ { dataIndex }) => {
            const { name, said, low: from, high: to } = drawn[dataIndex].unit;
            const between =
              from === null || to === null
                ? words.few
                : words.between.replace('{low}', from.toFixed(1)).replace('{high}', to.toFixed(1));
            return `${name}\n${said}\n${between}`;
          },
        },
        markLine: {
          silent: true,
          symbol: 'none',
          lineStyle: { color: 'transparent' },
          label: {
            formatter: aim?.word ?? '',
            position: 'end',
            align: whole === null ? 'center' : edge(whole),
            distance: 6,
            color: token('--ink'),
          },
          data: whole === null ? [] : [{ xAxis: whole }],
        },
      },
    ],
  };
}

/**
 * One share month by month; a month with too few cases is a gap.
 *
 * @param {Month[]} months
 * @param {Record<string, string>} words
 */
export function course(months, words) {
  const [low, high] = ends(months.flatMap((month) => [month.percent, month.target]));
  const last = months.findLastIndex((month) => month.percent !== null);
  // The last share is written on the side from which no line comes.
  const rises = (months[last]?.percent ?? 0) > (months[last - 1]?.percent ?? 0);
  return {
    ...base(),
    grid: { left: 8, right: 48, top: 26, bottom: 28 },
    xAxis: {
      type: 'category',
      data: months.map((month) => month.label),
      axisLine: { lineStyle: { color: token('--line-2') } },
      axisTick: { show: false },
      axisLabel: { color: token('--ink-2'), hideOverlap: true },
    },
    yAxis: {
      type: 'value',
      position: 'right',
      min: low,
      max: high,
      interval: Math.max(5, (high - low) / 2),
      axisLabel: { color: token('--ink-2'), formatter: '{value}%' },
      splitLine: { lineStyle: { color: token('--surface-3') } },
    },
    tooltip: {
      ...base().tooltip,
      trigger: 'axis',
      axisPointer: { lineStyle: { color: token('--line-2') } },
      formatter: (/** @type {{dataIndex: number}[]} */ [at]) =>
        `${months[at.dataIndex].name}\n${months[at.dataIndex].said}`,
    },
    series: [
      {
        type: 'line',
        data: months.map((month, index) => ({
          value: month.percent,
          symbolSize: index === last ? 10 : 6,
          label: { show: index === last },
        })),
        symbol: 'circle',
        label: {
          position: rises ? 'top' : 'bottom',
          align: 'right',
          fontWeight: 'bold',
          color: token('--ink'),
          formatter: (/** @type {any} */ { value }) => `${Number(value).toFixed(1)}%`,
        },
        lineStyle: { color: token('--accent'), width: 2 },
        itemStyle: { color: token('--accent') },
      },
      aims(months, words),
    ],
  };
}

/** The target as it was in each month, named where it begins. @param {Month[]} months @param {Record<string, string>} words */
function aims(months, words) {
  const first = months.findIndex((month) => month.target !== null);
  return {
    type: 'line',
    step: 'middle',
    silent: true,
    symbol: 'none',
    data: months.map((month, index) => ({
      value: month.target,
      label: { show: index === first },
      symbol: index === first ? 'circle' : 'none',
      symbolSize: 0.1, // a label needs something to stand at
    })),
    label: {
      position: 'top',
      align: 'left',
      color: token('--ink-2'),
      formatter: (/** @type {any} */ { value }) => words.target.replace('{target}', value),
    },
    lineStyle: { color: token('--ink-2'), width: 1, type: [3, 2] },
    itemStyle: { color: token('--ink-2') },
  };
}

/**
 * Counts as bars, longest first.
 *
 * @param {Bar[]} bars
 */
export function counts(bars) {
  return {
    ...base(),
    grid: { left: 0, right: 40, top: 0, bottom: 0, containLabel: true },
    xAxis: { type: 'value', show: false },
    yAxis: {
      type: 'category',
      inverse: true,
      data: bars.map((bar) => bar.name),
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { color: token('--ink'), width: 140, overflow: 'truncate' },
    },
    series: [
      {
        type: 'bar',
        data: bars.map((bar) => bar.n),
        barWidth: 14,
        itemStyle: { color: token('--accent'), opacity: 0.4, borderRadius: 3 },
        label: { show: true, position: 'right', color: token('--accent'), opacity: 1 },
      },
    ],
  };
}
