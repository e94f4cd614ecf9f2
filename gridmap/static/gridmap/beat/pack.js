/**
 * The script of a beat pack. It stands inside the file, so it is no module and knows no other; what
 * was done is kept under the pack's own name and goes back as text, as a file, or as pictures.
 */
(() => {
  const world = /** @type {any} */ (globalThis);
  const told = JSON.parse(document.getElementById('told')?.textContent ?? '{}');
  const say = (/** @type {string} */ key, /** @type {Record<string, any>} */ fields = {}) =>
    told.words[key].replace(/\{(\w+)\}/g, (/** @type {any} */ _, /** @type {string} */ n) =>
      String(fields[n]),
    );
  const app = /** @type {HTMLElement} */ (document.getElementById('app'));
  const KEY = `gridmap-pack-${told.pack}`;
  const QR_SIGNS = 200; // of one picture: no module is thinner than 5 pixels on a phone
  const DAY = 86_400_000;

  /** @param {string} tag @param {Record<string, any>} values @param {...any} children */
  function make(tag, values, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(values)) {
      if (typeof value === 'function') made.addEventListener(name, value);
      else if (value !== false && value !== null)
        made.setAttribute(name, value === true ? '' : value);
    }
    made.append(...children.filter((one) => one !== null && one !== false));
    return made;
  }

  /* --- what is kept ------------------------------------------------------------------------ */

  /** @type {{phone: string, next: number, done: any[][], ticks: number[]}} */
  let kept = { phone: '', next: 1, done: [], ticks: [] };
  let keeps = true;
  try {
    kept = { ...kept, ...JSON.parse(localStorage.getItem(KEY) ?? '{}') };
  } catch {
    keeps = false;
  }
  if (!kept.phone) {
    const bytes = world.crypto.getRandomValues(new Uint8Array(8));
    kept.phone = [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('');
  }
  function keep() {
    try {
      localStorage.setItem(KEY, JSON.stringify(kept));
    } catch {
      keeps = false;
    }
    show();
  }
  /** @param {string} kind @param {number} id @param {...any} more */
  function done(kind, id, ...more) {
    const seconds = Math.floor(Date.now() / 1000);
    kept.done.push([kept.next, kind, id, seconds, ...(more.length ? more : [''])]);
    kept.next += 1;
    keep();
  }
  /** @param {any[]} row */
  function undo(row) {
    kept.done = kept.done.filter((one) => one !== row);
    keep();
  }
  const last = (/** @type {string} */ kind, /** @type {number} */ id) =>
    kept.done.filter((row) => row[1] === kind && row[2] === id).at(-1);

  /* --- how places stand -------------------------------------------------------------------- */

  /** @param {any} thing @param {string} kind */
  function days(thing, kind) {
    const here = last(kind, thing.id);
    const seen = here ? here[3] * 1000 : Date.parse(thing.seen ?? '');
    if (Number.isNaN(seen)) return null;
    const start = (/** @type {number} */ t) => new Date(t).setHours(0, 0, 0, 0);
    return Math.round((start(Date.now()) - start(seen)) / DAY);
  }
  /** @param {number | null} n @param {number} every */
  function klass(n, every) {
    if (n === null) return 6;
    if (n <= 0) return 0;
    if (n > every) return 5;
    if (n === every) return 4;
    if (n <= 2) return 1;
    return n <= 4 ? 2 : 3;
  }
  /** @param {any} thing @param {string} kind */
  function standing(thing, kind) {
    const n = days(thing, kind);
    const of = klass(n, thing.every);
    const words = ['today', 'before', 'before', 'before', 'due', 'days', 'never'][of];
    const tone = ['done', 'done', 'done', 'done', 'due', 'over', 'over'][of];
    return make(
      'div',
      { class: 'small' },
      make('b', { class: tone }, say(words, { n })),
      ` · ${say('every', { n: thing.every })}`,
      thing.metres ? ` · ${say('metres', { n: thing.metres })}` : '',
    );
  }
  /** @param {any} thing @param {string} kind */
  const urgency = (thing, kind) => {
    const n = days(thing, kind);
    return n === null ? 1e6 : n - thing.every;
  };
  function paint() {
    const layer = world[told.map.stretches];
    if (!layer) return;
    const byId = new Map(told.stretches.map((/** @type {any} */ one) => [one.id, one]));
    layer.eachLayer((/** @type {any} */ drawn) => {
      const thing = byId.get(drawn.feature.properties.ident);
      const of = thing ? klass(days(thing, 's'), thing.every) : 6;
      drawn.setStyle({ color: told.map.colours[of], dashArray: told.map.dashes[of], weight: 7 });
    });
  }

  /* --- what goes back ---------------------------------------------------------------------- */

  const encode = (/** @type {Uint8Array} */ bytes) =>
    btoa(String.fromCharCode(...bytes))
      .replace(/\+/g, '-')
      .replace(/\//g, '_')
      .replace(/=+$/, '');
  function result() {
    const text = JSON.stringify({ d: kept.phone, n: kept.done });
    const bytes = new TextEncoder().encode(text);
    let payload = '';
    // In pieces: a call takes only so many arguments. Three bytes are four signs.
    for (let i = 0; i < bytes.length; i += 3000) payload += encode(bytes.slice(i, i + 3000));
    const secret = Uint8Array.from(atob(told.secret), (c) => c.charCodeAt(0));
    const seal = encode(hmac(secret, new TextEncoder().encode(payload)).slice(0, 16));
    return `GMP1.${told.pack}.${payload}.${seal}`;
  }
  /** @param {Uint8Array} key @param {Uint8Array} text */
  function hmac(key, text) {
    const block = new Uint8Array(64);
    block.set(key);
    const with_ = (/** @type {number} */ mask, /** @type {Uint8Array} */ more) => {
      const whole = new Uint8Array(64 + more.length);
      whole.set(block.map((b) => b ^ mask));
      whole.set(more, 64);
      return sha256(whole);
    };
    return with_(0x5c, with_(0x36, text));
  }
  /** The browser's own is not there in every program that opens a file. @param {Uint8Array} text */
  function sha256(text) {
    /** @type {number[]} */
    const primes = [];
    for (let n = 2; primes.length < 64; n += 1) if (primes.every((p) => n % p)) primes.push(n);
    const part = (/** @type {number} */ x) => ((x - Math.floor(x)) * 2 ** 32) | 0;
    const k = primes.map((p) => part(Math.cbrt(p)));
    const h = primes.slice(0, 8).map((p) => part(Math.sqrt(p)));
    const padded = new Uint8Array(((text.length + 8) >> 6) * 64 + 64);
    padded.set(text);
    padded[text.length] = 0x80;
    const view = new DataView(padded.buffer);
    view.setUint32(padded.length - 8, Math.floor(text.length / 2 ** 29));
    view.setUint32(padded.length - 4, text.length * 8);
    const w = new Int32Array(64);
    const turn = (/** @type {number} */ x, /** @type {number} */ n) => (x >>> n) | (x << (32 - n));
    for (let at = 0; at < padded.length; at += 64) {
      for (let i = 0; i < 64; i += 1) {
        if (i < 16) w[i] = view.getInt32(at + i * 4);
        else {
          const s0 = turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ (w[i - 15] >>> 3);
          const s1 = turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ (w[i - 2] >>> 10);
          w[i] = w[i - 16] + s0 + w[i - 7] + s1;
        }
      }
      let [a, b, c, d, e, f, g, z] = h;
      for (let i = 0; i < 64; i += 1) {
        const t1 =
          (z + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + k[i] + w[i]) | 0;
        const t2 = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        [z, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
      }
      for (const [i, x] of [a, b, c, d, e, f, g, z].entries()) h[i] = (h[i] + x) | 0;
    }
    const out = new DataView(new ArrayBuffer(32));
    for (const [i, x] of h.entries()) out.setInt32(i * 4, x);
    return new Uint8Array(out.buffer);
  }

  /* --- the page ---------------------------------------------------------------------------- */

  let tab = 'lanes';
  let wanted = '';
  let frame = 0;

  /** @param {any} thing @param {string} kind @param {string} word */
  function row(thing, kind, word) {
    const before = last(kind, thing.id);
    const act = before ? () => undo(before) : () => done(kind, thing.id);
    return make(
      'li',
      {},
      make(
        'div',
        {},
        make('b', {}, thing.seq > 1 ? `${thing.name} (${thing.seq})` : thing.name),
        thing.part ? ` ${thing.part}` : '',
        standing(thing, kind),
      ),
      make(
        'button',
        { type: 'button', click: act, 'data-done': before ? 'yes' : 'no', 'data-id': thing.id },
        say(before ? 'undo' : word),
      ),
    );
  }
  /** @param {any[]} things @param {string} kind @param {string} word */
  const rows = (things, kind, word) => {
    const sorted = [...things].sort((a, b) => urgency(b, kind) - urgency(a, kind));
    return make('ul', {}, ...sorted.map((one) => row(one, kind, word)));
  };
  const none = () => make('p', {}, say('none'));

  /** @type {Record<string, () => (Node | false)[]>} */
  const tabs = {
    lanes: () => [rows(told.stretches, 's', 'walked')],
    doors: () => {
      const list = make('div', {});
      const fill = () => {
        const fitting = told.doors.filter((/** @type {any} */ one) => one.name.includes(wanted));
        list.replaceChildren(rows(fitting.slice(0, 60), 'e', 'seen'));
      };
      const find = make('input', {
        value: wanted,
        'aria-label': say('find'),
        placeholder: say('find'),
        input: (/** @type {any} */ event) => {
          wanted = event.target.value.trim();
          fill();
        },
      });
      fill();
      return [find, list];
    },
    cases: () => {
      const all = told.cases.map((/** @type {any} */ one) =>
        make(
          'li',
          {},
          make(
            'div',
            {},
            make('b', {}, one.title),
            make('div', { class: 'small' }, [one.where, one.kind].filter(Boolean).join(' · ')),
          ),
        ),
      );
      return [all.length ? make('ul', {}, ...all) : none()];
    },
    list: () => {
      const tick = (/** @type {number} */ i) => () => {
        kept.ticks = kept.ticks.includes(i)
          ? kept.ticks.filter((t) => t !== i)
          : [...kept.ticks, i];
        keep();
      };
      const all = told.checks.map((/** @type {string} */ text, /** @type {number} */ i) =>
        make(
          'li',
          {},
          make('input', {
            type: 'checkbox',
            id: `c${i}`,
            checked: kept.ticks.includes(i),
            change: tick(i),
          }),
          make('label', { for: `c${i}` }, text),
        ),
      );
      return [all.length ? make('ul', {}, ...all) : none()];
    },
    report: () => {
      const kind = /** @type {HTMLSelectElement} */ (
        make(
          'select',
          {},
          ...told.kinds.map((/** @type {[string, string]} */ [code, name]) =>
            make('option', { value: code }, name),
          ),
        )
      );
      const text = /** @type {HTMLTextAreaElement} */ (
        make('textarea', { rows: 3, maxlength: 1000 })
      );
      const take = () => {
        const { lng, lat } = world[told.map.map].getCenter();
        done('r', 0, text.value.trim(), Number(lng.toFixed(6)), Number(lat.toFixed(6)), kind.value);
      };
      return [
        make('label', {}, say('kind'), kind),
        make('label', {}, say('text'), text),
        make('p', { class: 'small' }, say('where')),
        make('button', { class: 'main', type: 'button', click: take }, say('keep')),
      ];
    },
    back: () => {
      if (kept.done.length === 0) return [make('p', {}, say('nothing'))];
      const code = result();
      const area = /** @type {HTMLTextAreaElement} */ (
        make('textarea', { rows: 4, readonly: true, id: 'code', 'aria-label': say('copy') })
      );
      area.value = code;
      const copy = async (/** @type {any} */ event) => {
        area.select();
        try {
          await navigator.clipboard.writeText(code);
        } catch {
          document.execCommand('copy');
        }
        event.target.textContent = say('copied');
      };
      const save = () => {
        const file = URL.createObjectURL(new Blob([code], { type: 'text/plain' }));
        make('a', { href: file, download: `${told.title}.txt` }).click();
        URL.revokeObjectURL(file);
      };
      const parts = code.match(new RegExp(`.{1,${QR_SIGNS}}`, 'gs')) ?? [];
      frame = Math.min(frame, parts.length - 1);
      const drawn = world.qrcode(0, 'M');
      drawn.addData(`GMQ ${frame + 1}/${parts.length} ${parts[frame]}`, 'Byte');
      drawn.make();
      const next = () => {
        frame = (frame + 1) % parts.length;
        show();
        document.querySelector('img.code')?.scrollIntoView({ block: 'end' });
      };
      return [
        make('p', {}, say('how')),
        area,
        make('button', { class: 'main', type: 'button', click: copy }, say('copy')),
        make('button', { type: 'button', click: save }, say('save')),
        make('h2', {}, say('show')),
        make('img', { class: 'code', alt: '', src: drawn.createDataURL(5, 20) }),
        make('p', { class: 'small' }, say('frame', { i: frame + 1, n: parts.length })),
        parts.length > 1 && make('button', { type: 'button', click: next }, say('next')),
      ];
    },
  };

  function show() {
    const heads = Object.keys(tabs).map((name) =>
      make(
        'button',
        {
          type: 'button',
          role: 'tab',
          'aria-selected': String(name === tab),
          'data-tab': name,
          click: () => {
            tab = name;
            show();
          },
        },
        say(name),
      ),
    );
    const ended = Date.now() > Date.parse(told.until);
    const section = make('section', { class: 'stack' }, ...tabs[tab]());
    app.replaceChildren(
      ...[
        ended && make('p', { class: 'alarm' }, say('ended')),
        !keeps && make('p', { class: 'alarm' }, say('lost')),
        make('nav', { role: 'tablist' }, ...heads),
        section,
        make(
          'section',
          { class: 'small' },
          say('kept', { n: kept.done.length }),
          make('p', {}, say('private')),
        ),
      ].filter((one) => one !== false),
    );
    paint();
  }
  const until = document.getElementById('until');
  if (until) until.textContent = say('until', { when: told.until.slice(0, 10) });
  world.L.control.scale({ imperial: false }).addTo(world[told.map.map]);
  show();
})();
