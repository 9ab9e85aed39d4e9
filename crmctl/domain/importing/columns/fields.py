"""The fields of a record that a file can have, and what other systems call their columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crmctl.domain.importing.cells.values import Kind
from crmctl.domain.importing.files.tables import OWN_COLUMNS
from crmctl.domain.kinds import Entity, ImportKind

#: What crmctl calls the columns of its own exports that other systems use for their ids.
OWN_NAMES = {
    "id": "crmctl_id",
    "customer_id": "customer_crmctl_id",
    "deal_id": "deal_crmctl_id",
    "closed_on": "closed_day",
    "stage_entered_on": "stage_entered_day",
}
#: Columns of exports that follow from others, and are not imported.
DERIVED = frozenset(
    {"status", "stage_label", "customer_ref", "deal_ref", "updated_at", "removed_at"}
)


@dataclass(frozen=True)
class Field:
    """How a field is read, and what its column is called in other systems, the best name first."""

    kind: Kind = Kind.TEXT
    names: str = ""


_OWNER = "ownername salesrep salesagent salesperson assignedto"
_CREATED = "createdat createdate createddate datecreated created creationdate creationtime addtime"
_SHARED = {
    "crmctl_id": Field(Kind.UUID),
    "external_ids": Field(Kind.LIST),
    "owner_email": Field(Kind.EMAIL, "dealowneremail contactowneremail accountowneremail"),
    "franchise": Field(),
    "created_at": Field(Kind.TIME, _CREATED),
    # Whether, or since when, a record is deleted or archived where the file comes from.
    "removed": Field(Kind.TRUTH),
    "removed_at": Field(Kind.TIME),
    "active": Field(Kind.TRUTH),
}
#: The fields for which a column must look like one, whatever it is called.
SEEN_ALONE = frozenset({"removed", "removed_at", "is_won", "is_lost", "is_closed"})
#: The field that is read where a system is known to mean it: elsewhere a deal that is not active
#: may be closed, and such a customer may be one that does not buy.
ACTIVE = "active"
#: What the column with the name of an organisation may be called.
COMPANY_NAMES = "account accountname company companyname organization organizationname organisation"

#: The fields of customers that a column can be mapped to.
CUSTOMERS = {
    **_SHARED,
    "external_id": Field(Kind.TEXT, "recordid id customerid contactid leadid"),
    "number": Field(Kind.TEXT, "ref"),
    "first_name": Field(Kind.TEXT, "givenname personfirstname"),
    "last_name": Field(Kind.TEXT, "surname familyname personlastname"),
    "name": Field(Kind.TEXT, "fullname customername contactname personname customer client"),
    "organisation": Field(
        Kind.TEXT, f"{COMPANY_NAMES} organisationname associatedcompany organization1name"
    ),
    "email": Field(
        Kind.EMAIL,
        "emailaddress mail customeremail contactemail personemail personemailwork workemail"
        " email1value",
    ),
    "phone": Field(
        Kind.PHONE, "phonenumber telephone personphone contactphone phone1value mobile mobilephone"
    ),
    "website": Field(Kind.TEXT, "websiteurl homepage url companydomainname domain"),
    "country": Field(Kind.TEXT, "countryregion billingcountry"),
    "segment": Field(Kind.TEXT, "customersegment"),
    "lead_score": Field(Kind.INTEGER, "score hubspotscore"),
    "owner": Field(Kind.TEXT, f"{_OWNER} contactowner companyowner accountowner leadowner"),
    "source": Field(Kind.TEXT, "leadsource originalsource"),
    "lifecycle": Field(Kind.TEXT, "lifecyclestage"),
    "tags": Field(Kind.LIST, "labels label"),
}
#: The fields of deals that a column can be mapped to. `close_date` is what many systems have:
#: when an open deal is expected to close, and when a closed one was closed.
DEALS = {
    **_SHARED,
    "external_id": Field(Kind.TEXT, "recordid id dealid opportunityid"),
    "number": Field(Kind.TEXT, "ref"),
    "title": Field(
        Kind.TEXT, "dealname dealtitle opportunityname opportunitytitle name deal opportunity"
    ),
    "amount": Field(Kind.AMOUNT, "value dealvalue dealamount opportunityamount closevalue"),
    "currency": Field(Kind.CURRENCY, "currencycode currencyisocode dealcurrency"),
    "pipeline": Field(Kind.TEXT, "dealpipeline"),
    "stage": Field(Kind.TEXT, "dealstage stagename salesstage opportunitystage"),
    # Won, lost or open, where the stage of a closed deal is the one it was closed from.
    "outcome": Field(),
    "is_won": Field(Kind.TRUTH),
    "is_lost": Field(Kind.TRUTH),
    "is_closed": Field(Kind.TRUTH),
    "probability": Field(Kind.PROBABILITY, "dealprobability winprobability"),
    "forecast_category": Field(Kind.CATEGORY, "forecastcategoryname"),
    "expected_close": Field(Kind.DAY, "expectedclosedate estimatedclosedate"),
    "close_date": Field(Kind.TIME, "dealclosedate closingdate"),
    "closed_at": Field(Kind.TIME, "closeddate dateclosed closetime"),
    "stage_entered_at": Field(Kind.TIME, "stageentered dateenteredstage laststagechangedate"),
    # What crmctl writes beside these times, where it knows the day alone or assumed it.
    "closed_day": Field(Kind.DAY),
    "stage_entered_day": Field(Kind.DAY),
    "assumed": Field(Kind.LIST),
    "next_step": Field(Kind.TEXT, "nextaction"),
    "owner": Field(Kind.TEXT, f"{_OWNER} dealowner opportunityowner"),
    "customer": Field(
        Kind.TEXT, f"customername client {COMPANY_NAMES} associatedcompanyprimary associatedcompany"
    ),
    # The person at the customer, who is the customer where no company is named.
    "contact": Field(
        Kind.TEXT,
        "contactname primarycontact associatedcontact associatedcontactprimary personname",
    ),
    "contact_email": Field(
        Kind.EMAIL,
        "contactemail contactpersonemail personemail primarycontactemail"
        " associatedcontactemail contactemailaddress",
    ),
    "contact_external_id": Field(
        Kind.TEXT, "associatedcontactidsprimary associatedcontactids contactid personid"
    ),
    "customer_crmctl_id": Field(Kind.UUID),
    "customer_external_id": Field(
        Kind.TEXT, "accountid customerid companyid associatedcompanyidsprimary associatedcompanyids"
    ),
    "customer_email": Field(Kind.EMAIL),
    "customer_domain": Field(
        Kind.TEXT, "companydomain companydomainname accountdomain associatedcompanydomain domain"
    ),
    "source": Field(Kind.TEXT, "leadsource dealsource originalsource"),
    "lost_reason": Field(Kind.TEXT, "closedlostreason losereason lossreason reasonlost"),
    "tags": Field(Kind.LIST, "dealtags labels label"),
}
#: The fields of activities that a column can be mapped to.
ACTIVITIES = {
    **_SHARED,
    "external_id": Field(
        Kind.TEXT, "recordid id activityid callid taskid meetingid eventid noteid activitynumber"
    ),
    "number": Field(Kind.TEXT, "ref"),
    "kind": Field(Kind.TEXT, "type activitytype tasktype tasksubtype engagementtype"),
    "subject": Field(
        Kind.TEXT, "activitysubject title calltitle tasktitle notetitle meetingname summary"
    ),
    "body": Field(
        Kind.TEXT, "note notes callnotes tasknotes notebody notecontent description comments"
    ),
    "at": Field(
        Kind.TIME,
        "taskduedate duedate due dueto startdatetime startdate starttime callstarttime"
        " meetingstarttime meetingstart eventstart start activitydate date",
    ),
    "minutes": Field(Kind.TEXT, "duration callduration durationminutes"),
    "done": Field(Kind.TEXT, "status taskstatus completed isclosed isdone markedasdone"),
    "done_at": Field(Kind.TIME, "markedasdonetime completedat completiondate closedtime"),
    "deal": Field(Kind.TEXT, "dealname dealtitle opportunity opportunityname associateddeal"),
    "deal_crmctl_id": Field(Kind.UUID),
    "deal_external_id": Field(Kind.TEXT, "dealid opportunityid associateddealids whatid"),
    "customer": Field(
        Kind.TEXT,
        f"customername client {COMPANY_NAMES} associatedcompanyprimary associatedcompany"
        " contactname contactperson associatedcontactprimary associatedcontact",
    ),
    "customer_crmctl_id": Field(Kind.UUID),
    "customer_external_id": Field(
        Kind.TEXT,
        "accountid customerid companyid contactid associatedcompanyidsprimary"
        " associatedcompanyids associatedcontactidsprimary associatedcontactids",
    ),
    "customer_email": Field(Kind.EMAIL, "contactemail"),
    "customer_domain": Field(Kind.TEXT, "companydomain companydomainname accountdomain"),
    "owner": Field(
        Kind.TEXT, f"{_OWNER} assignedtouser activityassignedto activityowner taskowner"
    ),
}
#: The fields of a row of stage history: a deal entered a stage. In a log of changed fields,
#: `changed_field` says which rows are about the stage.
HISTORY = {
    "deal": Field(Kind.TEXT, "dealname dealtitle opportunity opportunityname title"),
    "deal_crmctl_id": Field(Kind.UUID),
    "deal_external_id": Field(Kind.TEXT, "dealid opportunityid recordid id hsobjectid"),
    "stage": Field(Kind.TEXT, "stagename dealstage newstage tostage newvalue newval to"),
    "entered_at": Field(
        Kind.TIME,
        "entered enteredon dateentered stagedate stageenteredat enteredstage changetime changedat"
        " changedate editdate timestamp time date createddate lastmodified lastmodifieddate"
        " modifieddate modifiedon modifiedtime",
    ),
    "actor": Field(
        Kind.TEXT, "who user username changedby movedby editedby lastmodifiedby createdby"
        " createdbyid changesource",
    ),
    "pipeline": Field(Kind.TEXT, "dealpipeline pipelinename"),
    "amount": Field(Kind.AMOUNT, "value dealvalue dealamount"),
    "currency": Field(Kind.CURRENCY, "currencycode currencyisocode"),
    "reason": Field(Kind.TEXT, "why changereason"),
    "status": Field(),
    # What crmctl writes beside the time, where it knows the day alone.
    "entered_day": Field(Kind.DAY),
    "changed_field": Field(Kind.TEXT, "field fieldname fieldkey changedfieldkey property"),
}  # fmt: skip
#: The fields that no column is given for a name that is merely close: those that rows are known by
#: or tied to others by, which a wrong guess would mix up, and `country`, one letter from a county.
EXACT = frozenset({
    "crmctl_id", "external_ids", "external_id", "number", "email", "name", "first_name",
    "last_name", "organisation", "title", "customer", "contact", "customer_crmctl_id",
    "customer_external_id", "customer_email", "customer_domain", "contact_email",
    "contact_external_id", "deal", "deal_crmctl_id",
    "deal_external_id", "owner_email", "franchise", "country", "outcome", "kind", "done",
    "done_at", "actor", "changed_field",
})  # fmt: skip
#: The fields that rows are known by; a file needs a column for one of them.
KNOWN_BY = frozenset({
    "crmctl_id", "external_ids", "external_id", "number", "email", "name", "first_name",
    "last_name", "title",
})  # fmt: skip
#: What the rows of a file are: records, or the stage history of deals.
Listed = Entity | ImportKind
FIELDS: Mapping[Listed, Mapping[str, Field]] = {
    Entity.CUSTOMER: CUSTOMERS,
    Entity.DEAL: DEALS,
    Entity.ACTIVITY: ACTIVITIES,
    ImportKind.HISTORY: HISTORY,
}


def own_export(header: Sequence[str]) -> bool:
    """Return whether `header` is that of an export of crmctl."""
    return set(header) >= OWN_COLUMNS
