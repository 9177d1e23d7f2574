const ISSUE = "must be an e-mail address";
const ATOM = /[A-Za-z0-9_!#$%&'*+\-/=?^`{|}~\u{80}-\u{10FFFF}]+/u.source;
const LOCAL_PART = new RegExp(`^${ATOM}(\\.${ATOM})*$`, "u");
const LABEL = /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
// "ab--" is no label, "xn--" begins one of other characters.
const DASHES = /^(?!xn)..--/i;
// Names that no mail is delivered to.
const SPECIAL_USE = ["arpa", "invalid", "local", "localhost", "onion", "test"];
// Controls, formats and spaces make an address look like another.
const HIDDEN = /[\p{C}\p{Z}]/u;
// eslint-disable-next-line no-control-regex
const ASCII = /^[\u0000-\u007f]*$/;

function isDomain(domain: string): boolean {
  const labels = domain.toLowerCase().split(".");
  return (
    domain.length <= 253 &&
    labels.length > 1 &&
    labels.every((label) => LABEL.test(label) && !DASHES.test(label)) &&
    /[a-z]$/.test(domain.toLowerCase()) &&
    !SPECIAL_USE.includes(labels.at(-1) ?? "")
  );
}

/**
 * What the API would say about an address. Names of other alphabets are for the API to judge, which
 * knows the rules of internationalized domains: here they pass. Contact's addresses are in ASCII
 * before the @, because its mail service takes no others.
 */
export function addressIssue(address: string, asciiOnly = false): string | undefined {
  const issue = asciiOnly ? `${ISSUE}, in ASCII before the @` : ISSUE;
  const at = address.indexOf("@");
  const [local, domain] = [address.slice(0, Math.max(at, 0)), address.slice(at + 1)];
  if (at < 1 || !LOCAL_PART.test(local)) return issue;
  if (HIDDEN.test(address)) return issue;
  if (asciiOnly && !ASCII.test(local)) return issue;
  if (ASCII.test(domain) ? isDomain(domain) : !domain.includes("@")) return undefined;
  return issue;
}
