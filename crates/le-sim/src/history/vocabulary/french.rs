use super::{Language, Topic};

pub(super) const FRENCH: Language = Language {
    tag: "fr-FR",
    time_zone: "Europe/Paris",
    country: "France",
    country_code: "FR",
    currency: "€",
    cities: &[
        "Lyon",
        "Besançon",
        "Nîmes",
        "L'Haÿ-les-Roses",
        "Orléans",
        "Saint-Étienne",
    ],
    given_names: &[
        "Chloé",
        "Éric",
        "Anaïs",
        "Jérôme",
        "Zoé",
        "Théo",
        "Maël",
        "Inès",
        "Gaëlle",
        "François",
    ],
    family_names: &[
        "Lefèvre",
        "D'Aubigné",
        "Béranger",
        "Nguyen",
        "Müller",
        "Châtelain",
        "Benoît",
        "Garçon",
    ],
    products: &[
        "cafetière à piston",
        "écharpe en laine",
        "vélo pliant",
        "crêpière",
        "casque audio",
        "lampe d'été",
    ],
    greetings: &[
        "Bonjour {name}, {agent} à votre écoute. Que puis-je faire pour vous ?",
        "Bonjour {name} ! Merci d'avoir patienté {minutes} minutes.",
        "Bonsoir {name}, je suis {agent} et je m'occupe de votre dossier.",
    ],
    fillers: &[
        "Vous êtes toujours là ?",
        "D'accord…",
        "Cela fait {minutes} minutes que j'attends, c'est pénible.",
        "Mon numéro : {order}",
        "Non, il s'agit de la {product}.",
    ],
    thanks: &[
        "Merci {agent}, très aimable !",
        "Super, merci beaucoup 😊",
        "Bon. Au revoir.",
    ],
    closings: &[
        "Avec plaisir {name}, très bonne journée à vous !",
        "Avez-vous d'autres questions ?",
        "Je clôture l'échange ; n'hésitez pas à revenir vers nous.",
    ],
    summaries: &[
        "Le client a demandé où en est la commande {order} ; réglé.",
        "Remboursement de {amount} promis avant le {date}.",
        "Échange de la {product}, livraison à {city}.",
    ],
    opinions: &[
        "Très bien, rapide",
        "Trop d'attente…",
        "Le robot n'a rien compris",
        "Conseillère à l'écoute, bravo !",
    ],
    topics: [
        Topic {
            openers: &[
                "Où est mon colis ? La commande {order} devait arriver le {date}.",
                "Mon colis est bloqué à {city} depuis le {date}, c'est inadmissible.",
                "Livraison « effectuée » d'après le suivi, mais je n'ai rien reçu ({order}).",
            ],
            replies: &[
                "Votre colis a quitté {city} le {date}, il arrivera demain au plus tard.",
                "Le livreur n'a pas trouvé l'adresse ; êtes-vous bien à {city} ?",
                "J'ouvre une enquête pour la commande {order}, réponse sous 48 h.",
            ],
            follow_ups: &[
                "J'ai besoin de la {product} avant le {date} !",
                "Peut-on livrer à {city} plutôt ?",
            ],
        },
        Topic {
            openers: &[
                "Pourquoi m'avez-vous prélevé {amount} ?",
                "Ma facture du {date} affiche deux fois {amount}.",
                "Puis-je régler la facture {order} en deux fois ?",
            ],
            replies: &[
                "La facture du {date} comprend {amount} pour la {product}.",
                "En effet, c'est une erreur : je vous recrédite {amount}.",
                "C'est noté : {amount} le {date}, le reste un mois après.",
            ],
            follow_ups: &["Quand serai-je remboursé ?", "Je n'ai jamais accepté ces {amount}."],
        },
        Topic {
            openers: &[
                "Je pars à {city} le {date} : combien coûte l'itinérance ?",
                "Pas de réseau à {city} alors que l'itinérance est activée.",
                "SMS de {amount} hors forfait, je n'ai pas quitté {city} !",
            ],
            replies: &[
                "Le pass journée est à {amount}, internet compris.",
                "Redémarrez le téléphone et choisissez le réseau à la main, s'il vous plaît.",
                "J'ai bloqué l'itinérance et remboursé {amount}.",
            ],
            follow_ups: &[
                "Les appels sont-ils compris ?",
                "Redémarré deux fois, toujours « aucun service ».",
            ],
        },
        Topic {
            openers: &[
                "Je souhaite renvoyer la {product} (commande {order}).",
                "La {product} est arrivée cassée, voir photo.",
                "L'étiquette de retour ne s'ouvre pas.",
            ],
            replies: &[
                "Bien sûr : nouvelle étiquette envoyée, dépôt possible à {city}.",
                "Désolée ! Les {amount} vous seront remboursés.",
                "Vous avez jusqu'au {date} pour la renvoyer.",
            ],
            follow_ups: &[
                "Faut-il l'emballage d'origine ?",
                "Puis-je l'échanger contre une {product} ?",
            ],
        },
        Topic {
            openers: &[
                "Ma {product} ne s'allume plus depuis le {date}.",
                "L'appli affiche « erreur n° {minutes} » à la connexion.",
                "Comment relier la {product} à mon téléphone ?",
            ],
            replies: &[
                "Maintenez le bouton dix secondes puis patientez {minutes} minutes.",
                "Mettez l'appli à jour, puis déconnectez-vous.",
                "Je vous envoie le lien avec les étapes.",
            ],
            follow_ups: &["Déjà essayé, rien à faire.", "Quelle version ? J'ai la 4.{minutes}."],
        },
        Topic {
            openers: &[
                "Reste-t-il une {product} à {city} ?",
                "Y a-t-il une remise sur la {product} jusqu'au {date} ?",
                "{amount} de frais de port, vraiment ?",
            ],
            replies: &[
                "Il en reste trois à {city}, j'en réserve une, {name} ?",
                "Avec le code ÉTÉ{minutes}, elle est à {amount}.",
                "Le port est offert dès {amount}.",
            ],
            follow_ups: &["Et la {product} ?", "Parfait, réservez-la au nom de {name}."],
        },
    ],
};
