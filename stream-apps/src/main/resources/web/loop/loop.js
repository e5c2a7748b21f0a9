// Asks for the state of the loop once a second, and for the chart when it has changed.

import { Topology } from './topology.js';
import { QualityChart } from './quality-chart.js';
import { DecisionStrip, showTiles, showRouting, showWaits, showTasks, showLetters } from './cards.js';

const EVERY = 1000;
const STRIP_EVERY = 3000;
const at = (id) => document.getElementById(id);

const topology = new Topology(at('topology'));
const chart = new QualityChart(at('chart'), at('legend'), at('chart-empty'));
const strip = new DecisionStrip(at('decisions'));
const status = document.querySelector('.status');
let chartRevision = null;
let stripShownAt = 0;

function say(state, text) {
  status.dataset.state = state;
  status.querySelector('span').textContent = text;
}

async function get(address) {
  const response = await fetch(address, { headers: { accept: 'application/json' }, cache: 'no-store' });
  if (!response.ok) {
    const { error, remedy } = await response.json().catch(() => ({}));
    throw new Error(error ? `${error}${remedy ? ` ${remedy}` : ''}` : `the server answered ${response.status}`);
  }
  return response.json();
}

async function follow() {
  try {
    const state = await get('api/loop/state');
    const now = Date.parse(state.at);
    for (const link of document.querySelectorAll('a[data-label-desk]')) link.setAttribute('href', state.labelUrl);
    topology.show(state);
    showTiles(at('tiles'), state);
    showRouting(at('routing'), at('routing-total'), at('budget'), state);
    showWaits(at('waits'), state.waits, state.labelUrl);
    if (now - stripShownAt >= STRIP_EVERY || !stripShownAt) {
      strip.show(state.decisions, now);
      if (state.decisions.length) stripShownAt = now;
    }
    showTasks(at('tasks'), state.tasks, now, state.labelUrl);
    showLetters(at('letters'), at('letters-total'), state.deadLetters, now);
    at('chart-empty').textContent = state.waits.find((wait) => wait.part === 'evaluation')?.text ?? '';
    if (state.chartRevision !== chartRevision) {
      chart.show(await get('api/loop/chart'));
      chartRevision = state.chartRevision;
    }
    say(state.caughtUp ? 'live' : 'reading', state.caughtUp ? 'live' : 'reading what happened before');
  } catch (problem) {
    say('lost', problem instanceof TypeError ? 'no answer from the server; trying again' : problem.message);
  } finally {
    setTimeout(follow, document.hidden ? 5 * EVERY : EVERY);
  }
}

follow();
