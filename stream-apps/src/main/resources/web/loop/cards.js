// Everything below the drawing that is a list: tiles, routing shares, waits, decisions, tasks, refused records.

import { el, count, rate, percent, iou, ago, reason, route, brief } from './words.js';

function tile(id, label, value, note, more) {
  return el('article', { class: 'tile', 'data-testid': `tile-${id}` },
    el('h3', {}, label), el('p', { class: 'value' }, ...[value].flat()), el('p', { class: 'note' }, note), more);
}

export function showTiles(host, state) {
  const { edges, learning, audit, model } = state;
  const images = edges.images ?? { perSecond: 0, total: 0 };
  const predictions = edges.predictions ?? { perSecond: 0, total: 0 };
  const unit = (text) => el('small', {}, ` ${text}`);
  host.replaceChildren(
    tile('images', 'Images predicted', [rate(predictions.perSecond), unit('a second')],
      `${count(images.total)} arrived, ${predictions.exact === false ? 'about ' : ''}${count(predictions.total)} predicted`),
    tile('labels', 'Labels by people', count(learning.labels + learning.evaluation),
      `${count(learning.labels)} to learn from, ${count(learning.evaluation)} only to measure with`),
    tile('share', 'Of the stream, learnt from', learning.share === null ? '–' : percent(learning.share),
      learning.share === null ? 'no decision yet' : `${count(learning.labels)} labels and ${count(learning.pseudoLabels)} pseudo-labels`,
      el('div', { class: 'meter', 'aria-hidden': 'true' }, bar(learning.share ?? 0))),
    audit
      ? tile('audit', 'Error of pseudo-labels', percent(audit.error, 1),
        `1 − mIoU; 95 %: ${percent(audit.low, 1)} to ${percent(audit.high, 1)}; ${count(audit.images)} audited, ${percent(audit.pixelError, 1)} of pixels wrong`)
      : tile('audit', 'Error of pseudo-labels', '–', 'not measured yet: waits for audited images'),
    model
      ? tile('model', 'Model in charge', [brief(model.version, 18)],
        [model.miou === null ? `${model.status === 'STARTING' ? 'the starting model' : model.method}, not measured yet`
          : `mIoU ${iou(model.miou)} (${iou(model.miouLow)} to ${iou(model.miouHigh)}) on ${count(model.images)} images`,
        model.serving && model.serving !== model.version ? `; ${brief(model.serving, 14)} still serves` : ''].join(''))
      : tile('model', 'Model in charge', '–', 'no release yet'),
  );
}

function bar(share, kind = '') {
  const fill = el('i', { class: kind });
  fill.style.width = `${Math.max(0, Math.min(1, share)) * 100}%`;
  return fill;
}

export function showRouting(host, total, budgetHost, state) {
  const all = state.routing.reduce((sum, share) => sum + share.decisions, 0);
  total.textContent = all ? `${count(all)} decisions, by reason` : '';
  host.replaceChildren(...(state.routing.length
    ? [el('dl', { class: 'shares' }, ...state.routing.flatMap((share) => [
      el('dt', {}, reason(share.reason), el('small', {}, route(share.route))),
      el('dd', { 'data-reason': share.reason, title: `${count(share.decisions)} decisions` },
        el('div', { class: 'meter' }, bar(share.share, `route-${share.route.toLowerCase()}`)), el('b', {}, percent(share.share, share.share < 0.1 ? 1 : 0))),
    ]))]
    : [el('p', { class: 'empty' }, 'No decision yet: routing decides as soon as the first prediction arrives.')]));
  const budget = state.budget;
  budgetHost.replaceChildren(...(budget && budget.capacity > 0
    ? [el('p', { class: 'budget' }, 'Label budget: ', el('b', {}, count(Math.floor(budget.tokens))), ` of ${count(budget.capacity)} tasks in hand, ${count(Math.round(budget.tasksPerHour))} more an hour`),
      el('div', { class: 'meter' }, bar(budget.tokens / budget.capacity, 'route-ask_person'))]
    : []));
}

const PARTS = { publishers: 'Publishers', model: 'Model', inference: 'Inference', routing: 'Routing', trainer: 'Trainer', people: 'People', evaluation: 'Quality', audit: 'Audit' };

export function showWaits(host, waits, labelUrl) {
  host.replaceChildren(...(waits.length
    ? waits.map((wait) => el('li', { 'data-testid': 'wait', 'data-part': wait.part },
      el('b', {}, PARTS[wait.part] ?? wait.part), ' ', wait.text, ...(wait.part === 'people' ? [' ', el('a', { href: labelUrl }, 'Open the label desk')] : [])))
    : [el('li', { class: 'fine', 'data-testid': 'wait-none' }, 'Nothing. Every part of the loop is moving.')]));
}

