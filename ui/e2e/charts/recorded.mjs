// What a page asked the API, and what it was answered: charts are held to just these answers.

/** Begins to listen; `clear` forgets what was answered to the page before. */
export function record(page) {
  let answers = new Map();
  let others = new Map();
  let pending = [];
  const keep = async (response) => {
    const address = new URL(response.url());
    if (!address.pathname.startsWith("/api/v1/") || !response.ok()) return;
    if (address.pathname === "/api/v1/query") {
      const { queries } = response.request().postDataJSON();
      const body = await response.json();
      for (const [index, query] of (queries ?? []).entries()) {
        answers.set(JSON.stringify(query), { query, answer: body.answers[index] });
      }
    } else if (response.request().method() === "GET") {
      others.set(address.pathname + address.search, await response.json().catch(() => null));
    }
  };
  page.on("response", (response) => pending.push(keep(response).catch(() => undefined)));
  return {
    clear() {
      [answers, others, pending] = [new Map(), new Map(), []];
    },
    async settled() {
      await Promise.all(pending);
      return { find: (like) => found(answers, like), got: (path) => gotten(others, path) };
    },
  };
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** The answer to the one question that has all of this; of measures, all that are named, or just these (`isWhole`). No dimension and no granularity unless told. */
function found(answers, { measures, isWhole = false, granularity = false, dimensions = [], ...like }) {
  const matching = [...answers.values()].filter(
    ({ query }) =>
      measures.every((measure) => query.measures.includes(measure)) &&
      (!isWhole || query.measures.length === measures.length) &&
      same(query.dimensions ?? [], dimensions) &&
      Boolean(query.granularity) === granularity &&
      Object.entries(like).every(([key, value]) => same(query[key], value)),
  );
  const [first] = matching;
  if (matching.length !== 1) {
    throw new Error(
      `the page has asked ${matching.length} questions like ${JSON.stringify({ measures, dimensions, ...like })}`,
    );
  }
  if (!first.answer.columns) throw new Error(`no answer: ${JSON.stringify(first.answer)}`);
  return first.answer;
}

function gotten(others, path) {
  const matching = [...others].filter(([address]) => path.test(address));
  if (matching.length === 0) throw new Error(`the page has not asked for ${path}`);
  return matching.at(-1)[1];
}
