import "./style/tokens.css";
import "./style/base.css";

import { mount } from "svelte";
import App from "./App.svelte";
import { session, showTheme } from "./session.svelte";
import { preferredLanguage, useLanguage } from "./text";

showTheme(session.theme);
await useLanguage(preferredLanguage());
mount(App, { target: document.getElementById("app")! });
