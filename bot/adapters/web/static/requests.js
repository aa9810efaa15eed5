// Requests to the bot; whatever goes wrong comes back as a sentence.

const AWAY = "The bot cannot be reached just now.";

export async function send(path, body) {
  const isForm = body instanceof FormData;
  try {
    const response = await fetch(path, {
      method: "POST",
      headers: isForm ? {} : { "Content-Type": "application/json" },
      body: isForm ? body : JSON.stringify(body),
    });
    const reply = await response.json();
    return response.ok ? reply : { error: reply.error || AWAY };
  } catch {
    return { error: AWAY };
  }
}
