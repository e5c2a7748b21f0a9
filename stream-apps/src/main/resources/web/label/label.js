// The label desk: takes tasks one after the other, keeps their leases, and hands in the masks.

import { Desk, Refusal } from './api.js';
import { WorkClock } from './clock.js';
import { EditableMask, IGNORE } from './mask.js';
import { Palette } from './palette.js';
import { decodeGrey, encodeGrey } from './png.js';
import { Tools } from './tools.js';
import { View } from './view.js';

const LOOK_AGAIN = 2500;
const COUNT_AGAIN = 5000;
const NAME = 'maskstream.annotator';
const SETTINGS = 'maskstream.label.view';

const at = (id) => document.getElementById(id);
const pause = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

const desk = new Desk((waiting) => (waiting ? toast('The label desk cannot be reached. Trying again…', 'warn', 'lost') : toast('The label desk is back.', 'good', 'lost')));
const view = new View(at('canvas'), at('stage'));
const palette = new Palette(at('palette'), (id) => chooseClass(id));
const tools = new Tools(view, {
  changed: () => showEdits(),
  picked: (id) => chooseClass(id),
  toolChanged: (tool) => showTool(tool),
  sizeChanged: (size) => showSize(size),
});
const clock = new WorkClock();

let current = null;
let upcoming = null;
let busy = false;
let leaseSeconds = 600;
let classesKnown = false;
let sessionDone = 0;
let sessionSeconds = 0;

// ---- words on the screen -------------------------------------------------------------------------------------------

const toasts = new Map();

function toast(text, kind = 'info', key = text) {
  toasts.get(key)?.remove();
  const note = document.createElement('p');
  note.className = `toast ${kind}`;
  note.dataset.testid = `toast-${kind}`;
  note.textContent = text;
  note.addEventListener('click', () => note.remove());
  at('toasts').append(note);
  toasts.set(key, note);
  setTimeout(() => note.remove(), kind === 'bad' || kind === 'warn' ? 9000 : 3500);
}

function complain(error) {
  toast(error instanceof Refusal ? `${sentence(error.message)} ${sentence(error.remedy)}` : String(error.message ?? error), 'bad');
}

function sentence(text) {
  return text ? `${text[0].toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}` : '';
}

function showEdits() {
  const edits = current?.mask.edits ?? 0;
  at('edits').textContent = !current ? '' : edits === 0 ? 'no edits yet' : `${edits} edit${edits === 1 ? '' : 's'}`;
  at('undo').disabled = busy || edits === 0;
  at('redo').disabled = busy || !current?.mask.canRedo;
  at('accept').disabled = busy || !current || edits > 0;
  at('submit').disabled = busy || !current;
  at('skip').disabled = busy || !current;
  palette.shares(current?.mask.counts ?? [], current?.mask.classes.length ?? 0);
}

function showTool(tool) {
  for (const button of at('tools').children) button.setAttribute('aria-pressed', String(button.dataset.tool === tool));
  const words = {
    brush: 'Paint what is wrong, then submit.',
    eraser: 'The eraser brings back what the model had filled in.',
    polygon: 'Click the corners; Enter or a double click closes it.',
    fill: 'Click a region to give it the chosen class.',
  };
  at('hint').replaceChildren(`${words[tool]} Press `, Object.assign(document.createElement('kbd'), { textContent: '?' }), ' for all keys.');
}

function showSize(size) {
  at('size').value = size;
  at('size-out').textContent = `${size} px`;
  remember();
}

function showView() {
  view.opacity = Number(at('opacity').value) / 100;
  view.hidden = at('hide').checked;
  view.heat = at('heat').checked;
  at('opacity-out').textContent = `${at('opacity').value} %`;
  at('ramp').hidden = !view.heat;
  view.draw();
  remember();
}

function remember() {
  localStorage.setItem(SETTINGS, JSON.stringify({ opacity: at('opacity').value, size: tools.size }));
}

function chooseClass(id) {
  tools.chooseClass(id);
  palette.choose(id);
}

