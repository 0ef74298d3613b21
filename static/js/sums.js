// The sums of the accounts while somebody types. The server works them out in the same way.

const LOCALES = { da: "da-DK", en: "en-DK", sv: "sv-SE", nb: "nb-NO" };
const form = document.querySelector("form:has([data-accounts])");
const told = form?.querySelector("[data-accounts]");

// As grants.pools.money.ore reads what people type; what cannot be read counts as nothing.
function ore(text) {
  const bare = text.toLowerCase().replace(/kr\.?|dkk|sek|nok|eur|€|\s|[:,]-$/g, "");
  const mark = Math.max(bare.lastIndexOf(","), bare.lastIndexOf("."));
  const decimals = mark < 0 ? "" : bare.slice(mark + 1);
  const has = mark >= 0 && /^\d{1,2}$/.test(decimals);
  const kroner = (has ? bare.slice(0, mark) : bare).replace(/[.,]/g, "");
  if (!/^\d{1,12}$/.test(kroner)) return 0;
  return Number(kroner) * 100 + (has ? Number(decimals.padEnd(2, "0")) : 0);
}

function money(amount) {
  const style = { style: "currency", currency: told.dataset.currency };
  return new Intl.NumberFormat(LOCALES[document.documentElement.lang], style).format(amount / 100);
}

function sumOf(kind) {
  const fields = [...form.querySelectorAll(`[data-amount="${kind}"]`)];
  return fields.reduce((sum, field) => sum + ore(field.value), 0);
}

// Half of the expenses is no surplus: nothing is said before every agreed line has its amount.
function isComplete() {
  return [...form.querySelectorAll("[data-agreed]")].every((field) => field.value.trim());
}

function outcome(balance, back) {
  if (!isComplete()) return "";
  if (balance < 0) return "loss";
  if (balance === 0) return "even";
  return back ? "back" : "keep";
}

function show() {
  const grant = Number(told.dataset.grant);
  const expenses = sumOf("expense");
  const income = grant + sumOf("income");
  const balance = income - expenses;
  const back = balance > Number(told.dataset.keep) ? Math.min(balance, grant) : 0;
  for (const [name, amount] of Object.entries({ income, expenses, balance, back })) {
    const place = told.querySelector(`[data-sum="${name}"]`);
    if (place) place.textContent = money(amount);
  }
  const came = outcome(balance, back);
  for (const part of told.querySelectorAll("[data-outcome]")) {
    part.hidden = part.dataset.outcome !== came;
  }
}

form?.addEventListener("input", show);
