use super::{Language, Topic};

pub(super) const GERMAN: Language = Language {
    tag: "de-DE",
    time_zone: "Europe/Berlin",
    country: "Germany",
    country_code: "DE",
    currency: "EUR",
    cities: &["Köln", "Görlitz", "Gießen", "Lübeck", "Würzburg", "Schwäbisch Gmünd"],
    given_names: &[
        "Jörg", "Änne", "Lukas", "Käthe", "Mia", "Björn", "Soufiane", "Heike", "Uwe", "Zoë",
    ],
    family_names: &[
        "Groß",
        "Müller-Lüdenscheidt",
        "Yılmaz",
        "Schäfer",
        "Krüger",
        "von Böhm",
        "Weiß",
        "Nowak",
    ],
    products: &[
        "Regenstiefel",
        "Kaffeemühle",
        "Fahrradschloss",
        "Heißluftfritteuse",
        "Übergangsjacke",
        "Gehörschutz",
    ],
    greetings: &[
        "Guten Tag {name}, hier ist {agent}. Wie kann ich helfen?",
        "Hallo {name}! Danke für die {minutes} Minuten Geduld, ich bin {agent}.",
        "Grüß Gott {name}, {agent} am Apparat – äh, an der Tastatur 😄",
    ],
    fillers: &[
        "Sind Sie noch da?",
        "Okay.",
        "Ich warte seit {minutes} Minuten!",
        "Die Nummer lautet {order}, falls das hilft.",
        "Nein, es geht um: {product}.",
    ],
    thanks: &["Vielen Dank, {agent}!", "Prima, danke schön.", "Na endlich. Tschüss."],
    closings: &[
        "Gern geschehen, {name}! Schönen Tag noch.",
        "Kann ich sonst noch etwas für Sie tun?",
        "Ich schließe das Gespräch jetzt, schreiben Sie jederzeit wieder.",
    ],
    summaries: &[
        "Kundin fragte nach Bestellung {order}; erledigt.",
        "Gutschrift über {amount} bis {date} zugesagt.",
        "Ersatz für {product} nach {city} geschickt.",
    ],
    opinions: &[
        "Schnell & freundlich",
        "viel zu lange gewartet",
        "Der Bot versteht kein Wort",
        "Größtes Lob!",
    ],
    topics: [
        Topic {
            openers: &[
                "Wo bleibt mein Paket? Bestellung {order} sollte am {date} da sein.",
                "Laut Sendungsverfolgung liegt es seit {date} in {city}.",
                "Der Bote hat nicht geklingelt, {product} fehlt immer noch.",
            ],
            replies: &[
                "Das Paket hat {city} am {date} verlassen und kommt morgen an.",
                "Der Zusteller meldet eine falsche Anschrift: Wohnen Sie in {city}?",
                "Ich habe eine Nachforschung zu {order} eröffnet.",
            ],
            follow_ups: &["Ich brauche es aber bis {date}.", "Können Sie nach {city} umleiten?"],
        },
        Topic {
            openers: &[
                "Warum wurden mir {amount} abgebucht?",
                "Auf der Rechnung vom {date} steht {amount} doppelt.",
                "Kann ich Rechnung {order} in zwei Raten zahlen?",
            ],
            replies: &[
                "In der Rechnung vom {date} sind {amount} für {product} enthalten.",
                "Sie haben recht, {name}, ich schreibe {amount} gut.",
                "Erledigt: {amount} zum {date}, der Rest im Folgemonat.",
            ],
            follow_ups: &["Wann ist das Geld zurück?", "Den {amount} habe ich nie zugestimmt."],
        },
        Topic {
            openers: &[
                "Ich fliege am {date} nach {city}: Was kostet Roaming?",
                "Kein Netz in {city}, obwohl Roaming an ist.",
                "SMS über {amount} Roaming, ich war nur in {city}!",
            ],
            replies: &[
                "Der Tagespass kostet {amount}, Daten inklusive.",
                "Bitte neu starten und das Netz von Hand wählen.",
                "Roaming ist gesperrt, {amount} sind erstattet.",
            ],
            follow_ups: &["Sind Anrufe dabei?", "Zweimal neu gestartet, „kein Dienst“."],
        },
        Topic {
            openers: &[
                "Ich möchte {product} aus Bestellung {order} zurückgeben.",
                "{product} kam kaputt an, siehe Foto.",
                "Das Retourenetikett lässt sich nicht öffnen.",
            ],
            replies: &[
                "Gern: neues Etikett ist unterwegs, Abgabe in {city}.",
                "Das tut mir leid! {amount} werden erstattet.",
                "Sie haben bis {date} Zeit.",
            ],
            follow_ups: &[
                "Brauche ich den Originalkarton?",
                "Geht auch ein Umtausch gegen {product}?",
            ],
        },
        Topic {
            openers: &[
                "Seit {date} geht nichts mehr an: {product}.",
                "Die App zeigt „Fehler {minutes}“ beim Anmelden.",
                "Wie verbinde ich {product} mit dem Telefon?",
            ],
            replies: &[
                "Zehn Sekunden drücken, dann {minutes} Minuten warten.",
                "Bitte die App aktualisieren und neu anmelden.",
                "Ich schicke Ihnen die Anleitung als Link.",
            ],
            follow_ups: &["Schon versucht, nichts.", "Welche Version? Ich habe 4.{minutes}."],
        },
        Topic {
            openers: &[
                "Gibt es {product} noch in {city}?",
                "Läuft der Rabatt auf {product} bis {date}?",
                "{amount} Versand? Ernsthaft?",
            ],
            replies: &[
                "Drei Stück in {city}, soll ich eines zurücklegen, {name}?",
                "Mit SPAR{minutes} nur {amount}.",
                "Ab {amount} versenden wir kostenlos.",
            ],
            follow_ups: &["Und {product}?", "Ja bitte, auf den Namen {name}."],
        },
    ],
};
