use super::{Language, Topic};

pub(super) const POLISH: Language = Language {
    tag: "pl-PL",
    time_zone: "Europe/Warsaw",
    country: "Poland",
    country_code: "PL",
    currency: "zł",
    cities: &["Łódź", "Gdańsk", "Kraków", "Świętochłowice", "Rzeszów"],
    given_names: &["Łukasz", "Zofia", "Małgorzata", "Jędrzej", "Śniedrzyc", "Hania"],
    family_names: &["Wiśniewska", "Brzęczyszczykiewicz", "Żak", "Dąbrowski", "Ćwik"],
    products: &[
        "kurtka przeciwdeszczowa",
        "młynek do kawy",
        "słuchawki",
        "łyżwy",
        "żelazko",
    ],
    greetings: &[
        "Dzień dobry {name}, z tej strony {agent}. W czym mogę pomóc?",
        "Witam {name}! Dziękuję za {minutes} minut cierpliwości, tu {agent}.",
    ],
    fillers: &[
        "Halo, jest tam ktoś?",
        "ok",
        "Czekam już {minutes} minut…",
        "Mój numer to {order}.",
        "Nie, chodzi o: {product}.",
    ],
    thanks: &[
        "Dziękuję bardzo, {agent}!",
        "Super, dzięki 😀",
        "No dobrze. Do widzenia.",
    ],
    closings: &[
        "Cała przyjemność po mojej stronie, {name}!",
        "Czy mogę jeszcze w czymś pomóc?",
        "Zamykam rozmowę, miłego dnia.",
    ],
    summaries: &[
        "Klient pytał o zamówienie {order}; załatwione.",
        "Zwrot {amount} obiecany do {date}.",
        "Wymiana: {product}, odbiór {city}.",
    ],
    opinions: &[
        "Szybko i miło",
        "za długo czekałem",
        "Bot nic nie rozumie",
        "Świetna obsługa!",
    ],
    topics: [
        Topic {
            openers: &[
                "Gdzie jest moja paczka? Zamówienie {order} miało być {date}.",
                "Paczka od {date} stoi w: {city}.",
                "Status „doręczona”, a ja nic nie mam ({product}).",
            ],
            replies: &[
                "Paczka wyjechała {date} ({city}) i będzie jutro.",
                "Kurier podaje zły adres, czy to {city}?",
                "Zgłosiłam reklamację {order}, odpowiedź w dwa dni.",
            ],
            follow_ups: &["Potrzebuję tego do {date}!", "Można doręczyć do: {city}?"],
        },
        Topic {
            openers: &[
                "Dlaczego pobrano mi {amount}?",
                "Na rachunku z {date} dwa razy {amount}.",
                "Czy rachunek {order} mogę zapłacić w ratach?",
            ],
            replies: &[
                "Rachunek z {date} zawiera {amount} za: {product}.",
                "Ma Pan rację, zwracamy {amount}.",
                "Gotowe: {amount} do {date}, reszta później.",
            ],
            follow_ups: &["Kiedy dostanę zwrot?", "Na {amount} nigdy się nie zgadzałem."],
        },
        Topic {
            openers: &[
                "Lecę {date} do: {city}. Ile kosztuje roaming?",
                "Brak zasięgu, {city}, roaming włączony.",
                "SMS o {amount} za roaming, a byłem w: {city}!",
            ],
            replies: &[
                "Pakiet dzienny kosztuje {amount}.",
                "Proszę uruchomić telefon ponownie i wybrać sieć ręcznie.",
                "Zablokowałam roaming i zwróciłam {amount}.",
            ],
            follow_ups: &["Czy rozmowy są w cenie?", "Dwa razy, nadal „brak usługi”."],
        },
        Topic {
            openers: &[
                "Chcę zwrócić {product}, zamówienie {order}.",
                "{product}: przyszło uszkodzone, zdjęcie w załączniku.",
                "Etykieta zwrotna się nie otwiera.",
            ],
            replies: &[
                "Wysłałam nową etykietę, punkt: {city}.",
                "Przepraszamy! Zwrócimy {amount}.",
                "Ma Pani czas do {date}.",
            ],
            follow_ups: &["Czy potrzebne jest pudełko?", "Mogę wymienić na: {product}?"],
        },
        Topic {
            openers: &[
                "Od {date} nie działa: {product}.",
                "Aplikacja pokazuje „błąd {minutes}”.",
                "Jak połączyć {product} z telefonem?",
            ],
            replies: &[
                "Proszę przytrzymać dziesięć sekund i czekać {minutes} minut.",
                "Proszę zaktualizować aplikację.",
                "Przesyłam odnośnik z instrukcją.",
            ],
            follow_ups: &["Próbowałem, nic.", "Która wersja? Mam 4.{minutes}."],
        },
        Topic {
            openers: &[
                "Czy jest {product} w: {city}?",
                "Rabat na {product} do {date}?",
                "{amount} za wysyłkę? Poważnie?",
            ],
            replies: &[
                "Są trzy sztuki ({city}), odłożyć, {name}?",
                "Z kodem LATO{minutes} za {amount}.",
                "Od {amount} wysyłka gratis.",
            ],
            follow_ups: &["A {product}?", "Tak, na nazwisko {name}."],
        },
    ],
};
