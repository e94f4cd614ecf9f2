"""Many reports in the queue of a real page, sent through a line that fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from playwright.sync_api import Page

# Four queues of the product's own, side by side, over one vault; only the waiting is shortened.
SEND = """
async ({n, mark, place, keys, base}) => {
  const at = (name) => import(`${base}${name}`);
  const [{Queue}, {Replay}, {sending}, {Vault}] = await Promise.all(
    ['beat/queue.js', 'beat/replay.js', 'beat/sending.js', 'beat/vault.js'].map(at));
  const world = {
    wait: (ms) => new Promise((done) => setTimeout(done, Math.min(ms, 30))),
    online: () => true,
  };
  const lines = [];
  for (let line = 0; line < 4; line += 1) {
    const secret = crypto.getRandomValues(new Uint8Array(32));
    const vault = await Vault.openWith(`${mark}${line}`, secret);
    const queue = new Queue(vault);
    const sender = sending(queue);
    if (!keys) {
      // The control: every try is told as if it were another report.
      const report = sender.report;
      sender.report = (item) => report({...item, id: crypto.randomUUID()});
    }
    for (let i = line; i < n; i += 4) {
      await queue.add('report', {
        place: {type: 'Point', coordinates: place}, title: `${mark} ${i}`, category: '0102',
        source: 'patrol', text: `${i}`, address: '',
      }, {words: String(i)});
    }
    lines.push({queue, replay: new Replay(queue, sender, world)});
  }
  await Promise.all(lines.map(({replay}) => replay.wake()));
  return {
    left: lines.reduce((sum, {queue}) => sum + queue.items.length, 0),
    refused: lines.reduce((sum, {queue}) => sum + queue.refused, 0),
  };
}
"""
AGAIN = """
async ({place, mark, id}) => {
  const {send} = await import('/static/gridmap/api.js');
  try {
    await send('/api/incidents', {
      place: {type: 'Point', coordinates: place}, title: `${mark} another`, category: '0102',
      source: 'patrol', text: '', address: '', client_id: id,
    });
    return 0;
  } catch (failure) {
    return failure.status;
  }
}
"""


@dataclass(frozen=True)
class Sent:
    """What became of the reports: left on the phone, rows and different titles on the server."""

    left: int
    refused: int
    rows: int
    titles: int


def send(
    page: Page, base: psycopg.Connection[tuple[object, ...]], n: int, mark: str, *, keys: bool
) -> Sent:
    """Queue ``n`` reports on the page, send them all, and count what is there."""
    given: dict[str, Any] = {
        "n": n, "mark": mark, "keys": keys, "place": place_of(base), "base": "/static/gridmap/",
    }  # fmt: skip
    told = page.evaluate(SEND, given)
    found = base.execute(
        "SELECT count(*), count(DISTINCT title) FROM layers_incident WHERE title LIKE %s",
        [f"{mark} %"],
    ).fetchone()
    assert found
    rows, titles = (int(str(number)) for number in found)
    return Sent(told["left"], told["refused"], rows, titles)


def again(page: Page, base: psycopg.Connection[tuple[object, ...]], mark: str) -> int:
    """Send other words under a key that is taken; return the status of the answer."""
    found = base.execute(
        "SELECT client_id::text FROM layers_incident WHERE title LIKE %s LIMIT 1", [f"{mark} %"]
    ).fetchone()
    assert found
    given = {"place": place_of(base), "mark": mark, "id": found[0]}
    return int(page.evaluate(AGAIN, given))


def place_of(base: psycopg.Connection[tuple[object, ...]]) -> list[float]:
    """A place inside cell A-1."""
    found = base.execute(
        "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface(geom) AS p"
        " FROM layers_celledition WHERE code = '350404001001001') AS c"
    ).fetchone()
    assert found
    return [float(str(number)) for number in found]
