// A stand-in for the widget SDK of the Agent Workspace, for tests: the documented calls over a model in this page.
// The test drives it through `window.standIn`. It holds the page to the documented rules and notes where it breaks one.
"use strict";

(() => {
  const model = {};
  const bindings = [];
  const state = { initialized: 0, commands: [], profiles: [], broken: [] };

  const breaks = (rule) => {
    state.broken.push(rule);
    return new Error(rule);
  };

  // Only what JSON can hold goes through postMessage. A Blob is the exception that `Send File` needs.
  const copy = (value) => (value === undefined ? null : JSON.parse(JSON.stringify(value)));

  const read = (path) => path.split(".").reduce((at, name) => (at === null || at === undefined ? null : at[name] ?? null), model);

  const write = (path, value) => {
    const names = path.split(".");
    const last = names.pop();
    let at = model;
    for (const name of names) at = at[name] ??= {};
    at[last] = value;
  };

  const later = (call) => setTimeout(call, 0);

  const cmdNames = {
    write: "Write ChatLine",
    writeSC: "Write StructuredContent",
    notify: "Send Notification",
    sendFile: "Send File",
  };

  const agentSDK = {
    v: "stand-in",
    name: "agentSDK",
    appNames: {},
    cmdNames,
    reqNames: {},
    eventNames: {},
    init(callbacks = {}) {
      state.initialized += 1;
      if (state.initialized > 1) throw breaks("init is called once");
      state.callbacks = callbacks;
    },
    get(path, onSuccess, onError) {
      if (!state.initialized) throw breaks("init comes first");
      if (typeof onError !== "function") breaks("get wants a callback for errors");
      later(() => onSuccess(copy(read(path))));
    },
    bind(path, callback, done) {
      if (!state.initialized) throw breaks("init comes first");
      bindings.push({ path, callback });
      later(() => {
        const value = read(path);
        if (value !== null) callback({ key: path, newValue: copy(value) });
        if (done) done(null);
      });
    },
    unbind(path, callback, done) {
      const at = bindings.findIndex((binding) => binding.path === path && binding.callback === callback);
      if (at < 0) breaks("unbind wants the callback that was bound");
      else bindings.splice(at, 1);
      if (done) later(() => done(at < 0 ? new Error("not bound") : null));
    },
    command(cmdName, data, done) {
      if (!state.initialized) throw breaks("init comes first");
      const known = Object.values(cmdNames).includes(cmdName);
      if (!known) breaks(`no command is named ${cmdName}`);
      const file = data.file instanceof Blob ? { size: data.file.size, type: data.file.type } : undefined;
      state.commands.push({ cmdName, data: { ...copy(data), ...(file && { file }) } });
      if (done) later(() => done(known ? null : new Error("unknown command")));
    },
    setConsumerProfile(profile, onSuccess, onError) {
      if (Object.values(profile).includes(null)) throw breaks("a null in a profile throws");
      state.profiles.push(copy(profile));
      later(() => onSuccess?.());
    },
    onNotify() {},
    onVisitorFocused() {},
    onVisitorBlurred() {},
    dispose() {
      bindings.length = 0;
    },
  };

  window.lpTag = { agentSDK };
  window.standIn = {
    state,
    // What the workspace does: a value changes, and whoever is bound to it or to what it is in hears of it.
    set(path, value) {
      const lines = path === "chatTranscript.lines";
      write(path, lines ? [...(read(path) ?? []), ...value] : value);
      for (const { path: bound, callback } of [...bindings]) {
        if (bound !== path) continue;
        // Of the transcript only new lines are told.
        later(() => callback({ key: path, newValue: copy(lines ? value : read(path)) }));
      }
    },
    bound: () => bindings.map(({ path }) => path),
  };
})();
