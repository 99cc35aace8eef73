"""What there is none of: partner event sources and global endpoints. What makes one is not served."""

SOURCE = "aws.partner/example.com/source"
ROUTES = {"FailoverConfig": {"Primary": {"HealthCheck": "arn:aws:route53:::healthcheck/1"}, "Secondary": {"Route": "eu-west-1"}}}


def show(walk):
    for operation, member, params in (
        ("ListEventSources", "EventSources", {}),
        ("ListPartnerEventSources", "PartnerEventSources", {"NamePrefix": "aws.partner/example.com/"}),
        ("ListEndpoints", "Endpoints", {}),
    ):
        walk.ok(operation, "none", {member: []}, **params)
    for operation, params in {
        "DescribeEventSource": {"Name": SOURCE},
        "DescribePartnerEventSource": {"Name": SOURCE},
        "ActivateEventSource": {"Name": SOURCE},
        "DeactivateEventSource": {"Name": SOURCE},
        "ListPartnerEventSourceAccounts": {"EventSourceName": SOURCE},
    }.items():
        walk.refused(operation, "ResourceNotFoundException", "there are no partner event sources", f"Event source {SOURCE} does not exist.", **params)
    for operation in ("DescribeEndpoint", "UpdateEndpoint", "DeleteEndpoint"):
        walk.refused(operation, "ResourceNotFoundException", "there are no global endpoints", "Endpoint e does not exist.", Name="e")
    walk.ok("DeletePartnerEventSource", "one that is gone already", Name=SOURCE, Account="111111111111")
    walk.ok("PutPartnerEvents", "each entry is refused", {"FailedEntryCount": 1, "Entries": lambda it: it[0]["ErrorCode"] == "NotAuthorizedForSourceException"}, Entries=[{"Source": SOURCE, "DetailType": "d", "Detail": "{}"}])
    walk.unserved("nobody here is a partner", "CreatePartnerEventSource", Name=SOURCE, Account="111111111111")
    walk.unserved("there is one region's worth of server", "CreateEndpoint", Name="e", RoutingConfig=ROUTES, EventBuses=[{"EventBusArn": "arn:aws:events:eu-west-1:000000000000:event-bus/a"}, {"EventBusArn": "arn:aws:events:us-east-1:000000000000:event-bus/a"}])
