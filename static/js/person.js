// Whom this page was shown to, and whether the browser has shown one to somebody else since.
export const shownTo = document.body.dataset.shownTo;
// Drafts and picks are kept under it: of one person, and whatever the mark is signed with.
export const person = shownTo.split(":")[0];
const NOBODY = "nobody";

export function cookie(name) {
  return document.cookie.match(`(?:^|;\\s*)${name}=([^;]+)`)?.[1];
}

/* Who only signed out is nobody else: what is sent then leads to signing in. */
export function isAnothers() {
  const now = cookie("shown_to") ?? NOBODY;
  return now !== NOBODY && now !== shownTo;
}

/* Where a person's own things of the team at hand are kept in this browser. */
export const ownKey = (what) => `castboard:${what}:${document.body.dataset.team}:${person}`;
