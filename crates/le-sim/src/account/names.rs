//! The names that the generated account is made of.

/// Given names and family names of the human users.
pub(super) const PEOPLE: &[(&str, &str)] = &[
    ("Ruth", "Adler"),
    ("Tomás", "Ferreira"),
    ("Aiko", "Tanabe"),
    ("Jürgen", "Weiß"),
    ("Niamh", "O'Rourke"),
    ("Zoë", "van den Berg"),
    ("Samir", "Haddad"),
    ("Ingrid", "Sørensen"),
    ("Paweł", "Wójcik"),
    ("Chiara", "D'Angelo"),
    ("Mateo", "Núñez"),
    ("Priya", "Raman"),
    ("Léa", "Girard"),
    ("Kwame", "Boateng"),
    ("Hannah", "Lindqvist"),
    ("Yusuf", "Demir"),
    ("Mei", "Chen"),
    ("Oleg", "Petrenko"),
    ("Sofía", "Carrasco"),
    ("Dylan", "Price"),
    ("Fatima", "Zahra"),
    ("Björn", "Ek"),
];

/// Bots: login name, full name, nickname.
pub(super) const BOTS: &[(&str, &str, &str)] = &[
    ("bot.router", "Router Bot", "Router"),
    ("bot.parcels", "Parcel Bot", "Parcy"),
    ("bot.billing", "Billing Bot", "Bill"),
];

/// The skills.
pub(super) const SKILLS: &[&str] = &[
    "Parcels",
    "Billing",
    "Roaming",
    "Returns & Refunds",
    "Technical help",
    "Sales",
    "Fidélité / VIP",
    "Complaints",
];

/// The agent groups below the root.
pub(super) const GROUPS: &[&str] = &["North", "South", "Équipe de nuit", "Automation"];
