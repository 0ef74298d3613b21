// What one is about to say in a discussion lies in this browser until it is said: a vote cast on the
// same page, or a reload, costs no word of it. Without this script it is sent by its own button only.

import { forget, keep, keptOf } from "./kept.js";

const form = document.querySelector("form[data-remark]");

function keepRemark() {
  const { remark: reference, writer } = form.dataset;
  const remarks = { writer, reference: "remarks" };
  const { text } = form.elements;
  const inputs = [...form.elements].filter(({ name }) => name && name !== "csrfmiddlewaretoken");

  function written() {
    const values = {};
    for (const [name, value] of new FormData(form)) values[name] = [value];
    delete values.csrfmiddlewaretoken;
    return values;
  }

  function fill(values) {
    for (const input of inputs) {
      const given = values[input.name] ?? [];
      if (["radio", "checkbox"].includes(input.type)) input.checked = given.includes(input.value);
      else input.value = given[0] ?? "";
    }
  }

  // What stands in the discussion has arrived.
  const isSaid = (entry) =>
    entry.isSent &&
    [...document.querySelectorAll(".thread__said .answer")].some(
      (said) => said.textContent.trim() === entry.values.text[0].trim(),
    );

  const save = (isSent) =>
    text.value.trim()
      ? keep(remarks, reference, { values: written(), isSent })
      : forget(remarks, reference);

  const [, entry] = keptOf(remarks).find(([unit]) => unit === reference) ?? [];
  if (entry && isSaid(entry)) forget(remarks, reference);
  else if (text.value.trim()) save(false); // typed before this script came, or sent back as wrong
  else if (entry) fill(entry.values);

  form.addEventListener("input", () => save(false));
  form.addEventListener("submit", () => save(true));
}

if (form) keepRemark();
