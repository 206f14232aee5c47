// The page of the widget: binds the SDK's model, forwards what changes, shows what the backend answers.
// Everything that somebody else wrote goes into text nodes, never into markup.
"use strict";

(() => {
  const sdk = lpTag.agentSDK;
  // Drawn anew each time: a refresh drops all bindings, so the backend is told everything again.
  const widget = crypto.randomUUID();
  const waiting = [];
  let sending = false;

  const show = (id, text) => {
    document.getElementById(id).textContent = text;
  };

  const element = (name, text) => {
    const made = document.createElement(name);
    made.textContent = text;
    return made;
  };

  // Without the focus on it a widget still hears of changes; nothing to do but to say so.
  sdk.init({
    notificationCallback: () => {},
    visitorFocusedCallback: () => show("state", "watching"),
    visitorBlurredCallback: () => show("state", "watching in the background"),
  });

  const forward = async () => {
    if (sending || waiting.length === 0) return;
    sending = true;
    const updates = waiting.splice(0, 500);
    try {
      const answer = await fetch("/updates", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ widget, updates }),
      });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      render(await answer.json());
      show("state", "watching");
    } catch (error) {
      // What did not arrive is sent with the next change.
      waiting.unshift(...updates.slice(0, 500 - waiting.length));
      show("state", "the backend does not answer");
    } finally {
      sending = false;
    }
  };

  const changed = ({ key, newValue }) => {
    waiting.push({ key, newValue });
    // All changes of this moment in one request.
    setTimeout(forward, 0);
  };

  const render = ({ rows, suggestions }) => {
    const list = rows.flatMap(({ label, value }) => [element("dt", label), element("dd", value)]);
    document.getElementById("rows").replaceChildren(...list);
    const buttons = suggestions.map((suggestion) => {
      const button = element("button", suggestion.title);
      button.type = "button";
      button.dataset.suggestion = suggestion.id;
      button.addEventListener("click", () => carryOut(suggestion.command));
      return button;
    });
    document.getElementById("suggestions").replaceChildren(...buttons);
    // More may have come while this one was under way.
    if (waiting.length > 0) setTimeout(forward, 0);
  };

  // The SDK wants the content of a file as a Blob, which JSON cannot hold.
  const payload = ({ command, data }) => {
    if (command !== sdk.cmdNames.sendFile) return data;
    const bytes = Uint8Array.from(atob(data.file.base64), (c) => c.charCodeAt(0));
    return { name: data.name, file: new Blob([bytes], { type: data.file.mediaType }) };
  };

  const carryOut = (command) => {
    sdk.command(command.command, payload(command), (error) => {
      show("done", error ? "the workspace refused it" : "handed to the workspace");
    });
  };

  const bindAll = async () => {
    const paths = await (await fetch("/paths")).json();
    for (const path of paths) {
      sdk.bind(path, changed, (error) => {
        if (error) show("state", `cannot watch ${path}`);
      });
    }
    // Some members are there before a binding hears of them.
    sdk.get("chatInfo.rtSessionId", (value) => {
      if (value !== null) changed({ key: "chatInfo.rtSessionId", newValue: value });
    }, () => {});
  };

  bindAll().catch(() => show("state", "the backend does not answer"));
})();