async function showCounts() {
  try {
    const status = await desk.status();
    leaseSeconds = status.leaseSeconds;
    at('done').textContent = status.submittedByYou;
    at('open').textContent = status.openForYou;
    at('who').textContent = status.annotator;
    const minutes = Math.round(leaseSeconds / 60);
    at('lease-words').textContent = leaseSeconds < 120 ? `${Math.round(leaseSeconds)} seconds` : `${minutes} minutes`;
    at('pace').textContent = sessionDone > 0 ? `${Math.round(sessionSeconds / sessionDone)} s each` : '';
    if (!current) showEmpty(status);
    return status;
  } catch (error) {
    complain(error);
    return null;
  }
}

function showEmpty(status) {
  const left = status.open - status.openForYou;
  const parts = [];
  if (!classesKnown) {
    at('empty-title').textContent = 'No classes yet';
    parts.push('No model has been released, so nobody knows what to paint. This page goes on by itself when there is one.');
  } else {
    at('empty-title').textContent = status.submittedByYou > 0 ? 'All done for now' : 'No open tasks';
    parts.push('New ones appear here by themselves, as soon as the model is unsure about an image.');
  }
  if (left > 0) parts.push(`${left} that you skipped ${left === 1 ? 'waits' : 'wait'} for somebody else.`);
  if (status.claimed > 0) parts.push(`${status.claimed} ${status.claimed === 1 ? 'is' : 'are'} in somebody’s hands.`);
  at('empty-text').textContent = parts.join(' ');
}

// ---- tasks ---------------------------------------------------------------------------------------------------------

/** Claims a task and fetches all that it takes to show it; null if there is none. */
async function fetchTask(resume) {
  const task = await desk.next(resume);
  if (!task) return null;
  try {
    const [image, mask, confidence] = await Promise.all([
      desk.image(task.taskId),
      desk.bytes(task.taskId, 'mask').then(decodeGrey),
      desk.bytes(task.taskId, 'confidence').then(decodeGrey),
    ]);
    if (mask.width !== task.width || mask.height !== task.height) throw new Error('the pre-filled mask has another size than the image');
    return { ...task, image, prefill: mask.samples, confidence: confidence.samples, renewedAt: Date.now(), lost: null };
  } catch (error) {
    toast(`One image could not be shown and was skipped: ${error.message}`, 'warn');
    await desk.act(task.taskId, 'skip', { note: `the page could not show it: ${error.message}` }).catch(() => {});
    return fetchTask(false);
  }
}

async function learnClasses() {
  const { classes } = await desk.classes();
  classesKnown = classes.length > 0;
  if (classesKnown) {
    const first = palette.classes.length === 0;
    palette.show(classes);
    if (first) chooseClass(0);
    else palette.choose(tools.classId);
  }
  return classesKnown;
}

/** Shows the next task, and fetches the one after it behind the scenes. */
async function advance(resume = false) {
  current = null;
  view.clear();
  tools.edit(null, []);
  showEdits();
  at('banner').hidden = true;
  at('caption').textContent = '';
  for (;;) {
    at('loading').hidden = !at('empty').hidden;
    try {
      const ready = (await learnClasses()) ? await (upcoming ?? fetchTask(resume)) : null;
      upcoming = null;
      if (ready) {
        open(ready);
        return;
      }
    } catch (error) {
      upcoming = null;
      complain(error);
    }
    at('loading').hidden = true;
    at('empty').hidden = false;
    await showCounts();
    await pause(LOOK_AGAIN);
  }
}

function open(task) {
  at('loading').hidden = true;
  at('empty').hidden = true;
  task.mask = new EditableMask(task.width, task.height, task.prefill, (rectangle) => view.refresh(rectangle));
  current = task;
  view.show(task.image, task.mask, task.confidence, palette.colours);
  tools.edit(task.mask, palette.colours);
  if (tools.tool === 'eraser') tools.choose('brush');
  at('caption').textContent = `${task.name || task.imageId} · ${task.width} × ${task.height} · filled in by ${task.modelVersion}`;
  clock.start();
  busy = false;
  showEdits();
  if (task.lost) showLost(task.lost);
  upcoming = fetchTask(false).catch((error) => {
    complain(error);
    return null;
  });
  upcoming.then(showCounts);
}

