import { texts } from "../../text";

/** Loaded with its section of the settings. */
export const say = texts({
  en: {
    lead: "Payments arrive by webhook, and are matched with the visit that led to them.",
    connected: "connected",
    not: "not connected",
    last: "last event {moment}",
    noEvent: "no event yet",
    address: "Webhook address",
    events: "Events to select: {events}",
    secret: "Signing secret of {name}",
    connect: "Connect {name}",
    replace: "Replace the secret of {name}",
    made: "Give this secret to {name}. It is shown now and never again.",
    disconnect: "Disconnect {name}",
    disconnectSure: "The secret is forgotten, and new payments are refused. Payments from before stay.",
  },
  de: {
    lead: "Zahlungen kommen über Webhooks und werden dem Besuch zugeordnet, der zu ihnen geführt hat.",
    connected: "verbunden",
    not: "nicht verbunden",
    last: "letztes Ereignis {moment}",
    noEvent: "noch kein Ereignis",
    address: "Adresse des Webhooks",
    events: "Auszuwählende Ereignisse: {events}",
    secret: "Signaturschlüssel von {name}",
    connect: "{name} verbinden",
    replace: "Schlüssel von {name} ersetzen",
    made: "Geben Sie {name} diesen Schlüssel. Er wird jetzt gezeigt und nie wieder.",
    disconnect: "{name} trennen",
    disconnectSure: "Der Schlüssel wird vergessen, und neue Zahlungen werden abgewiesen. Frühere Zahlungen bleiben.",
  },
});
