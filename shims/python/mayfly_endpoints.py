"""Sends the clients of SDKs that are too old to know AWS_ENDPOINT_URL to the platform's doors, as newer ones do by themselves."""
import os
import sys


def configure(session, _=None):
    """session: the module botocore.session."""
    if hasattr(sys.modules.get("botocore.configprovider"), "ConfiguredEndpointProvider") or hasattr(session.Session, "mayfly_endpoint"):
        return
    create = session.Session.create_client

    def create_client(self, *arguments, **named):
        # The sixth is endpoint_url.
        if len(arguments) < 6 and not named.get("endpoint_url") and os.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() != "true":
            named["endpoint_url"] = os.environ.get("AWS_ENDPOINT_URL")
        return create(self, *arguments, **named)

    create_client.__doc__ = create.__doc__
    session.Session.create_client = create_client
    session.Session.mayfly_endpoint = True