async function finish(action, body, word) {
  if (busy || !current) return;
  busy = true;
  showEdits();
  const task = current;
  try {
    await desk.act(task.taskId, action, body);
    if (action === 'submit') {
      sessionDone += 1;
      sessionSeconds += body.secondsSpent;
    }
    flash(word);
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 409) {
      complain(error);
      busy = false;
      showEdits();
      return;
    }
    toast(`${action === 'submit' ? 'Your mask was not taken: ' : ''}${error.message}. Here is the next one.`, 'bad');
  }
  task.image.close();
  await advance();
}

async function submit() {
  if (busy || !current) return;
  const { mask } = current;
  const png = await encodeGrey(mask.width, mask.height, mask.classes);
  await finish('submit', { mask: base64(png), secondsSpent: clock.seconds(), strokes: mask.edits }, 'Saved');
}

async function accept() {
  if (current?.mask.edits > 0) {
    toast('You have edited this mask: press Enter to submit your edits, or undo them first.', 'warn', 'edited');
    return;
  }
  await finish('submit', { acceptAsIs: true, secondsSpent: clock.seconds(), strokes: 0 }, 'Accepted');
}

function base64(bytes) {
  let text = '';
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(text);
}

function flash(word) {
  at('saved').textContent = word;
  at('saved').classList.remove('shown');
  void at('saved').offsetWidth; // starts the animation anew
  at('saved').classList.add('shown');
}

function showLost(reason) {
  at('banner').querySelector('span').textContent = `${sentence(reason)} You can still try to submit; it counts if nobody else was faster.`;
  at('banner').hidden = false;
}

/** Keeps the leases of the task on the screen and of the one that waits. */
async function renewLeases() {
  for (;;) {
    await pause(Math.max(1000, (leaseSeconds * 1000) / 3));
    const waiting = upcoming ? await Promise.race([upcoming, pause(0)]) : null;
    for (const task of [current, waiting]) {
      if (!task || task.lost || (task === current && busy)) continue;
      try {
        await desk.act(task.taskId, 'renew');
      } catch (error) {
        if (task !== current && waiting !== task) continue;
        task.lost = error.message;
        if (task === waiting) upcoming = null;
        else if (task === current && !busy) showLost(error.message);
      }
    }
  }
}

function leave() {
  if (current && !busy) desk.giveBack(current.taskId);
  upcoming?.then((task) => task && desk.giveBack(task.taskId));
}

// ---- hands ---------------------------------------------------------------------------------------------------------

const skipDialog = at('skip-dialog');

function askWhySkip() {
  if (busy || !current) return;
  at('skip-note').value = '';
  skipDialog.showModal();
}

function skipWith(button) {
  skipDialog.close();
  if (button.dataset.reject) finish('reject', { note: button.dataset.reject }, 'Closed');
  else finish('skip', { note: button.dataset.reason }, 'Skipped');
}

for (const button of skipDialog.querySelectorAll('.reasons button')) button.addEventListener('click', () => skipWith(button));
at('skip-cancel').addEventListener('click', () => skipDialog.close());
at('skip-form').addEventListener('submit', () => finish('skip', { note: at('skip-note').value }, 'Skipped'));
skipDialog.addEventListener('keydown', (event) => {
  const button = skipDialog.querySelectorAll('.reasons button')[Number(event.key) - 1];
  if (button && event.target !== at('skip-note')) {
    event.preventDefault();
    skipWith(button);
  }
});

at('submit').addEventListener('click', submit);
at('accept').addEventListener('click', accept);
at('skip').addEventListener('click', askWhySkip);
at('undo').addEventListener('click', () => undo());
at('redo').addEventListener('click', () => redo());
at('fit').addEventListener('click', () => view.fit());
at('banner-next').addEventListener('click', () => advance());
at('help-open').addEventListener('click', () => at('help').showModal());
at('who').addEventListener('click', () => askName());
at('size').addEventListener('input', () => tools.resize(Number(at('size').value)));
for (const id of ['opacity', 'hide', 'heat']) at(id).addEventListener('input', showView);
for (const button of at('tools').children) button.addEventListener('click', () => tools.choose(button.dataset.tool));
view.onZoom = (zoom) => (at('zoom').textContent = `${Math.round(100 * zoom)} %`);

function undo() {
  if (busy || !current) return;
  current.mask.undo();
  showEdits();
}

