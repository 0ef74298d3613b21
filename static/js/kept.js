// What was typed and is not yet at the server. It lies in this browser, an answer a key, so that a
// lost connection or a closed tab costs no word. The key names whose it is: somebody else who logs
// in here neither sees nor sends it. Logging out removes all of it (site.js).

const SITE = "ungepuljen:";
const LONGEST = 20_000; // a request that hangs for so long is as good as none

// Once one logs out, nothing is put back while the page goes.
let isOver = false;
document.addEventListener("submit", (event) => {
  isOver ||= event.target.getAttribute("action")?.endsWith("/logout/") ?? false;
});

const prefixOf = (draft) => `${SITE}${draft.writer}:${draft.reference}:`;

// An entry: {to, values: {name: [value]}, seen, sent: [values on their way earlier]}.
export function keep(draft, unit, entry) {
  if (isOver) return;
  try {
    localStorage.setItem(prefixOf(draft) + unit, JSON.stringify(entry));
  } catch {
    // No room, or not allowed: the page itself still holds it and sends it.
  }
}

export function forget(draft, unit) {
  try {
    localStorage.removeItem(prefixOf(draft) + unit);
  } catch {
    // Not allowed: then there is nothing.
  }
}

// [[unit, entry]] of what is left of the draft.
export function keptOf(draft) {
  try {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(prefixOf(draft)))
      .map((key) => [key.slice(prefixOf(draft).length), JSON.parse(localStorage.getItem(key))]);
  } catch {
    return [];
  }
}

// One answer to the server: {state: "ok", ...what it says}, or why not: "offline", "logged_out",
// "refused" with the sentence, "problem".
export function post(to, { values, seen }, isLeaving = false) {
  const body = new URLSearchParams({ seen });
  for (const [name, list] of Object.entries(values)) {
    for (const value of list) body.append(name, value);
  }
  return call(to, { method: "POST", body, keepalive: isLeaving });
}

export async function call(to, options = {}) {
  try {
    const answer = await fetch(to, {
      ...options,
      headers: { Accept: "application/json", ...token() },
      redirect: "manual",
      signal: AbortSignal.timeout(LONGEST),
    });
    // A token that is no longer right is that of a login that has ended.
    if (answer.type === "opaqueredirect" || answer.status === 403) return { state: "logged_out" };
    if (answer.status === 409) return { state: "refused", ...(await answer.json()) };
    return answer.ok ? { state: "ok", ...(await answer.json()) } : { state: "problem" };
  } catch {
    return { state: "offline" };
  }
}

// What was typed on other pages of the draft, sent once more. Says whether some of it arrived, and
// whether some is left: a conflict or a mistake is settled on its own page.
export async function sendRest(draft, pageOf = "") {
  const told = { hasSent: false, isLeft: false };
  for (const [unit, entry] of keptOf(draft)) {
    if (entry.to === pageOf) continue;
    const answer = await post(entry.to, entry);
    const isThere =
      answer.state === "ok" && isEmpty(answer.errors) && isEmpty(answer.elsewhere);
    if (isThere) forget(draft, unit);
    told[isThere ? "hasSent" : "isLeft"] = true;
  }
  return told;
}

const isEmpty = (object) => Object.keys(object).length === 0;

function token() {
  return JSON.parse(document.body.getAttribute("hx-headers") ?? "{}");
}