// The strip: known cards stay as they are, so that pictures do not flicker.
export class DecisionStrip {
  constructor(host, most = 12) {
    this.host = host;
    this.most = most;
    this.cards = new Map();
    this.resting = false;
    for (const [on, resting] of [['pointerenter', true], ['pointerleave', false], ['focusin', true], ['focusout', false]]) {
      host.addEventListener(on, () => { this.resting = resting; });
    }
  }

  show(decisions, now) {
    for (const time of this.host.querySelectorAll('time')) time.textContent = ago(time.dateTime, now);
    if (decisions.length === 0) {
      if (!this.host.childElementCount) this.host.append(el('li', { class: 'empty' }, 'No decision yet. Each image that routing decides on appears here with its mask.'));
      return;
    }
    if (this.resting && this.cards.size) return;
    const next = new Map();
    for (const decision of decisions.slice(0, this.most)) {
      const key = `${decision.imageId}|${decision.modelVersion}|${decision.pictures}`;
      next.set(key, this.cards.get(key) ?? card(decision, now));
    }
    const order = [...next.values()];
    if (order.some((node, i) => this.host.children[i] !== node) || this.host.childElementCount !== order.length) this.host.replaceChildren(...order);
    this.cards = next;
  }
}

function picture(decision, kind, alt) {
  const address = `api/loop/picture/${encodeURIComponent(decision.imageId)}/${kind}?version=${encodeURIComponent(decision.modelVersion)}`;
  const image = el('img', { src: address, alt, loading: 'lazy', decoding: 'async', class: kind, 'data-testid': `picture-${kind}` });
  image.addEventListener('error', () => image.replaceWith(el('span', { class: `gone ${kind}` }, 'not kept')), { once: true });
  return image;
}

function card(decision, now) {
  return el('li', { class: 'card', 'data-testid': 'decision-card', 'data-image': decision.imageId, 'data-route': decision.route },
    decision.pictures
      ? el('div', { class: 'mosaic' }, picture(decision, 'overlay', 'predicted mask over the image'), picture(decision, 'thumbnail', 'image'), picture(decision, 'heat', 'where the model was unsure'))
      : el('div', { class: 'mosaic none' }, el('span', {}, 'pictures are no longer kept')),
    el('p', { class: 'head' }, el('span', { class: `badge route-${decision.route.toLowerCase()}` }, route(decision.route)),
      el('span', { class: 'score', title: `${decision.score}, large is unsure` }, `${decision.score} ${decision.scoreValue.toFixed(2)}`)),
    el('p', { class: 'why', 'data-testid': 'decision-why' }, decision.why),
    el('p', { class: 'foot' }, el('span', { title: decision.imageId }, `${decision.source} · ${brief(decision.imageId, 10)}`), el('time', { datetime: decision.at }, ago(decision.at, now))));
}

export function showTasks(host, tasks, now, labelUrl) {
  if (tasks.open === 0) {
    host.replaceChildren(el('p', { class: 'empty', 'data-testid': 'tasks-empty' }, 'Nothing to label. Routing asks people when the model is unsure, and now and then by chance.'));
    return;
  }
  host.replaceChildren(
    el('p', { class: 'lead' }, el('b', {}, count(tasks.open)), ` open, ${count(tasks.held)} in someone’s hands`),
    el('table', {},
      el('thead', {}, el('tr', {}, ...['Image', 'Why', 'Priority', 'Asked', 'With'].map((name) => el('th', { scope: 'col' }, name)))),
      el('tbody', {}, ...tasks.first.slice(0, 8).map((task) => el('tr', { 'data-testid': 'task-row' },
        el('td', { title: task.taskId }, el('a', { href: `${labelUrl}?task=${encodeURIComponent(task.taskId)}` }, brief(task.taskId, 12)), el('small', {}, task.source)),
        el('td', {}, reason(task.reason)), el('td', { class: 'number' }, task.priority.toFixed(2)), el('td', {}, ago(task.createdAt, now)), el('td', {}, task.holder ?? '–'))))));
}

export function showLetters(host, total, letters, now) {
  total.textContent = letters.total
    ? Object.entries(letters.byStage).map(([stage, n]) => `${stage} ${count(n)}`).join(' · ')
    : '';
  host.replaceChildren(...(letters.total === 0
    ? [el('p', { class: 'empty', 'data-testid': 'letters-empty' }, 'None. A record that a stage cannot read is kept here with its cause, and the stream goes on.')]
    : [el('ul', { class: 'letters' }, ...letters.last.slice(0, 6).map((letter) => el('li', { 'data-testid': 'dead-letter-row' },
      el('p', {}, letter.cause), el('small', {}, `${letter.stage} · ${letter.topic}-${letter.partition}@${letter.offset} · ${ago(letter.at, now)}`))))]));
}
