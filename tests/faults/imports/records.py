"""Which record a row means: ids, addresses, websites, names, and what is no record."""

from tests.faults.place import Place
from tests.faults.rows import row


@row(
    "I1", "persons and organisations of one number, from Pipedrive",
    "01-pipedrive-organizations.csv", "01-pipedrive-persons.csv",
)  # fmt: skip
def kinds_of_pipedrive(at: Place) -> None:
    for _ in range(2):
        at.all("import customers $IN/01-pipedrive-organizations.csv")
        at.all("import customers $IN/01-pipedrive-persons.csv")
        names = ["Reed Mill Ltd", "Quay Foods", "Ines Moor", "Mia Orr"]
        at.same("customers", at.customers("name"), names)


@row(
    "I1", "a company and a contact of one number, from HubSpot",
    "01-hubspot-companies.csv", "01-hubspot-contacts.csv",
)  # fmt: skip
def kinds_of_hubspot(at: Place) -> None:
    for _ in range(2):
        at.all("import customers $IN/01-hubspot-companies.csv")
        at.all("import customers $IN/01-hubspot-contacts.csv")
        at.same("customers", at.customers("name"), ["Reed Mill Ltd", "Ines Moor"])


@row("I3", "a total is no deal", "03-total-row.csv")
def totals(at: Place) -> None:
    command = "import deals $IN/03-total-row.csv --create-missing customers"
    at.refused(command, "total", "3500|3,500|sum")
    at.same("deals", at.deals("title", "amount"), [("Dock gate", "1000.00"), ("Crane", "2500.00")])


@row("I3", "a footer is no deal", "03-footer-below-blank.csv")
def footers(at: Place) -> None:
    command = "import deals $IN/03-footer-below-blank.csv --create-missing customers"
    at.tells(command, at.run(command), "total|footer")
    at.same("deals", at.deals("title"), ["Dock gate", "Crane"])


@row("I5", "a new id, and a known address", "05-by-hand.csv", "05-from-system.csv")
def known_addresses(at: Place) -> None:
    at.all("import customers $IN/05-by-hand.csv", "import customers $IN/05-from-system.csv")
    at.same("customers", at.customers("ref", "name"), [("C1", "Ines Moor")])
    at.same("its ids", len(at.customers("external_ids")[0]), 1)


@row("I5", "one address in two rows", "05-twice-in-one-file.csv")
def addresses_twice(at: Place) -> None:
    command = "import customers $IN/05-twice-in-one-file.csv"
    at.tells(command, at.run(command), "address|e-mail")


@row(
    "I6", "a company is found by its domain once its people are in",
    "06-companies.csv", "06-contacts.csv", "06-deals.csv",
)  # fmt: skip
def domains_of_companies(at: Place) -> None:
    at.all(
        "import customers $IN/06-companies.csv", "import customers $IN/06-contacts.csv",
        "import deals $IN/06-deals.csv",
    )  # fmt: skip
    at.same("deals", at.deals("title", "customer"), [("Pulp 2026", "Northlake Paper")])


@row(
    "I7", "two columns name two customers",
    "07-customers.csv", "07-name-against-email.csv", "07-name-against-domain.csv",
)  # fmt: skip
def two_customers(at: Place) -> None:
    at.all("import customers $IN/07-customers.csv")
    for file in ("07-name-against-email.csv", "07-name-against-domain.csv"):
        at.refused(f"import deals $IN/{file}", "Alpha Works|C1", "Beta Works|C2")
    at.same("deals", at.deals("title"), [])


@row("I9", "an export of Zoho's is not Salesforce's", "09-zoho-accounts.csv", "09-zoho-deals.csv")
def systems(at: Place) -> None:
    at.all("import customers $IN/09-zoho-accounts.csv", "import deals $IN/09-zoho-deals.csv")
    at.same("deals", at.deals("title", "customer"), [("Wheel", "Reed Mill")])
    ids = str(at.customers("external_ids"))
    at.holds(f"ids {ids} are claimed for Salesforce", "salesforce" not in ids)


@row("I9", "a list of products is none of customers", "09-salesforce-products.csv")
def other_lists(at: Place) -> None:
    at.refused("import customers $IN/09-salesforce-products.csv", "Product2|product")
    at.same("customers", at.customers("name"), [])


@row("I10", "rows that Salesforce has deleted", "10-salesforce-deleted.csv")
def deleted_rows(at: Place) -> None:
    at.done("import deals $IN/10-salesforce-deleted.csv", "deleted|removed")
    at.same("deals", at.deals("title"), ["New crane"])


@row("I10", "rows that Odoo has archived", "10-odoo-archived.csv")
def archived_rows(at: Place) -> None:
    at.done("import deals $IN/10-odoo-archived.csv", "archived|active")
    at.same("deals", at.deals("title"), ["New crane"])


@row("I12", "ids that a spreadsheet has rounded", "12-ids-by-excel.csv")
def rounded_ids(at: Place) -> None:
    at.refused("import deals $IN/12-ids-by-excel.csv", "1.23457E+11", "rounded")
    at.same("deals", at.deals("title"), [])


@row("I12", "phone numbers that a spreadsheet has rounded", "12-phone-by-excel.csv")
def rounded_phones(at: Place) -> None:
    at.refused("import customers $IN/12-phone-by-excel.csv", "4.91512E+12", "rounded")
    at.same("customers", at.customers("name"), [])


@row("I18", "a deal that names a contact alone", "18-contact-only-deal.csv")
def contacts_alone(at: Place) -> None:
    at.all("import deals $IN/18-contact-only-deal.csv --create-missing customers")
    found = at.deals("title", "customer")
    at.same("deals", found, [("Driveway", "Jo Moor"), ("Roof", "Quay Foods")])


@row("I19", "a customer who is nothing but a company", "19-organisation-only.csv")
def companies_alone(at: Place) -> None:
    at.all("import customers $IN/19-organisation-only.csv")
    at.same("customers", at.customers("name"), ["Mia Orr", "Quay Foods"])


@row("I25", "an activity about nothing", "25-activity-about-nothing.csv")
def activities_about_nothing(at: Place) -> None:
    command = "import activities $IN/25-activity-about-nothing.csv --kind task"
    result = at.run(command)
    if result.exit_code == 0:
        at.same("activities", len(at.json("activity list")), 1)
    else:
        at.refused(command, "--map", "deal", "customer")
        at.same("lines", len(result.stderr.splitlines()), 1)
