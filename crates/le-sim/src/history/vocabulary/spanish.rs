use super::{Language, Topic};

pub(super) const SPANISH: Language = Language {
    tag: "es-MX",
    time_zone: "America/Mexico_City",
    country: "Mexico",
    country_code: "MX",
    currency: "MXN",
    cities: &["Mérida", "León", "Cancún", "Querétaro", "San Luis Potosí", "Mazatlán"],
    given_names: &[
        "José",
        "Begoña",
        "Lucía",
        "Íñigo",
        "Ximena",
        "Raúl",
        "Ángela",
        "Nicolás",
        "Doña Inés",
    ],
    family_names: &[
        "Muñoz",
        "García Márquez",
        "Peña",
        "Ibáñez",
        "Güell",
        "Rodríguez",
        "Yáñez",
    ],
    products: &[
        "cafetera",
        "paraguas",
        "cámara réflex",
        "piñata",
        "audífonos",
        "mochila de montaña",
    ],
    greetings: &[
        "¡Hola {name}! Soy {agent}, ¿en qué puedo ayudarte?",
        "Buenos días {name}, gracias por esperar {minutes} minutos.",
        "Buenas tardes {name}, le atiende {agent}.",
    ],
    fillers: &[
        "¿Sigue ahí?",
        "ok",
        "Llevo {minutes} minutos esperando…",
        "Mi número es {order}.",
        "No, hablo de la {product}.",
    ],
    thanks: &["¡Muchas gracias, {agent}!", "Perfecto, mil gracias 🙌", "Bueno. Adiós."],
    closings: &[
        "¡De nada, {name}! Que tengas buen día.",
        "¿Te puedo ayudar en algo más?",
        "Cierro la conversación, ¡hasta pronto!",
    ],
    summaries: &[
        "El cliente preguntó por el pedido {order}; resuelto.",
        "Abono de {amount} prometido antes del {date}.",
        "Se repone la {product} en {city}.",
    ],
    opinions: &[
        "Rápido y amable",
        "tardó muchísimo",
        "El bot no entiende nada",
        "¡Excelente atención!",
    ],
    topics: [
        Topic {
            openers: &[
                "¿Dónde está mi paquete? El pedido {order} debía llegar el {date}.",
                "Mi {product} lleva desde el {date} en {city}.",
                "Dice «entregado» pero no recibí nada: {order}.",
            ],
            replies: &[
                "El paquete salió de {city} el {date} y llega mañana.",
                "El repartidor no encontró la dirección, ¿es en {city}?",
                "Abrí un reporte para {order}, te escribimos en dos días.",
            ],
            follow_ups: &["¡La necesito antes del {date}!", "¿Pueden entregar en {city}?"],
        },
        Topic {
            openers: &[
                "¿Por qué me cobraron {amount}?",
                "Mi factura del {date} trae dos veces {amount}.",
                "¿Puedo pagar la factura {order} en dos partes?",
            ],
            replies: &[
                "La factura del {date} incluye {amount} por la {product}.",
                "Tienes razón, {name}: te abono {amount}.",
                "Listo: {amount} el {date} y el resto después.",
            ],
            follow_ups: &["¿Cuándo me devuelven el dinero?", "Nunca acepté esos {amount}."],
        },
        Topic {
            openers: &[
                "Viajo a {city} el {date}, ¿cuánto cuesta el roaming?",
                "Sin señal en {city} con el roaming activado.",
                "Me llegó un cargo de roaming de {amount}, ¡no salí de {city}!",
            ],
            replies: &[
                "El pase diario cuesta {amount}, con datos.",
                "Reinicia el teléfono y elige la red a mano, por favor.",
                "Bloqueé el roaming y te devolví {amount}.",
            ],
            follow_ups: &["¿Incluye llamadas?", "Ya reinicié, sigue «sin servicio»."],
        },
        Topic {
            openers: &[
                "Quiero devolver la {product} del pedido {order}.",
                "La {product} llegó rota, va foto.",
                "La etiqueta de devolución no abre.",
            ],
            replies: &[
                "Claro: va otra etiqueta, déjala en {city}.",
                "¡Qué pena! Te devolvemos {amount}.",
                "Tienes hasta el {date}.",
            ],
            follow_ups: &["¿Necesito la caja original?", "¿La puedo cambiar por una {product}?"],
        },
        Topic {
            openers: &[
                "La {product} no enciende desde el {date}.",
                "La app dice «error {minutes}» al entrar.",
                "¿Cómo conecto la {product} al teléfono?",
            ],
            replies: &[
                "Mantén el botón diez segundos y espera {minutes} minutos.",
                "Actualiza la app y vuelve a entrar.",
                "Te envío una liga con los pasos.",
            ],
            follow_ups: &["Ya lo intenté, nada.", "¿Qué versión? Tengo la 4.{minutes}."],
        },
        Topic {
            openers: &[
                "¿Hay {product} en {city}?",
                "¿Sigue el descuento en {product} hasta el {date}?",
                "¿{amount} de envío? ¿En serio?",
            ],
            replies: &[
                "Quedan tres en {city}, ¿te aparto una, {name}?",
                "Con el código AÑO{minutes} queda en {amount}.",
                "El envío es gratis desde {amount}.",
            ],
            follow_ups: &["¿Y la {product}?", "Sí, a nombre de {name}."],
        },
    ],
};
