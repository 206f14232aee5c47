use super::{Language, Topic};

pub(super) const ENGLISH: Language = Language {
    tag: "en-US",
    time_zone: "America/New_York",
    country: "United States",
    country_code: "US",
    currency: "USD",
    cities: &[
        "Boston",
        "Denver",
        "Tulsa",
        "Portland",
        "Savannah",
        "Coeur d'Alene",
        "Albuquerque",
    ],
    given_names: &[
        "Max", "Olivia", "Noah", "Emma", "Liam", "Ava", "Seán", "Grace", "Theo", "Renée", "Jack", "Maya",
    ],
    family_names: &[
        "Miller",
        "O'Connor",
        "Smith-Jones",
        "Nguyen",
        "Brown",
        "Castillo",
        "Wright",
        "de la Cruz",
        "Kim",
    ],
    products: &[
        "rain boots",
        "4K monitor",
        "wool scarf",
        "espresso machine",
        "bike helmet",
        "noise-cancelling headset",
    ],
    greetings: &[
        "Hi {name}, this is {agent}. How can I help you today?",
        "Hello {name}! My name is {agent}, thanks for waiting {minutes} minutes.",
        "Good day {name}, {agent} here. Let me have a look at that.",
        "Hey {name} 👋 you're chatting with {agent} now.",
    ],
    fillers: &[
        "Still there?",
        "ok",
        "I've been waiting {minutes} minutes already…",
        "My number is {order}, if that helps.",
        "Sure, one second, I'm looking for it.",
        "No, that's not it. It's the {product}.",
    ],
    thanks: &[
        "Thanks {agent}, that's great!",
        "Perfect, thank you 🙏",
        "Okay. Bye.",
        "Finally! Thank you so much, {agent}.",
    ],
    closings: &[
        "You're welcome, {name}! Have a great day.",
        "Anything else I can do for you, {name}?",
        "I'll close this conversation now; just write back if you need us.",
        "Glad I could help. Take care!",
    ],
    summaries: &[
        "Customer asked about order {order}; resolved, no follow-up.",
        "Explained charge of {amount}. Credit promised by {date}.",
        "Replacement for the {product} ordered, to be delivered in {city}.",
        "Customer upset about the wait (\"{minutes} minutes\"), offered a voucher.",
    ],
    opinions: &[
        "Quick and friendly",
        "took far too long",
        "The bot didn't understand me",
        "Great help, thanks!",
        "meh",
    ],
    topics: [
        Topic {
            openers: &[
                "Where is my parcel? Order {order} should have arrived on {date}.",
                "Tracking says my {product} is in {city} since {date}. Is it lost?",
                "Late parcel again!! {order}. The courier never rang the bell.",
            ],
            replies: &[
                "I see the late parcel: it left our hub in {city} on {date} and should reach you tomorrow.",
                "The courier reports a wrong address. Could you confirm the city, is it {city}?",
                "I have opened an inquiry for {order}; you'll get an e-mail within two days.",
            ],
            follow_ups: &[
                "It's still not here and I need the {product} by {date}.",
                "Can you deliver to {city} instead?",
            ],
        },
        Topic {
            openers: &[
                "Why was I charged {amount}? My plan costs half of that.",
                "There are two lines of {amount} on my bill of {date}, I only ordered one {product}.",
                "Can I pay bill {order} in two parts?",
            ],
            replies: &[
                "The bill of {date} includes {amount} for the {product}; I can send you the details.",
                "You're right, {name}, that was booked twice. I am crediting {amount}.",
                "I've split it: {amount} is due on {date}, the rest a month later.",
            ],
            follow_ups: &[
                "And when will the {amount} be back on my card?",
                "I never agreed to that {amount} charge.",
            ],
        },
        Topic {
            openers: &[
                "I'm flying to {city} on {date}, what does roaming cost there?",
                "No data in {city}! Roaming is switched on.",
                "I got a roaming text for {amount}, I never left {city}.",
            ],
            replies: &[
                "In {city} you surf with the day pass, {amount} for 24 hours.",
                "Please restart the phone and choose the network by hand; I've reset your profile.",
                "I have blocked roaming on your line and refunded {amount}.",
            ],
            follow_ups: &[
                "Does the pass also cover calls?",
                "Restarted twice, still \"no service\".",
            ],
        },
        Topic {
            openers: &[
                "I'd like to return the {product} from order {order}.",
                "The {product} came broken, see the photo. Refund please.",
                "My return label doesn't open (\"error 404\").",
            ],
            replies: &[
                "Of course. I've sent a new label; drop the {product} at any shop in {city}.",
                "Sorry about that! The refund of {amount} is on its way.",
                "You have until {date} to send it back.",
            ],
            follow_ups: &[
                "Do I need the original box?",
                "Could I exchange it for a {product} instead?",
            ],
        },
        Topic {
            openers: &[
                "My {product} won't turn on since {date}.",
                "The app shows \"error 0x80\\u0041\" when I log in.",
                "How do I connect the {product} to my phone?",
            ],
            replies: &[
                "Hold the power button for ten seconds, then wait {minutes} minutes.",
                "Please update the app, then sign out and in again.",
                "I'm sending a link with the steps for the {product}.",
            ],
            follow_ups: &[
                "Tried that, nothing.",
                "Which version should it be? Mine says 4.{minutes}.",
            ],
        },
        Topic {
            openers: &[
                "Is the {product} in stock in {city}?",
                "Do you have a discount on the {product} until {date}?",
                "I want to order the {product}, but checkout says {amount} shipping?!",
            ],
            replies: &[
                "We have three left in {city}; shall I reserve one for you, {name}?",
                "With code SAVE{minutes} you get it for {amount}.",
                "Shipping is free above {amount}.",
            ],
            follow_ups: &["What about the {product}?", "Great, please reserve it under {order}."],
        },
    ],
};
