"""Who and what the demo is about. Every name is made up, and every address is under example.com."""

COMPANY = "Quillbrook Software"
CURRENCY = "USD"
PIPELINE = "b2b"

#: The people of the company; the first one leads, and the others sell.
PEOPLE = ("Mara Lindt", "Tom Adeyemi", "Priya Sandhu", "Jonas Kessel", "Elena Corvo")

#: What a customer is: its name, what its domain begins with, its segment and its currency.
CUSTOMERS = (
    ("Brambleford Foods", "brambleford", "mid-market", "USD"),
    ("Larkhollow Clinics", "larkhollow", "enterprise", "USD"),
    ("Thornmere Logistics", "thornmere", "enterprise", "USD"),
    ("Alderquay Shipping", "alderquay", "mid-market", "USD"),
    ("Pennimoor Toys", "pennimoor", "small business", "USD"),
    ("Hafenblick Werft", "hafenblick", "mid-market", "EUR"),
    ("Ottersby Hotels", "ottersby", "mid-market", "USD"),
    ("Fennimoor Energy", "fennimoor", "enterprise", "USD"),
    ("Plumfold Bakeries", "plumfold", "small business", "USD"),
    ("Marlbeck Insurance", "marlbeck", "enterprise", "USD"),
    ("Rookstead Farms", "rookstead", "small business", "USD"),
    ("Silverfen Optics", "silverfen", "mid-market", "USD"),
    ("Tamsley Rail", "tamsley", "enterprise", "USD"),
    ("Underhay & Pryde", "underhay", "small business", "USD"),
    ("Velmarin Textiles", "velmarin", "mid-market", "USD"),
    ("Yarrowgate Media", "yarrowgate", "small business", "USD"),
    ("Zellmark Robotics", "zellmark", "mid-market", "USD"),
    ("Vignasole Vini", "vignasole", "small business", "EUR"),
    ("Ashenvale Legal", "ashenvale", "small business", "USD"),
    ("Cobblewick Studios", "cobblewick", "small business", "USD"),
    ("Drumlea Dairy", "drumlea", "mid-market", "USD"),
    ("Eskmoor Timber", "eskmoor", "mid-market", "USD"),
    ("Foxhollow Schools", "foxhollow", "enterprise", "USD"),
    ("Glimmerby Lighting", "glimmerby", "small business", "USD"),
    ("Hazelwyck Gardens", "hazelwyck", "small business", "USD"),
    ("Ivorstone Builders", "ivorstone", "mid-market", "USD"),
    ("Juniper Hollow Spas", "juniperhollow", "small business", "USD"),
    ("Kestrelmoor Air", "kestrelmoor", "enterprise", "USD"),
    ("Lindentaler Maschinen", "lindentaler", "enterprise", "EUR"),
    ("Mossbrook Pets", "mossbrook", "small business", "USD"),
    ("Northwend Freight", "northwend", "mid-market", "USD"),
    ("Oakhollow Homes", "oakhollow", "mid-market", "USD"),
)

#: First names of the people at customers, and the countries by currency.
CONTACTS = ("Ada", "Ben", "Chloe", "Dev", "Esme", "Femi", "Greta", "Hugo", "Ines", "Jude", "Kira")
COUNTRIES = {"USD": ("United States", "Canada"), "EUR": ("Germany", "Italy", "Spain")}

#: The least and the most that a deal with a segment is worth, and what amounts are rounded to.
AMOUNTS = {
    "small business": (1_500, 9_000, 100),
    "mid-market": (8_000, 42_000, 500),
    "enterprise": (36_000, 150_000, 1_000),
}

TITLES = (
    "Annual plan, 40 seats",
    "Second site",
    "Route planning",
    "Support contract",
    "Pilot, two sites",
    "Renewal and 15 seats",
    "Data migration",
    "Training week",
    "API access",
    "Mobile add-on",
    "Single sign-on",
    "Warehouse rollout",
    "Shift planning",
    "Reporting module",
    "Annual plan, 120 seats",
    "Audit trail",
    "Partner portal",
    "Fleet tracking",
    "Loading bay displays",
    "Premium support",
    "Payroll export",
    "Onboarding package",
    "Three more depots",
    "Calendar sync",
)

SOURCES = ("website", "referral", "trade fair", "outbound", "partner", "webinar")

NEXT_STEPS = {
    "lead": ("Call back", "Send the case study", "Find the budget holder", "Book a first call"),
    "qualified": ("Demo for the team", "Security questionnaire", "Map the process on site"),
    "proposal": ("Walk through the offer", "Answer the pricing questions", "Get legal to read it"),
    "negotiation": ("Final terms with the CFO", "Chase the signature", "Agree the start date"),
}

LOST_REASONS = (
    "chose a competitor",
    "no budget this year",
    "project cancelled",
    "no decision",
    "too expensive",
    "our contact left",
)

BACK_REASONS = ("scope changed, new offer needed", "new decision maker wants a demo first")
