// Money as people type and read it; inside it is whole øre.

const LOCALES = { da: "da-DK", en: "en-DK", sv: "sv-SE", nb: "nb-NO" };

// As grants.pools.money.ore reads it; null for what is no amount.
export function ore(text) {
  const typed = text.toLowerCase().replace(/\s/g, "").replace(/[:,]-$/, "");
  const bare = typed.replace(/kr\.?|dkk|sek|nok|eur|€/g, "");
  const mark = Math.max(bare.lastIndexOf(","), bare.lastIndexOf("."));
  const decimals = mark < 0 ? "" : bare.slice(mark + 1);
  const hasDecimals = /^\d{1,2}$/.test(decimals);
  const kroner = (hasDecimals ? bare.slice(0, mark) : bare).replace(/[.,]/g, "");
  if (!/^\d{1,12}$/.test(kroner)) return null;
  return Number(kroner) * 100 + (hasDecimals ? Number(decimals.padEnd(2, "0")) : 0);
}

// As grants.pools.money.money writes it, which has the minus of the keyboard in every language.
export function money(amount, currency) {
  const format = { style: "currency", currency };
  const written = new Intl.NumberFormat(LOCALES[document.documentElement.lang], format);
  return written.format(amount / 100).replace("\u2212", "-");
}
