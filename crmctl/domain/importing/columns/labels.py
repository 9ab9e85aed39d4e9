"""What else columns are called: in other systems, by hand, and in other languages.

Names are in small letters and digits without accents. None of them is as sure as those of `fields`:
a column that has one is read for the field only if its cells look like values of it.
"""

from collections.abc import Mapping
from functools import cache

from crmctl.domain.importing.cells.status_words import LOST_NAMES, WON_NAMES
from crmctl.domain.importing.columns import presets, words_abroad
from crmctl.domain.importing.columns.fields import COMPANY_NAMES, FIELDS, Listed
from crmctl.domain.importing.units import folded, word_set
from crmctl.domain.kinds import Entity, ImportKind

_CREATED = (
    "createdtime createdon createdtimestamp dateadded addedon added addeddate dateentered"
    " entrydate erstellt erstelltam erstelldatum angelegt angelegtam anlagedatum datedecreation"
    " creele creationdate fechacreacion fechadecreacion creado creadoel datacreazione"
    " datadicreazione datadecriacao criadoem aangemaakt aangemaaktop skapad oprettet opprettet"
    " utworzono datautworzenia datumvytvoreni датасоздания создано"
)
_OWNERS = (
    "owner recordowner assigned assignee assignedrep salesowner relationshipowner responsible"
    " responsibleperson userresponsible accountmanager accountexecutive seller rep"
    " salesmanager keyaccountmanager ownedby responsibleuser vertreter verkaufer"
    " verantwortlich verantwortlicher zustandig zustaendig besitzer inhaber betreuer bearbeiter"
    " vendeur proprietaire commercial responsable"
    " propietario vendedor responsabile proprietario venditore responsavel eigenaar agare ansvarig"
    " ejer ansvarlig eier wlasciciel opiekun ответственныи ownerid userid assignedtoid salesrepid"
)
_TAGS = "tag keywords etiquetas etiquettes schlagworte stichworter stichworte"
_SOURCES = (
    "leadquelle quelle herkunft origine origen origem fonte howdidyouhearaboutus channel leadorigin"
)
_COMPANY = (
    "org orgname business employer businessname firma firmenname unternehmen gesellschaft"
    " entreprise societe raisonsociale empresa compania azienda societa ragionesociale bedrijf"
    " bedrijfsnaam foretag foretagsnamn firmanavn virksomhed virksomhedsnavn bedrift bedriftsnavn"
    " companytradingname primarycompany businesspartner legalname tradingname corporatename"
    " organisationsname unternehmensname firmenbezeichnung namederfirma namedesunternehmens"
    " nomentreprise nomdelentreprise nomdelasociete nomsociete denominationsociale"
    " nombredelaempresa nombreempresa nombrecomercial razonsocial organizacion"
    " nomedaempresa nomeempresa razaosocial organizacao nomeazienda nomedellazienda nomesocieta"
    " denominazione organizzazione organisatie organisatienaam organisasjon yritys yrityksennimi"
    " nazwafirmy nazwaspolki spolka przedsiebiorstwo organizacja kontrahent nazwakontrahenta"
    " nazevfirmy nazevspolecnosti spolecnost organizace ceg cegnev vallalat szervezet sirket"
    " sirketadi firmaadi kurum компания названиекомпании организация названиеорганизации"
    " наименованиеорганизации фирма εταιρεια εταιρια επωνυμια επωνυμιαεταιρειας"
    " 会社名 会社 企業名 公司 公司名称 institution"
)

#: What says that a deal is closed, or when it was: the cells tell which.
_CLOSED = (
    "closed geschlossen abgeschlossen cloture cloturee ferme fermee cerrado cerrada chiuso chiusa"
    " fechado fechada gesloten afgesloten avslutad stangd lukket afsluttet avsluttet zamkniete"
    " zamkniety zakonczone zakonczony uzavreno uzavreny lezarva lezart kapali kapandi"
    " закрыт закрыто закрыта сделказакрыта"
)
_CONTACT_PERSONS = (
    "contactperson maincontact primarycontact keycontact pointofcontact poc contactfullname"
    " ansprechpartner ansprechpartnerin ansprechperson kontaktperson contactpersoon interlocuteur"
    " contactprincipal personnedecontact personadecontacto personacontacto contacto"
    " personadicontatto referente contatto pessoadecontato contato yhteyshenkilo osobakontaktowa"
    " kontaktniosoba kapcsolattarto kontaktpersoner контакт контактноелицо"
)

