"""The words and the awkward values that the demo data is made of."""

from decimal import Decimal

# "secret", with a fixed salt and a low cost: it protects nothing.
PASSWORD_HASH = (
    "pbkdf2:sha256:1000$demosalt$3b030cb6a9527c230c54983967ba3beb3ff9c73b5cffd58446eb920342f808b5"
)

TENANTS = [
    ("acme", "ACME Industrial Supplies", "EUR", True),
    ("globex", "Globex Corporation", "USD", True),
    ("initech", "Initech (geschlossen)", "CHF", False),
]

ROLES = [
    ("accounts", "Invoices and payments"),
    ("admin", "Everything within the tenant"),
    ("sales", "Customers and orders"),
    ("viewer", None),
    ("warehouse", "Stock and shipping"),
]

SETTINGS = [
    ("invoice.footer", "Payable within 30 days. Zahlbar ohne Abzug – merci !"),
    ("invoice.prefix", "INV"),
    ("shop.motto", ""),
    ("shop.phone", None),
    ("shop.welcome", "Willkommen, bienvenue, добро пожаловать, ようこそ 🎉"),
]

# slug, name, parent, discount
CATEGORIES = [
    ("tools", "Tools", None, None),
    ("hand-tools", "Hand tools", "tools", "5.00"),
    ("hammers", "Hammers", "hand-tools", None),
    ("saws", "Saws & blades", "hand-tools", "0.00"),
    ("power-tools", "Power tools", "tools", None),
    ("drills", "Drills", "power-tools", "12.50"),
    ("grinders", "Grinders", "power-tools", None),
    ("fasteners", "Fasteners", None, "2.50"),
    ("screws", "Screws", "fasteners", None),
    ("wood-screws", "Wood screws", "screws", None),
    ("machine-screws", "Machine screws", "screws", "7.00"),
    ("nails", "Nails", "fasteners", None),
    ("safety", "Safety", None, None),
    ("gloves", "Gloves", "safety", None),
    ("helmets", "Helmets", "safety", None),
    ("electrical", "Électricité", None, None),
    ("cables", "Câbles", "electrical", "3.33"),
    ("lighting", "Beleuchtung", "electrical", None),
    ("empty", "Nothing here", None, None),
]

TAGS = ["bestseller", "bulk", "clearance", "eco", "heavy", "new", "Größe XL", "été"]

NOUNS = [
    "Hammer",
    "Saw",
    "Drill",
    "Grinder",
    "Screw M6×40",
    'Nail 3"',
    "Glove",
    "Helmet",
    "Kabel 3×1,5 mm²",
    "Lampe à LED",
    "Ключ",
    "ドライバー",
    "Ruler \\ gauge",
    "50% blend rag",
    "Under_score clip",
    "<b>Bold</b> marker",
    "O'Ring & Co",
]

GRADES = ["Basic", "Plus", "Pro", "Ultra"]

COMPANIES = [
    "Müller & Söhne GmbH",
    "O'Brien Ltd",
    "Crédit Agile SARL",
    "株式会社テスト",
    "Ødegård AS",
    'Smith "The Smith" Smithson',
    "ООО Ромашка",
    "100% Cotton Inc",
    "under_score Oy",
    "<script>alert(1)</script> BV",
    "Ελλάς ΑΕ",
    "Plain Trading",
    "Tiny 🐭 Corp",
    "Zeta  Spaces",
]

STREETS = [
    ("Hauptstraße 1", None, "Köln", "50667", "DE"),
    ("12 High Street", 'Flat "B"', "Leeds", "LS1 4AP", "GB"),
    ("1, rue de l'Église", "", "Orléans", "45000", "FR"),
    ("東京都千代田区1-1", None, "東京", "100-0001", "JP"),
    ("Storgata 5", "c/o Ødegård", "Tromsø", "9008", "NO"),
]

NOTES = [
    None,
    "",
    "Call first.",
    "Line one\nLine two\r\nTab\there \\ backslash",
    "Right‑to‑left: שלום, مرحبا; combining: e\u0301; zero\u200bwidth",
    "Very long. " + "Lorem ipsum dolor sit amet, consectetur adipiscing elit. " * 80,
    "'; DROP TABLE orders; --",
]

ATTRIBUTES = [
    None,
    {},
    {"colour": "red", "sizes": [1, 2.5, None], "ok": True},
    {"größe": "XL", "nested": {"deep": {"er": [[], {}]}}},
    [],
    {"big": 12345678901234567890, "tiny": 1e-07},
]

PRICES = [
    "0.00",
    "0.01",
    "0.99",
    "1.10",
    "9.95",
    "10.00",
    "19.90",
    "42.00",
    "99.99",
    "149.50",
    "1000.00",
    "12345.67",
    "9999999.99",
]


def pick(values, number):
    """One of the values: all in turn, neighbours far apart, the order shifting with each round."""
    # 11 has no factor in common with the length of any list above.
    return values[(number * 11 + number // len(values)) % len(values)]


def price_of(number):
    # The big ones are rare.
    if number % 97 == 96:
        return Decimal(PRICES[-1])
    return Decimal(pick(PRICES[:-1], number))
