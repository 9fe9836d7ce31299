// The model in a thread of its own, so that the page never waits for it. Messages in: {kind: 'load'
// | 'ask' | 'stop'};
// out: {kind: 'progress' | 'ready' | 'piece' | 'done' | 'error'}.

let model;

async function loadModel() {
  // The folder that `ingot compile` wrote says what its model is called.
  const folder = new URL('model/', self.location.href);
  const report = await fetch(new URL('report.json', folder));
  if (!report.ok)
    throw new Error(
      `there is no model beside this page: '${report.url}' has status ${report.status}`,
    );
  const { name } = await report.json();
  const { load } = await import(new URL(`${name}.mjs`, folder));
  let last = 0;
  model = await load({
    onProgress({ what, loaded, total }) {
      const now = performance.now();
      if (now - last > 40 || loaded === total)
        postMessage({ kind: 'progress', what, loaded, total });
      last = now - last > 40 ? now : last;
    },
  });
  postMessage({ kind: 'ready', name: model.name, chat: model.hasChat });
}

async function answer({ messages, maxTokens }) {
  const prompt = model.hasChat ? messages : messages.at(-1).content;
  const options = { maxTokens, repeatPenalty: 1.1 };
  for await (const text of model.generate(prompt, options))
    postMessage({ kind: 'piece', text, ...speed() });
  postMessage({ kind: 'done', stop: model.result.stop, ...speed() });
}

function speed() {
  const { tokens, promptTokens, firstTokenSeconds, seconds } = model.result;
  return { tokens, promptTokens, firstTokenSeconds, seconds };
}

onmessage = async ({ data }) => {
  try {
    if (data.kind === 'load') await loadModel();
    else if (data.kind === 'ask') await answer(data);
    else model?.cancel();
  } catch (error) {
    postMessage({ kind: 'error', text: error.message });
  }
};
