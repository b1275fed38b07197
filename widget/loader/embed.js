// The loader: what the pasted script tag runs.
//
// It puts a host element where the tag stands, draws the frame in its final size
// before anything else is there, and asks for the session and the booker at once.
// It touches nothing else on the page and keeps nothing in the browser. Styles are
// constructed sheets and wasm is compiled from our own origin, so a strict CSP
// needs only: script-src EDGE 'wasm-unsafe-eval'; connect-src EDGE.
(() => {
  const assets = { js: '__BOOKER_JS__', wasm: '__BOOKER_WASM__', css: '__BOOKER_CSS__' };

  // `all: initial` and !important, because rules of the page for its own elements
  // (`* { … }`) reach the host; font and its size are the page's on purpose.
  const skeleton = `:host{all:initial!important;display:block!important;font-family:inherit!important;font-size:inherit!important}
.booker{container-type:inline-size;font-size:clamp(15px,1em,18px);line-height:1.45;color-scheme:light;color:light-dark(#17191c,#f1f2f4);--paper:light-dark(#fff,#16181b);--line:light-dark(#e3e5e9,#2e3238);--bone:light-dark(#f0f1f3,#212429)}
.frame{position:relative;display:grid;box-sizing:border-box;min-height:960px;background:var(--paper);border:1px solid var(--line);border-radius:calc(var(--slotstead-radius,12px) + 4px);overflow:clip}
.bones{position:absolute;inset:20px;display:grid;gap:16px;grid-template-rows:96px 400px 1fr}
.bones i{border-radius:12px;background:var(--bone)}
.fail{margin:auto;padding:20px;text-align:center;z-index:1}
.fail button{display:block;margin:14px auto 0;padding:0 20px;height:44px;font:inherit;color:inherit;background:none;border:1px solid;border-radius:12px;cursor:pointer}
@container (min-width:720px){.frame{min-height:500px}.bones{grid-template:1fr/1fr 356px 1fr}}
[data-theme=dark]{color-scheme:dark}
[data-theme=auto]{color-scheme:light dark}`;

  const sheet = (text) => {
    const made = new CSSStyleSheet();
    made.replaceSync(text);
    return made;
  };

  const element = (parent, name, className) => {
    const made = parent.appendChild(document.createElement(name));
    if (className) made.className = className;
    return made;
  };

  // Bookers of one edge on one page share one instance of the module.
  const shared = (edge) => {
    const name = Symbol.for(edge + assets.wasm);
    return (window[name] ??= (async () => {
      const get = async (name) => {
        const answer = await fetch(edge + '/assets/' + name, { credentials: 'omit' });
        if (!answer.ok) throw answer.status;
        return answer;
      };
      const [booker, wasm, css] = await Promise.all([
        import(edge + '/assets/' + assets.js),
        get(assets.wasm),
        get(assets.css).then((answer) => answer.text()),
      ]);
      await booker.default({ module_or_path: wasm });
      return [booker.mount, sheet(css)];
    })().catch((error) => {
      delete window[name];
      throw error;
    }));
  };

  const open = async (tag, root, frame) => {
    const { tenant, service, lang } = tag.dataset;
    const edge = new URL(tag.src).origin;
    const session = fetch(`${edge}/v1/${encodeURIComponent(tenant)}/sessions`, {
      method: 'POST',
      credentials: 'omit',
      cache: 'no-store',
      signal: AbortSignal.timeout(10000),
    }).then(async (answer) => [answer.status, await answer.text()]);
    // The booker tells the visitor. A browser shows a page no more of a refusal than that there was one, so
    // whoever put the tag here is told what to look at.
    session.catch(() => console.error(
      `Slotstead: no session at ${edge} for data-tenant="${tenant}" on ${location.origin}. `
        + 'Is the tenant right, and is this origin on its list?',
    ));
    try {
      const [mount, style] = await shared(edge);
      root.adoptedStyleSheets = [root.adoptedStyleSheets[0], style];
      mount(frame, { edge, tenant, service, lang, manage: tag.dataset.manage }, session);
    } catch {
      const fail = element(frame, 'div', 'fail');
      fail.setAttribute('role', 'alert');
      fail.textContent = 'The booking calendar could not be loaded. Nothing was booked.';
      const again = element(fail, 'button');
      again.textContent = 'Try again';
      again.onclick = () => {
        fail.remove();
        open(tag, root, frame);
      };
    }
  };

  const place = (tag) => {
    const host = document.createElement('slotstead-booker');
    tag.after(host);
    const root = host.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [sheet(skeleton)];
    const booker = element(root, 'div', 'booker');
    booker.dataset.theme = tag.dataset.theme || 'light';
    const frame = element(booker, 'div', 'frame');
    const bones = element(frame, 'div', 'bones');
    for (let bone = 0; bone < 3; bone++) element(bones, 'i');
    open(tag, root, frame);
  };

  // A tag that a page's own script inserted as a module has no currentScript.
  const own = document.currentScript;
  const tags = own ? [own] : document.querySelectorAll('script[src*="/embed.js"][data-tenant]');
  for (const tag of tags) if (tag.nextElementSibling?.localName !== 'slotstead-booker') place(tag);
})();