#: What the column of the person is called whom one speaks to at a company.
CONTACT_PERSONS = frozenset(_CONTACT_PERSONS.split())
#: What it is called where it may be the name of whoever is listed, too.
PEOPLE = CONTACT_PERSONS | word_set(
    "contact contacts contactname kontakt person primarycontactname maincontactname relatedcontacts"
    " contactpersonname associatedcontact associatedcontacts associatedcontactprimary"
)
#: What a column is called that says which records are not archived, or which deals are open.
ACTIVES = word_set(
    "active isactive aktiv istaktiv actif active estactif activo activa attivo attiva ativo ativa"
    " actief aktivt aktiivinen aktywny aktywna aktywne aktivni aktif активно активна активныи"
)
#: What the column of a company's name is called.
COMPANIES = frozenset(f"{COMPANY_NAMES} {_COMPANY}".split())

_REMOVED = {
    "removed": "removed isdeleted deleted isremoved isarchived archived istrashed trashed"
    " geloscht archiviert supprime eliminado archivado eliminato",
    "removed_at": "removedat removedon deletedat deletedon deletedtime datedeleted deletiondate"
    " archivedat archivedon archiveddate archivedate trashedat geloschtam archiviertam",
}
_CUSTOMERS = {
    **_REMOVED,
    "external_id": "kundennummer kundennr kundenr numeroclient numerodecliente klantnummer"
    " customerno customernr personid",
    "first_name": "first forename vorname prenom nombredepila primernombre voornaam fornamn"
    " fornavn etunimi imie krestnijmeno keresztnev ad isim имя",
    "last_name": "last secondname nachname familienname nomdefamille apellido apellidos cognome"
    " sobrenome achternaam efternamn etternavn efternavn sukunimi nazwisko prijmeni vezeteknev"
    " soyad soyadi фамилия επωνυμο",
    "name": "displayname klient contact person clientname kunde kundenname nom nomcomplet nombre"
    " nombrecompleto nome nomecompleto naam navn namn kundennamen cliente klant client"
    " imieinazwisko nazwa nazwaklienta jmeno jmenoaprijmeni nazev nev teljesnev adsoyad adisoyadi"
    " имяифамилия фио название наименование ονομα ονοματεπωνυμο nimi asiakas"
    " 氏名 お名前 名前 姓名"
    f" {_CONTACT_PERSONS}",
    "organisation": _COMPANY,
    "email": "primaryemail workemail businessemail mainemail email1 emailwork emailaddress1"
    " primaryemailaddress epost eposta mailadresse emailadresse courriel adressemail"
    " adresseelectronique correo correoelectronico postaelettronica indirizzoemail emailadres"
    " mailadres epostadress emails personalemail homeemail emailhome secondaryemail otheremail"
    " email2 adresemail adreselektroniczny emailcim sahkoposti epostaadresi почта электроннаяпочта"
    " адресэлектроннойпочты ηλεκτρονικοταχυδρομειο"
    " メール メールアトレス 電子メール 邮箱 电子邮件",
    "phone": "workphone businessphone mainphone primaryphone officephone phonework telephone1"
    " businessphone1 phone1 contactnumber directphone dayphone telefon telefonnummer tel"
    " rufnummer telefono telefone telefoon telefoonnummer telephoneprofessionnel tlf telefonnr"
    " fon phones telno phoneno cellphone cell mobilenumber phonemobile mobil mobiltelefon handy"
    " portable movil celular cellulare mobiel homephone phonehome otherphone phone2 numertelefonu"
    " рабочиителефон"
    " telefonszam puhelin puhelinnumero телефон номертелефона τηλεφωνο 電話番号 電話 电话",
    "website": "web websiteaddress primarywebsite domainname website1value siteweb sitioweb"
    " paginaweb internetseite internetadresse webseite companywebsite companydomain webaddress www"
    " sitoweb websites",
    "country": "land pays pais paese pais1 address1country country1 mailingcountry addresscountry"
    " workcountry postalcountry primarycountry kraj addresscountryregion",
    "segment": "customersegment industry branche sector secteur settore bransch",
    "owner": _OWNERS,
    "source": _SOURCES,
    "tags": _TAGS,
    "created_at": _CREATED,
}
_DEALS = {
    **_REMOVED,
    "external_id": "potentialid dealkey dealno dealnumber opportunityno angebotsnummer",
    "title": "potentialname potential topic displayname dealdescription opportunitydescription"
    " projectname project cardname card taskname task subject summary geschaft projekt projektname"
    " vorhaben"
    " bezeichnung titel betreff titre affaire nomdelaffaire opportunite nomdelopportunite intitule"
    " negocio nombredelnegocio oportunidad nombredelaoportunidad titulo proyecto nombre nome"
    " affare trattativa opportunita titolo naam namn navn naslov nazwa nazwaszansy nazev nev"
    " названиесделки сделка название",
    "amount": "expectedamount totalvalue totalamount totalprice price dealsize opportunityvalue"
    " estimatedvalue estvalue estrevenue estimatedrevenue estimatedamount plannedrevenue"
    " potentialamount monetaryvalue bidamount contractvalue totalcontractvalue betrag wert"
    " auftragswert auftragsvolumen dealwert volumen angebotswert summe preis umsatz montant"
    " valeur prix importe valor monto precio cuantia importo valore prezzo ammontare bedrag waarde"
    " belop belopp varde kwota wartosc castka hodnota osszeg tutar сумма суммасделки стоимость",
    "currency": "wahrung waehrung devise monnaie moneda valuta moeda waluta mena валюта"
    " transactioncurrency",
    "pipeline": "pipelinename salespipeline vertriebspipeline",
    "stage": "pipelinestage dealphase salesphase currentstage opportunityphase salesstep milestone"
    " phase vertriebsphase verkaufsphase verkaufsstufe stufe phasedevente etape fase fasedeventa"
    " faza стадия стадиясделки этап этапсделки"
    " etapa etapadelnegocio stadio fasi stadium stadie stageid dealstageid pipelinestageid"
    " status dealstatus opportunitystatus statuslabel statut estado stato stand",
    "outcome": "status dealstatus opportunitystatus statustype statuslabel opportunitystate state"
    " wonstatus iswon"
    " result outcome statut estado stato stand ergebnis",
    "is_won": "iswon isclosedwon closedwon dealwon wonflag hsisclosedwon istgewonnen"
    f" {' '.join(WON_NAMES)}",
    "is_lost": "islost isclosedlost closedlost deallost lostflag hsisclosedlost istverloren"
    f" {' '.join(LOST_NAMES)}",
    "is_closed": "isclosed isdealclosed dealclosed closedflag hsisclosed istabgeschlossen"
    f" {_CLOSED}",
    "probability": "likelihood confidence winlikelihood winchance winpercent closeprobability"
    " opportunityprobability chance wahrscheinlichkeit probabilite probabilidad probabilita"
    " waarschijnlijkheid sannolikhet sandsynlighed sannsynlighet",
    "expected_close": "expectedclosing expectedcloseon estclosedate estimatedclose estclose"
    " targetclosedate targetclose targetdate forecastclosedate forecastdate projectedclosedate"
    " projectedclose anticipatedclosedate anticipatedclose forecastedclosedate duedate due deadline"
    " erwarteterabschluss voraussichtlichesabschlussdatum voraussichtlicherabschluss"
    " geplanterabschluss dateprevue datedeclotureprevue fechaprevista"
    " fechadecierreprevista fechaestimadadecierre dataprevista datachiusuraprevista"
    " verwachtesluitdatum przewidywanadatazamkniecia предполагаемаядатазакрытия",
    "close_date": "close closing closes closeon dateclose dateofclose closingday closingon closesat"
    " abschlussdatum abschluss datedecloture datecloture"
    " fechadecierre fechacierre datadichiusura datachiusura datadefechamento sluitdatum",
    "closed_at": "actualclosedate actualclose datewon datelost closedon wonat wondate wontime wonon"
    f" lostat lostdate losttime {_CLOSED} geschlossenam abgeschlossenam fermele clotureele"
    " cerradoel chiusoil fechadoem geslotenop",
    "next_step": "nextsteps nachsterschritt naechsterschritt prochaineetape proximopaso"
    " prossimopasso",
    "owner": f"{_OWNERS} manager managerid username",
    "customer": f"clientname clientcompany potentialcustomer accountcompany leadcompany kunde"
    f" kundenname cliente klient klant kund asiakas leadname linkedorganization {_COMPANY}"
    f" primarycontact contactname contact contacts person kontakt {_CONTACT_PERSONS}",
    "customer_external_id": "orgid organizationid organisationid clientid",
    "owner_email": "useremail responsibleemail assignedtoemail assigneeemail salesrepemail",
    "contact": f"{_CONTACT_PERSONS} kontakt contact contacts person relatedcontacts relatedcontact",
    "contact_email": "ansprechpartneremail emailansprechpartner emaildescontacts emailcontact"
    " emailcontacto emailducontact contactworkemail contactemailwork"
    " primarycontactemailaddress contactpersonemailaddress relatedcontactemail",
    "source": _SOURCES,
    "lost_reason": "reasonforloss reasonlost losingreason lostbecause verlustgrund"
    " absagegrund raisondelaperte motifdeperte motivodeperdida motivodellaperdita",
    "tags": _TAGS,
    "created_at": _CREATED,
}
_ACTIVITIES = {
    **_REMOVED,
    "subject": "meetingtitle callsubject betreff titel titre asunto oggetto",
    "body": "details notesdescription beschreibung notiz notizen bemerkung descripcion descrizione",
    "at": "startsat startson starton eventstart meetingstart begin begins beginn startdatum fallig"
    " falligam faellig deadline dueon scheduledat scheduledfor scheduledon datum fecha data"
    " datedebut",
    "owner": _OWNERS,
    "created_at": _CREATED,
}
_MORE: Mapping[Listed, Mapping[str, str]] = {
    Entity.CUSTOMER: _CUSTOMERS,
    Entity.DEAL: _DEALS,
    Entity.ACTIVITY: _ACTIVITIES,
}
_KINDS: Mapping[Listed, ImportKind] = {
    Entity.CUSTOMER: ImportKind.CUSTOMERS,
    Entity.DEAL: ImportKind.DEALS,
    Entity.ACTIVITY: ImportKind.ACTIVITIES,
}
#: What a column of that name says depends on who wrote it: the amount, or what is weighed of it;
#: whose address, and whether anything is known by it.
_OF_PRESETS_ALONE = frozenset({"customer_email", "customer_external_id", "external_id"})
_AMBIGUOUS = frozenset({"expectedrevenue", "title", "type", "name", "company"})

