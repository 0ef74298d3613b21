// The budget while it is typed: lines are added, sums and balance are told at once.

import { money, ore } from "./money.js";

const budget = document.querySelector("[data-lines]")?.closest(".question");
const form = budget?.closest("form");

const linesOf = (kind) => [...budget.querySelectorAll(`[data-lines="${kind}"] [data-line]`)];
const inputOf = (line, name) => line.querySelector(`[name$="-${name}"]`);
const isEmpty = (line) => !inputOf(line, "text").value && !inputOf(line, "amount").value;

// A line of the kind with the key, made after the last one; the row.
export function addLine(kind, key = freshKey()) {
  const lines = linesOf(kind);
  const last = lines.at(-1);
  const line = last.cloneNode(true);
  line.dataset.line = key;
  line.ariaLabel = last.ariaLabel.replace(/\d+/, lines.length + 1);
  for (const part of line.querySelectorAll("[name], [for]")) {
    for (const name of ["name", "id", "for"]) {
      const value = part.getAttribute(name);
      if (value) part.setAttribute(name, value.replace(`line-${last.dataset.line}-`, `line-${key}-`));
    }
  }
  line.querySelectorAll(".field__error, .field__note").forEach((told) => told.remove());
  line.querySelectorAll(".field--wrong").forEach((field) => field.classList.remove("field--wrong"));
  for (const input of line.querySelectorAll("input:not([type=hidden]), select")) {
    input.value = input.tagName === "SELECT" ? input.options[0].value : "";
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
  }
  last.after(line);
  return line;
}

function freshKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(5));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// With a button for more, one empty line is enough to begin in.
function leaveOneEmpty(kind) {
  for (const line of linesOf(kind).filter(isEmpty).slice(1)) line.remove();
}

function sumOf(kind) {
  return linesOf(kind).reduce((sum, line) => sum + (ore(inputOf(line, "amount").value) ?? 0), 0);
}

function tell() {
  const sums = budget.querySelector("[data-sums]");
  const sought = ore(form.elements.amount_applied_for?.value ?? "") ?? 0;
  const [expenses, income] = [sumOf("expense"), sumOf("income")];
  const left = income + sought - expenses;
  for (const [name, amount] of Object.entries({ expenses, income, sought, left })) {
    sums.querySelector(`[data-sum="${name}"]`).textContent = money(amount, sums.dataset.currency);
  }
  const balance = left === 0 ? "even" : left < 0 ? "less" : "more";
  for (const each of sums.querySelectorAll("[data-balance]")) {
    each.hidden = each.dataset.balance !== balance;
  }
  const flag = budget.querySelector("[data-own-wages]");
  const isOwnWage = (line) => inputOf(line, "nature").value === "own_wage";
  if (flag) flag.hidden = !linesOf("expense").some(isOwnWage);
}

if (budget) {
  for (const button of budget.querySelectorAll("[data-add]")) {
    leaveOneEmpty(button.dataset.add);
    button.hidden = false;
    button.addEventListener("click", () => inputOf(addLine(button.dataset.add), "text").focus());
  }
  budget.querySelectorAll("[data-without-script]").forEach((told) => told.remove());
  for (const event of ["input", "change", "filled"]) form.addEventListener(event, tell);
  tell();
}