function redo() {
  if (busy || !current) return;
  current.mask.redo();
  showEdits();
}

function toggle(id) {
  at(id).checked = !at(id).checked;
  showView();
}

const KEYS = {
  b: () => tools.choose('brush'),
  e: () => tools.choose('eraser'),
  p: () => tools.choose('polygon'),
  f: () => tools.choose('fill'),
  i: () => classesKnown && chooseClass(IGNORE),
  r: () => view.fit(),
  m: () => toggle('hide'),
  h: () => toggle('heat'),
  a: () => accept(),
  s: () => askWhySkip(),
  '[': () => tools.smaller(),
  ']': () => tools.larger(),
  '?': () => at('help').showModal(),
  escape: () => tools.dropPolygon(),
};

addEventListener('keydown', (event) => {
  if (document.querySelector('dialog[open]') || event.target.matches('input:not([type=range]):not([type=checkbox])')) return;
  const key = event.key.toLowerCase();
  if ((event.ctrlKey || event.metaKey) && (key === 'z' || key === 'y')) {
    event.preventDefault();
    if (key === 'y' || event.shiftKey) redo();
    else undo();
    return;
  }
  if (event.ctrlKey || event.metaKey) return;
  if (event.code === 'Space') {
    if (event.target instanceof HTMLButtonElement) return;
    event.preventDefault();
    tools.space = true;
    return;
  }
  const digit = /^Digit(\d)$/.exec(event.code) ?? /^Numpad(\d)$/.exec(event.code);
  if (digit && !event.altKey) {
    const place = ((Number(digit[1]) + 9) % 10) + (event.shiftKey ? 10 : 0);
    if (place < palette.classes.length) {
      event.preventDefault();
      chooseClass(palette.classes[place].id);
    }
    return;
  }
  if (key === 'enter') {
    if (event.target instanceof HTMLButtonElement) return;
    event.preventDefault();
    if (tools.isBusy) tools.closePolygon();
    else if (!event.repeat) submit();
    return;
  }
  if (!event.altKey && KEYS[key] && !(event.repeat && !'[]'.includes(key))) {
    event.preventDefault();
    KEYS[key]();
  }
});

// After a click with the mouse the keys belong to the image again; a button that was reached by Tab keeps them.
addEventListener('click', (event) => {
  if (event.detail > 0 && event.target.closest('.side button, .actions button, .side .check')) at('canvas').focus({ preventScroll: true });
});

addEventListener('keyup', (event) => {
  if (event.code === 'Space') tools.space = false;
});
addEventListener('blur', () => (tools.space = false));
addEventListener('pagehide', leave);
addEventListener('pageshow', (event) => event.persisted && location.reload());

// ---- start ---------------------------------------------------------------------------------------------------------

/** Asks for the name; a change of name starts over, since tasks are held under it. */
function askName() {
  return new Promise((resolve) => {
    const dialog = at('name-dialog');
    const before = localStorage.getItem(NAME) ?? '';
    at('name').value = before;
    dialog.showModal();
    dialog.addEventListener('close', () => {
      const name = at('name').value.trim();
      if (name && name !== before) {
        localStorage.setItem(NAME, name);
        if (before) location.reload();
      }
      resolve(name);
    }, { once: true });
  });
}

/** Finds out who labels: the holder of the token, or on an open server whoever says so. */
async function signIn() {
  desk.name = localStorage.getItem(NAME);
  while ((await desk.me()).name === '') {
    at('loading').hidden = true;
    desk.name = (await askName()) || null;
    at('loading').hidden = false;
  }
}

async function start() {
  const settings = JSON.parse(localStorage.getItem(SETTINGS) ?? '{}');
  at('opacity').value = settings.opacity ?? 55;
  tools.resize(settings.size ?? 14);
  tools.choose('brush');
  showView();
  showEdits();
  try {
    await signIn();
  } catch (error) {
    at('loading').hidden = true;
    complain(error);
    return;
  }
  await showCounts();
  setInterval(showCounts, COUNT_AGAIN);
  renewLeases();
  await advance(true);
}

// What a browser test needs to point at a pixel.
window.maskstreamLabel = { toClient: (x, y) => view.toClient(x, y), taskId: () => current?.taskId ?? null };

start();
