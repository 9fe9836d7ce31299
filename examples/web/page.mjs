// What the page shows: the model's arrival, the conversation, the speed. The model itself is in
// worker.mjs.

const at = (id) => document.getElementById(id);
// As in index.html?tokens=100: the longest answer.
const maxTokens = Number(new URLSearchParams(location.search).get('tokens')) || 400;
const worker = new Worker(new URL('worker.mjs', import.meta.url), { type: 'module' });
const messages = []; // {role, content}, as the model's chat template takes them
let answer = null; // the paragraph that grows

function showBytes({ what, loaded, total }) {
  const megabytes = (bytes) => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
  at('loading-label').textContent =
    what === 'weights' ? 'Fetching the weights' : 'Fetching the model';
  if (total) at('bar').value = loaded / total;
  else at('bar').removeAttribute('value'); // the length is not known
  at('loaded').textContent = total
    ? `${megabytes(loaded)} of ${megabytes(total)} MB`
    : `${megabytes(loaded)} MB`;
}

function showSpeed({ tokens, firstTokenSeconds, seconds }) {
  const span = seconds - firstTokenSeconds;
  const rate = tokens > 1 && span > 0 ? `${((tokens - 1) / span).toFixed(1)} tokens/s, ` : '';
  at('speed').textContent =
    `${rate}${tokens} token${tokens === 1 ? '' : 's'}, first after ${firstTokenSeconds.toFixed(2)} s`;
}

function showBusy(busy) {
  at('log').setAttribute('aria-busy', String(busy));
  at('ask').disabled = busy;
  at('stop').disabled = !busy;
  at('fresh').disabled = busy || messages.length === 0;
}

function addTurn(kind, text) {
  const turn = document.createElement('p');
  turn.className = kind;
  turn.textContent = text;
  at('log').append(turn);
  return turn;
}

/** Changes the log; who was at its end stays there, who has scrolled back is left in peace. */
function withLog(change) {
  const log = at('log');
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 24;
  change();
  if (atEnd) log.scrollTop = log.scrollHeight;
}

function ask(content) {
  messages.push({ role: 'user', content });
  withLog(() => {
    addTurn('question', content);
    answer = addTurn('answer', '');
  });
  at('speed').textContent = 'Reading the question';
  at('error').hidden = true;
  showBusy(true);
  worker.postMessage({ kind: 'ask', messages, maxTokens });
}

function finish() {
  messages.push({ role: 'assistant', content: answer.textContent });
  answer = null;
  showBusy(false);
  at('question').focus();
}

function showError(text) {
  at('error').textContent = `Sorry, ${text}.`;
  at('error').hidden = false;
  at('loading').hidden = true;
  if (answer) {
    // What failed is not part of the conversation.
    answer.previousSibling.remove();
    answer.remove();
    answer = null;
    messages.pop();
    showBusy(false);
  }
}

const receive = {
  progress: showBytes,
  ready({ name }) {
    at('name').textContent = name;
    document.title = `${name} in this page`;
    at('loading').hidden = true;
    at('talk').hidden = false;
    at('question').focus();
  },
  piece(message) {
    withLog(() => answer.append(message.text));
    showSpeed(message);
  },
  done(message) {
    showSpeed(message);
    finish();
  },
  error: ({ text }) => showError(text),
};
worker.onmessage = ({ data }) => receive[data.kind](data);
worker.onerror = (event) => showError(event.message ?? 'the worker did not start');

at('form').addEventListener('submit', (event) => {
  event.preventDefault();
  const content = at('question').value.trim();
  if (!content || answer) return;
  at('question').value = '';
  ask(content);
});
at('question').addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    at('form').requestSubmit();
  }
});
at('stop').addEventListener('click', () => worker.postMessage({ kind: 'stop' }));
at('fresh').addEventListener('click', () => {
  messages.length = 0;
  at('log').replaceChildren();
  at('speed').textContent = '\u00a0';
  showBusy(false);
  at('question').focus();
});

worker.postMessage({ kind: 'load' });
