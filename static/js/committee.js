// What a member wrote on a paper without a network goes off from whichever page comes next.

import { forget, keptOf, post } from "./kept.js";

// All papers of a member lie under one name, each answer as "case/answer".
export const papersOf = (writer) => ({ writer, reference: "papers" });

// Of the papers of other pages than the one that saves at `here`.
export async function sendPapers(writer, here = "") {
  const papers = papersOf(writer);
  for (const [unit, entry] of keptOf(papers)) {
    if (entry.to === here) continue;
    const answer = await post(entry.to, entry);
    // What is wrong is settled on its own page; what came too late never is.
    const isWrong = answer.state === "ok" && Object.keys(answer.errors).length > 0;
    if (answer.state === "refused" || (answer.state === "ok" && !isWrong)) forget(papers, unit);
  }
}

const desk = document.querySelector("[data-papers]");
if (desk) sendPapers(desk.dataset.papers);