#: What words abroad are of any record, and not of deals alone.
_OF_ALL = {name: words_abroad.DEALS[name] for name in ("owner", "created_at")}


@cache
def more_names(entity: Listed) -> Mapping[str, tuple[str, ...]]:
    """Return further names for columns by field, the likeliest first."""
    further = _MORE.get(entity, {})
    found = {name: further.get(name, "").split() for name in FIELDS[entity]}
    abroad = words_abroad.DEALS if entity == Entity.DEAL else _OF_ALL
    for name in found.keys() & abroad.keys():
        words = map(folded, abroad[name].split(","))
        found[name] += [word for word in words if word not in found[name]]
    for word, field in _of_presets(entity).items():
        if word not in found[field]:
            found[field].append(word)
    return {name: tuple(words) for name, words in found.items()}


def _of_presets(entity: Listed) -> dict[str, str]:
    """Return the fields of the labels that systems have for `entity`, if they all mean the same."""
    meanings: dict[str, set[str]] = {}
    for system in map(presets.load, presets.SYSTEMS):
        for layout in system.layouts:
            if layout.kind != _KINDS.get(entity):
                continue
            for field, groups in layout.fields.items():
                for label in (label for group in groups for label in group):
                    meanings.setdefault(folded(label), set()).add(field)
    return {
        word: next(iter(fields))
        for word, fields in meanings.items()
        if len(fields) == 1 and word not in _AMBIGUOUS and fields.isdisjoint(_OF_PRESETS_ALONE)
    }
