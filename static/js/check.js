// Before sending: what was typed and has not arrived goes first, and is then on the page.

import { sendRest } from "./kept.js";

const left = document.querySelector("[data-unsaved]");
const { hasSent, isLeft } = await sendRest({ ...left.dataset });

left.hidden = !isLeft;
if (hasSent) location.reload();
