// What an address answers, as text; null when that is not to be shown: a refusal, no line, or the sign-in page in its place.
// Why, the banner of the live connection says.
export async function fetched(address) {
  try {
    const reply = await fetch(address);
    return reply.ok && !reply.redirected ? await reply.text() : null;
  } catch {
    return null;
  }
}
